#include "store/file_lock.h"

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/system_error.h"

namespace agentaudit {

namespace {

// Gives a lock file that was just made the mode and the owner of the file that it
// protects, so that whoever may write the one may take the other.
void mirror_access(int descriptor, const std::filesystem::path& protected_file) {
  struct stat status {};
  if (stat(protected_file.c_str(), &status) != 0) return;
  // Both may be refused: then only this user takes the lock, and others are told.
  (void)!fchmod(descriptor, status.st_mode & 0777U);
  if (geteuid() == 0) (void)!fchown(descriptor, status.st_uid, status.st_gid);
}

}  // namespace

Result<FileLock> FileLock::open(const std::filesystem::path& protected_file) {
  std::filesystem::path path = protected_file;
  path += ".lock";
  constexpr int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  int descriptor = ::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600);
  if (descriptor >= 0) {
    mirror_access(descriptor, protected_file);
  } else if (errno == EEXIST) {
    descriptor = ::open(path.c_str(), flags);
  }
  if (descriptor < 0) return fail(system_error(errno, path.native()));
  return FileLock(descriptor, std::move(path));
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileLock::Hold> FileLock::hold(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  // flock has no timeout of its own. The holder is a commit away from letting go, so
  // the first rests are short.
  constexpr auto rest_max = std::chrono::microseconds(1'000);
  auto rest = std::chrono::microseconds(50);
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return fail(system_error(errno, path_.native()));
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::busy, path_.native() + " has been held by another process for " +
                                       std::to_string(timeout.count()) + " ms; try again");
    }
    std::this_thread::sleep_for(rest);
    rest = std::min(rest * 2, rest_max);
  }
  return Hold(this);
}

void FileLock::unlock() noexcept { flock(descriptor_, LOCK_UN); }

}  // namespace agentaudit
