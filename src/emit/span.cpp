#include "agentaudit/emit/span.h"

#include <array>
#include <exception>
#include <utility>

#include "agentaudit/core/names.h"
#include "core/hex.h"
#include "core/random_bytes.h"

namespace agentaudit {
namespace {

// Random lower-case hex; W3C trace context forbids all zeros, which is also what a
// kernel without random bytes would leave.
std::string random_id(std::size_t id_bytes) {
  std::array<char, 16> bytes{};
  const std::span<char> id(bytes.data(), id_bytes);
  if (!random_bytes(id) ||
      to_hex({id.data(), id.size()}).find_first_not_of('0') == std::string::npos) {
    id.back() = 1;
  }
  return to_hex({id.data(), id.size()});
}

}  // namespace

Span::Span(Emitter& emitter, Event intent)
    : emitter_(emitter),
      event_(std::move(intent)),
      started_(std::chrono::steady_clock::now()),
      exceptions_at_start_(std::uncaught_exceptions()) {
  constexpr std::size_t trace_id_bytes = 16;
  constexpr std::size_t span_id_bytes = 8;
  if (event_.trace_id.empty()) event_.trace_id = random_id(trace_id_bytes);
  if (event_.span_id.empty()) event_.span_id = random_id(span_id_bytes);
  event_.status = status::pending;
  emitter_.emit(event_);
}

Span::~Span() { end(); }

void Span::end() noexcept {
  if (ended_) return;
  ended_ = true;
  EventView effect(event_);
  const bool unwinding = std::uncaught_exceptions() > exceptions_at_start_;
  effect.timestamp = {};
  effect.status = !status_.empty() ? std::string_view(status_)
                  : unwinding      ? status::error
                                   : status::ok;
  effect.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started_);
  emitter_.emit(effect);
}

}  // namespace agentaudit
