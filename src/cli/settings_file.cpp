#include "cli/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "agentaudit/core/limits.h"
#include "core/file_descriptor.h"
#include "core/write_file.h"

namespace agentaudit {
namespace {

tl::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path, int error) {
  return fail(ErrorCode::io,
              "cannot " + std::string(what) + ' ' + path.native() + ": " + std::strerror(error));
}

Result<std::string> read_all(const FileDescriptor& file, const std::filesystem::path& path) {
  std::string text;
  std::array<char, 64U << 10U> buffer;
  while (true) {
    const ssize_t bytes = ::read(file.get(), buffer.data(), buffer.size());
    if (bytes == 0) return text;
    if (bytes < 0) return failed("read", path, errno);
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
    if (text.size() > limits::line_bytes_max) {
      return fail(ErrorCode::too_large, path.native() + " is over 16 MiB");
    }
  }
}

// `20261124T080000Z`
std::string compact_time(Timestamp now) {
  std::string out;
  for (const char c : now.to_string().substr(0, std::strlen("2026-11-24T08:00:00"))) {
    if (c != '-' && c != ':') out += c;
  }
  return out + 'Z';
}

}  // namespace

Result<SettingsFile> SettingsFile::read(std::filesystem::path path) {
  SettingsFile settings;
  std::error_code error;
  if (std::filesystem::is_symlink(path, error)) {
    auto target = std::filesystem::canonical(path, error);
    if (error) return failed("follow the link", path, error.value());
    path = std::move(target);
  }
  settings.path_ = std::move(path);
  const FileDescriptor file(::open(settings.path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return settings;
    return failed("read", settings.path_, errno);
  }
  auto text = read_all(file, settings.path_);
  if (!text) return fail(std::move(text.error()));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed("read", settings.path_, errno);
  settings.text_ = std::move(*text);
  settings.exists_ = true;
  settings.mode_ = status.st_mode & 07777U;
  settings.owner_ = status.st_uid;
  settings.group_ = status.st_gid;
  return settings;
}

Result<std::filesystem::path> SettingsFile::back_up(Timestamp now) const {
  constexpr int copies_a_second_max = 100;
  const std::string name = path_.native() + ".agentaudit-backup-" + compact_time(now);
  for (int i = 0; i < copies_a_second_max; ++i) {
    std::filesystem::path copy = i == 0 ? name : name + '-' + std::to_string(i);
    const FileDescriptor file(::open(copy.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open() && errno == EEXIST) continue;
    int error = file.is_open() ? write_all(file.get(), text_) : errno;
    if (error == 0 && (::fchmod(file.get(), mode_) != 0 || ::fsync(file.get()) != 0)) error = errno;
    if (error == 0) return copy;
    if (file.is_open()) (void)::unlink(copy.c_str());
    return failed("write the backup", copy, error);
  }
  return failed("write the backup", name, EEXIST);
}

Result<std::filesystem::path> SettingsFile::replace(std::string_view text, Timestamp now) const {
  std::error_code ignored;
  const std::filesystem::path directory = path_.parent_path();
  std::filesystem::create_directories(directory, ignored);
  const auto current = read(path_);
  if (!current) return fail(current.error());
  if (current->exists_ != exists_ || current->text_ != text_) {
    return fail(ErrorCode::busy, path_.native() + " was changed meanwhile; try again");
  }
  std::string part = path_.native() + ".agentaudit-XXXXXX";
  const FileDescriptor file(::mkostemp(part.data(), O_CLOEXEC));
  if (!file.is_open()) return failed("write", path_, errno);
  int error = write_all(file.get(), text);
  struct stat status{};
  if (error == 0 && ::fstat(file.get(), &status) != 0) error = errno;
  const bool other_owner = status.st_uid != owner_ || status.st_gid != group_;
  if (error == 0 && exists_ && other_owner && ::fchown(file.get(), owner_, group_) != 0) {
    error = errno;
  }
  if (error == 0 && ::fchmod(file.get(), mode_) != 0) error = errno;
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  Result<std::filesystem::path> copy;
  if (error == 0 && exists_) copy = back_up(now);
  if (error == 0 && copy && ::rename(part.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0 || !copy) (void)::unlink(part.c_str());
  if (error != 0) return failed("write", path_, error);
  const FileDescriptor names(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (names.is_open()) (void)::fsync(names.get());
  return copy;
}

}  // namespace agentaudit
