#include "cli/spool_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "core/write_file.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

constexpr std::size_t blank_bytes = 64U << 10U;
constexpr std::size_t read_bytes = 256U << 10U;
constexpr int open_tries_max = 100;

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

// Opens the file of that name and takes its lock; whoever renamed or removed it in
// between makes us start again, which after so many tries cannot be chance.
Result<FileDescriptor> open_locked(const std::filesystem::path& path, int flags, int lock) {
  for (int i = 0; i < open_tries_max; ++i) {
    FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return fail(system_error(errno, path.native()));
    if (::flock(file.get(), lock) != 0) {
      if (errno == EINTR) continue;
      return fail(system_error(errno, path.native()));
    }
    if (is_same_file(file.get(), path)) return file;
  }
  return fail(ErrorCode::busy, path.native() + " is replaced again and again");
}

// A line that a crash cut short must not swallow the next one.
bool ends_within_line(int descriptor, off_t bytes) {
  char last = '\n';
  return bytes > 0 && ::pread(descriptor, &last, 1, bytes - 1) == 1 && last != '\n';
}

// Makes a name in the directory durable; where that fails the file's bytes are still
// as safe as they can be.
void sync_directory(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const FileDescriptor directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open()) (void)::fsync(directory.get());
}

}  // namespace

Result<void> SpoolFile::append(std::string_view line) const {
  auto file = open_locked(path_, O_RDWR | O_CREAT | O_APPEND, LOCK_EX);
  if (!file) return fail(std::move(file.error()));
  struct stat before{};
  if (::fstat(file->get(), &before) != 0) return fail(system_error(errno, path_.native()));
  if (before.st_size >= bytes_max) {
    return fail(ErrorCode::full, path_.native() + " holds all that it may; see agentaudit doctor");
  }
  std::string bytes;
  if (ends_within_line(file->get(), before.st_size)) bytes += '\n';
  bytes += line;
  bytes += '\n';
  if (const int error = write_all(file->get(), bytes); error != 0) {
    // Half a line helps nobody.
    (void)::ftruncate(file->get(), before.st_size);
    return fail(system_error(error, path_.native()));
  }
  if (::fsync(file->get()) != 0) return fail(system_error(errno, path_.native()));
  if (before.st_size == 0) sync_directory(path_);
  return {};
}

FileDescriptor SpoolFile::take() const {
  if (auto left = open_locked(importing_, O_RDWR, LOCK_EX | LOCK_NB); left) {
    return std::move(*left);
  }
  auto file = open_locked(path_, O_RDWR, LOCK_EX | LOCK_NB);
  if (!file) return {};
  // Refused where another process is importing at this moment.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, importing_.c_str(), RENAME_NOREPLACE) != 0) {
    return {};
  }
  return std::move(*file);
}

Result<void> SpoolFile::blank_out(const FileDescriptor& taken, std::int64_t first,
                                  std::int64_t end) const {
  const std::string blanks(blank_bytes, '\n');
  while (first < end) {
    const auto bytes = static_cast<std::size_t>(
        std::min<std::int64_t>(end - first, static_cast<std::int64_t>(blanks.size())));
    const ssize_t written = ::pwrite(taken.get(), blanks.data(), bytes, first);
    if (written < 0 && errno != EINTR) return fail(system_error(errno, importing_.native()));
    if (written > 0) first += written;
  }
  if (::fdatasync(taken.get()) != 0) return fail(system_error(errno, importing_.native()));
  return {};
}

void SpoolFile::remove_taken() const {
  (void)::unlink(importing_.c_str());
  sync_directory(importing_);
}

std::int64_t SpoolFile::waiting_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& path : {path_, importing_}) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) bytes += status.st_size;
  }
  return bytes;
}

Result<std::optional<SpoolLines::Line>> SpoolLines::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n');
    const bool is_whole = end != std::string::npos;
    if (!is_whole && !ended_ && buffer_.size() <= line_bytes_max_) {
      if (auto more = read_more(); !more) return fail(more.error());
      continue;
    }
    if (buffer_.empty()) return std::nullopt;
    const std::size_t bytes = is_whole ? end + 1 : buffer_.size();
    Line line{.text = buffer_.substr(0, end),
              .first_bytes = at_,
              .end_bytes = at_ + static_cast<std::int64_t>(bytes),
              .is_whole = is_whole};
    buffer_.erase(0, bytes);
    at_ = line.end_bytes;
    if (!line.text.empty()) return line;
  }
}

Result<void> SpoolLines::read_more() {
  const std::size_t had = buffer_.size();
  buffer_.resize(had + read_bytes);
  const ssize_t got = ::pread(file_, buffer_.data() + had, read_bytes,
                              static_cast<off_t>(at_) + static_cast<off_t>(had));
  buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && errno != EINTR) return fail(system_error(errno, path_.native()));
  ended_ = got == 0;
  return {};
}

}  // namespace agentaudit
