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
  struct stat status{};
  if (stat(protected_file.c_str(), &status) != 0) return;
  // Both may be refused: then only this user takes the lock, and others are told.
  (void)!fchmod(descriptor, status.st_mode & 0777U);
  if (geteuid() == 0) (void)!fchown(descriptor, status.st_uid, status.st_gid);
}

// A lock on the first byte, which is apart from flock's on the file. Of the open file,
// not of the process (F_OFD), so that two stores of one process queue up too.
int set_queue_lock(int descriptor, short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  return fcntl(descriptor, F_OFD_SETLK, &lock);
}

// Tries until it succeeds; the error is its errno. Neither lock has a timeout of its own.
// The holder is a commit away from letting go, so the first rests are short.
template <typename Try>
tl::expected<void, int> try_until(std::chrono::steady_clock::time_point deadline,
                                  const std::stop_token& stop, Try try_lock) {
  constexpr auto rest_max = std::chrono::microseconds(1'000);
  auto rest = std::chrono::microseconds(50);
  while (try_lock() != 0) {
    const int error = errno;
    if (error == EINTR) continue;
    if (error != EWOULDBLOCK && error != EACCES) return tl::unexpected(error);
    if (std::chrono::steady_clock::now() >= deadline) return tl::unexpected(EWOULDBLOCK);
    if (stop.stop_requested()) return tl::unexpected(ECANCELED);
    std::this_thread::sleep_for(rest);
    rest = std::min(rest * 2, rest_max);
  }
  return {};
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

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileLock::Hold> FileLock::hold(std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  // Who waits stands in the queue and lets nobody in before: a process that writes
  // without a pause would otherwise take the lock again within the rest of the others.
  const int descriptor = descriptor_;
  auto queued =
      try_until(deadline, stop, [descriptor] { return set_queue_lock(descriptor, F_WRLCK); });
  if (queued) {
    queued =
        try_until(deadline, stop, [descriptor] { return flock(descriptor, LOCK_EX | LOCK_NB); });
    (void)set_queue_lock(descriptor, F_UNLCK);
  }
  if (queued) return Hold(this);
  if (queued.error() == ECANCELED) return fail(ErrorCode::cancelled, "the lock did not come");
  if (queued.error() != EWOULDBLOCK) return fail(system_error(queued.error(), path_.native()));
  return fail(ErrorCode::busy, path_.native() + " has been held by another process for " +
                                   std::to_string(timeout.count()) + " ms; try again");
}

void FileLock::unlock() noexcept { flock(descriptor_, LOCK_UN); }

}  // namespace agentaudit
