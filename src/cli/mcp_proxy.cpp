#include "cli/mcp_proxy.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>

namespace agentaudit {
namespace {

constexpr int signalled = 128;  // as shells do
constexpr std::array passed = {SIGINT, SIGTERM, SIGHUP};

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}  // namespace

PassedSignals::PassedSignals() {
  // Who ignores it never learns of the end of a child.
  static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  for (const int signal : passed) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &old_mask_);
  descriptor_ = FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

PassedSignals::~PassedSignals() { pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr); }

McpProxy::McpProxy(McpServerProcess server, McpProxyOptions options)
    : server_(std::move(server)),
      to_server_(std::move(options.client_input), server_.take_input(),
                 [observer = options.observer](std::string_view bytes) {
                   observer(McpSender::client, bytes);
                 }),
      to_client_(server_.take_output(), std::move(options.client_output),
                 [observer = options.observer](std::string_view bytes) {
                   observer(McpSender::server, bytes);
                 }) {}

McpProxyEnd McpProxy::run(const PassedSignals& signals) {
  while (true) {
    const auto ended = server_.wait_status();
    if (ended && to_client_.is_over()) return end_of(*ended);
    const auto to_server = to_server_.waits_for();
    const auto to_client = to_client_.waits_for();
    std::array<pollfd, 5> waiting = {
        {to_server[0],
         to_server[1],
         to_client[0],
         to_client[1],
         {.fd = signals.descriptor(), .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    // What was said before a signal came goes before it.
    to_server_.pump({waiting[0], waiting[1]});
    to_client_.pump({waiting[2], waiting[3]});
    if (waiting[4].revents == 0) continue;
    // Another process still holds the output, and the client wants an end.
    if (take_signals(signals.descriptor()) && ended) return end_of(*ended);
  }
}

bool McpProxy::take_signals(int descriptor) {
  bool any = false;
  signalfd_siginfo signal{};
  while (::read(descriptor, &signal, sizeof signal) == sizeof signal) {
    const int number = static_cast<int>(signal.ssi_signo);
    if (number == SIGCHLD) continue;
    any = true;
    sent_.insert(number);
    // The terminal sends its own to the server as well.
    if (signal.ssi_code != SI_KERNEL) server_.send(number);
  }
  return any;
}

McpProxyEnd McpProxy::end_of(int wait_status) const {
  McpProxyEnd end;
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    end.exit_status = signalled + signal;
    end.server.signal = signal_name(signal);
    end.server.signal_passed_on = sent_.contains(signal);
  } else {
    end.exit_status = WEXITSTATUS(wait_status);
    end.server.exit_status = end.exit_status;
    end.server.signal_passed_on = sent_.contains(end.exit_status - signalled);
  }
  return end;
}

}  // namespace agentaudit
