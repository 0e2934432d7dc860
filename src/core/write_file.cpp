#include "core/write_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/file_descriptor.h"

namespace agentaudit {
namespace {

constexpr mode_t owner_alone = 0600;

int write_synced(const std::string& path, std::string_view text) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, owner_alone));
  if (!file.is_open() || ::fchmod(file.get(), owner_alone) != 0) return errno;
  if (const int error = write_all(file.get(), text); error != 0) return error;
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

int sync_directory(const std::filesystem::path& path) {
  const FileDescriptor directory(
      ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.is_open() && ::fsync(directory.get()) == 0 ? 0 : errno;
}

}  // namespace

int write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EAGAIN) {
      // Somebody else made the pipe non-blocking; wait for room as if it were not.
      pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
      if (::poll(&room, 1, -1) >= 0 || errno == EINTR) continue;
    }
    if (errno != EINTR) return errno;
  }
  return 0;
}

int replace_file(const std::filesystem::path& path, std::string_view text) {
  const std::string part = path.native() + ".part";
  int error = write_synced(part, text);
  if (error == 0 && ::rename(part.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return sync_directory(path.parent_path());
  ::unlink(part.c_str());  // on a full disk it is in the way
  return error;
}

}  // namespace agentaudit
