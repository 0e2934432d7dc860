#include "cli/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace agentaudit {
namespace {

Error read_error(std::string_view name) {
  return {.code = ErrorCode::io,
          .message = "cannot read " + std::string(name) + ": " + std::strerror(errno)};
}

// How long a followed file that does not seem to change is left alone. The watch wakes
// earlier; this is for file systems that do not tell of changes.
constexpr std::chrono::milliseconds idle_look{5'000};

}  // namespace

bool DescriptorInput::is_ready() {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) > 0;
}

bool DescriptorInput::wait_ready(std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> waiting = {{{.fd = interrupt_, .events = POLLIN, .revents = 0},
                                    {.fd = descriptor_, .events = POLLIN, .revents = 0}}};
  return ::poll(waiting.data(), waiting.size(), static_cast<int>(timeout.count())) > 0;
}

Result<InputChunk> DescriptorInput::read() {
  while (true) {
    std::array<pollfd, 2> waiting = {{{.fd = interrupt_, .events = POLLIN, .revents = 0},
                                      {.fd = descriptor_, .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return fail(read_error("the input"));
    }
    if (waiting[0].revents != 0) return InputChunk{.bytes = {}, .ended = true};
    const ssize_t bytes = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes < 0) return fail(read_error("the input"));
    return InputChunk{.bytes = {buffer_.data(), static_cast<std::size_t>(bytes)},
                      .ended = bytes == 0};
  }
}

FollowedFile::FollowedFile(std::filesystem::path path, int interrupt)
    : path_(std::move(path)), interrupt_(interrupt), watch_(path_) {
  (void)open_current();
}

bool FollowedFile::open_current() {
  FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return false;
  file_ = std::move(file);
  offset_ = 0;
  return true;
}

bool FollowedFile::look() {
  if (!file_.is_open() && !open_current()) return false;
  struct stat opened{};
  if (::fstat(file_.get(), &opened) != 0) return false;
  if (opened.st_size > offset_) return true;
  if (opened.st_size < offset_) {
    offset_ = 0;
    starts_anew_ = true;
    return opened.st_size > 0;
  }
  struct stat named{};
  const bool replaced = ::stat(path_.c_str(), &named) == 0 &&
                        (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev);
  if (!replaced || !open_current()) return false;
  starts_anew_ = true;
  return named.st_size > 0;
}

bool FollowedFile::is_ready() {
  pollfd interrupted{.fd = interrupt_, .events = POLLIN, .revents = 0};
  return look() || ::poll(&interrupted, 1, 0) > 0;
}

bool FollowedFile::wait_ready(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!is_ready()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    (void)watch_.wait(interrupt_, left);
  }
  return true;
}

Result<InputChunk> FollowedFile::read() {
  pollfd interrupted{.fd = interrupt_, .events = POLLIN, .revents = 0};
  while (::poll(&interrupted, 1, 0) <= 0) {
    if (!look()) {
      (void)watch_.wait(interrupt_, idle_look);
      continue;
    }
    const ssize_t bytes = ::pread(file_.get(), buffer_.data(), buffer_.size(), offset_);
    if (bytes < 0 && errno != EINTR && errno != EAGAIN) return fail(read_error(path_.native()));
    if (bytes <= 0) continue;
    offset_ += bytes;
    return InputChunk{.bytes = {buffer_.data(), static_cast<std::size_t>(bytes)},
                      .starts_anew = std::exchange(starts_anew_, false)};
  }
  return InputChunk{.bytes = {}, .ended = true};
}

}  // namespace agentaudit
