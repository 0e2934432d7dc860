#include "cli/retry.h"

#include <poll.h>

#include <algorithm>

#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds rest_min{10};
constexpr std::chrono::milliseconds rest_max{1'000};

}  // namespace

bool Retry::should_try_again(const Error& error) {
  if (!is_transient(error.code)) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!waiting_) {
    waiting_ = true;
    give_up_ = now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience_);
    rest_ = rest_min;
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(patience_);
    if (patience.count() > 0) {
      context_.talk.complain(error.message + "; trying again for " + duration_text(patience));
    }
  }
  if (now >= give_up_) return false;
  pollfd interrupted{.fd = interrupt_, .events = POLLIN, .revents = 0};
  if (::poll(&interrupted, 1, static_cast<int>(rest_.count())) > 0) return false;
  rest_ = std::min(rest_ * 2, rest_max);
  return true;
}

void Retry::succeeded() {
  if (waiting_) context_.talk.complain("the trail takes events again");
  waiting_ = false;
}

}  // namespace agentaudit
