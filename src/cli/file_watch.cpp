#include "cli/file_watch.h"

#include <poll.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace agentaudit {

FileWatch::FileWatch(const std::filesystem::path& path) : name_(path.filename().native()) {
  FileDescriptor inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.is_open()) return;
  const std::filesystem::path parent = path.parent_path();
  const char* const directory = parent.empty() ? "." : parent.c_str();
  const std::uint32_t events = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE;
  if (::inotify_add_watch(inotify.get(), directory, events) < 0) return;
  inotify_ = std::move(inotify);
}

bool FileWatch::take_changes() {
  bool changed = false;
  alignas(inotify_event) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t bytes = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (bytes <= 0) return changed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(bytes);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name(event.len > 0 ? buffer.data() + at + sizeof event : "");
      // An overflow says that anything may have changed.
      changed = changed || name.starts_with(name_) || (event.mask & IN_Q_OVERFLOW) != 0;
      at += sizeof event + event.len;
    }
  }
}

bool FileWatch::wait(int interrupt, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() < 0) return false;
    // poll passes over descriptors that are negative.
    std::array<pollfd, 2> waiting = {{{.fd = interrupt, .events = POLLIN, .revents = 0},
                                      {.fd = inotify_.get(), .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (waiting[0].revents != 0) return false;
    if (ready == 0) return !inotify_.is_open();
    if (ready > 0 && take_changes()) return true;
  }
}

}  // namespace agentaudit
