#include "cli/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/exit_status.h"

namespace agentaudit {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void mark(int event_fd) {
  const std::uint64_t one = 1;
  // Can only fail where the counter is full, which is marked too.
  [[maybe_unused]] const ssize_t written = ::write(event_fd, &one, sizeof one);
}

}  // namespace

Interrupt::Interrupt() : requested_(::eventfd(0, EFD_CLOEXEC)), end_(::eventfd(0, EFD_CLOEXEC)) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, &old_mask_);
  signals_ = FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (signals_.is_open() && requested_.is_open() && end_.is_open()) {
    thread_ = std::thread([this] { wait_for_signals(); });
  } else {
    // Without them a signal ends the process as it always did; what is durable stays.
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  }
}

Interrupt::~Interrupt() {
  if (thread_.joinable()) {
    mark(end_.get());
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  }
}

void Interrupt::wait_for_signals() {
  while (true) {
    std::array<pollfd, 2> waiting = {{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                      {.fd = end_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (waiting[0].revents == 0 || ::read(signals_.get(), &signal, sizeof signal) <= 0) continue;
    if (stop_.stop_requested()) ::_exit(static_cast<int>(ExitStatus::interrupted));
    stop_.request_stop();
    mark(requested_.get());
  }
}

}  // namespace agentaudit
