// An exclusive lock between processes: flock(2) on a file of its own, with a queue.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <utility>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Not thread-safe: the caller's own mutex orders the threads of one process. The
// kernel releases the lock when the process ends, however it ends, unless a child of
// fork that never called exec still has the file open.
class FileLock {
 public:
  // Opens `<protected_file>.lock`, creating it with the mode of the file that it
  // protects.
  // Errors: permission, read_only, not_found, full, io.
  [[nodiscard]] static Result<FileLock> open(const std::filesystem::path& protected_file);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  // Unlocks at its end. The lock must outlive it and stay where it is.
  struct Unlock {
    void operator()(FileLock* lock) const noexcept { lock->unlock(); }
  };
  using Hold = std::unique_ptr<FileLock, Unlock>;

  // Waits for the lock at most that long. Errors: busy, cancelled, io.
  [[nodiscard]] Result<Hold> hold(std::chrono::milliseconds timeout,
                                  const std::stop_token& stop = {});

 private:
  FileLock(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}
  void unlock() noexcept;

  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace agentaudit
