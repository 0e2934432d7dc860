#include "cli/byte_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace agentaudit {
namespace {

// In a row, before the other direction has its turn.
constexpr int buffers_max = 16;

mode_t kind_of(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

bool may_pass() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

ByteStream::ByteStream(FileDescriptor from, FileDescriptor to, Observer observer)
    : from_(std::move(from)),
      to_(std::move(to)),
      observer_(std::move(observer)),
      to_socket_(kind_of(to_.get()) == S_IFSOCK),
      to_pipe_(kind_of(to_.get()) == S_IFIFO) {}

std::array<pollfd, 2> ByteStream::waits_for() const {
  // Without events poll still tells that the reader of a pipe has gone.
  const short writing = is_empty() ? short{0} : short{POLLOUT};
  return {{{.fd = is_empty() ? from_.get() : -1, .events = POLLIN, .revents = 0},
           {.fd = to_.get(), .events = writing, .revents = 0}}};
}

void ByteStream::pump(const std::array<pollfd, 2>& ready) {
  if (is_over()) return;
  if ((ready[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    close();
    return;
  }
  if (!is_empty() && !drain()) return;
  if (ready[0].revents == 0 && ready[1].revents == 0) return;
  for (int i = 0; i < buffers_max && fill() && drain(); ++i) {
  }
}

bool ByteStream::fill() {
  if (is_over()) return false;
  // It may block, and be another's too: only what poll has promised is read.
  pollfd waiting{.fd = from_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, 0) <= 0) return false;
  const ssize_t bytes = ::read(from_.get(), buffer_.data(), buffer_.size());
  if (bytes < 0 && may_pass()) return false;
  if (bytes <= 0) {
    close();
    return false;
  }
  begin_ = 0;
  end_ = static_cast<std::size_t>(bytes);
  return true;
}

bool ByteStream::drain() {
  const std::size_t first = begin_;
  bool broken = false;
  while (!is_empty()) {
    const ssize_t bytes = write_some({buffer_.data() + begin_, end_ - begin_});
    broken = bytes < 0 && !may_pass();
    if (bytes <= 0) break;
    begin_ += static_cast<std::size_t>(bytes);
  }
  if (begin_ > first) observer_({buffer_.data() + first, begin_ - first});
  if (broken) close();
  return is_empty();
}

ssize_t ByteStream::write_some(std::string_view bytes) const {
  if (to_socket_) {
    return ::send(to_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (to_pipe_ && (::fcntl(to_.get(), F_GETFL) & O_NONBLOCK) == 0) {
    // A pipe that poll finds writable takes this much without blocking.
    pollfd waiting{.fd = to_.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, 0) <= 0) {
      errno = EAGAIN;
      return -1;
    }
    bytes = bytes.substr(0, PIPE_BUF);
  }
  return ::write(to_.get(), bytes.data(), bytes.size());
}

void ByteStream::close() {
  from_ = FileDescriptor();
  to_ = FileDescriptor();
  begin_ = end_;
}

}  // namespace agentaudit
