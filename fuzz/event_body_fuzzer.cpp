// Any bytes as the body of a request with events: as it is, and as what a client packed.
#include "server/event_body.h"

#include "agentaudit/core/limits.h"
#include "core/gzip.h"
#include "fuzz_check.h"

namespace agentaudit {
namespace {

void check_body(std::string_view bytes, EventBodyFormat format) {
  const auto body = read_event_body(bytes, format, nullptr);
  if (!body) {
    const ErrorCode code = body.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::invalid_argument ||
              code == ErrorCode::too_large,
          "documented errors");
    check(!body.error().message.empty(), "an error says what is wrong");
    return;
  }
  const std::size_t events = body->events.size() + body->refused;
  check(events > 0 && events <= limits::batch_events_max, "a body has events, up to the limit");
  check(body->errors.size() <= body->refused && (body->refused == 0) == body->errors.empty(),
        "what is refused is told, and nothing else");
  for (const Event& event : body->events) {
    check(size_bytes(event) <= limits::event_bytes_max, "an event is cut to its limit");
  }
}

void check_gzip(std::string_view bytes) {
  constexpr std::size_t bytes_max = 64U << 10U;
  const auto unpacked = gunzip(bytes, bytes_max);
  if (!unpacked) {
    const ErrorCode code = unpacked.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large, "documented errors");
    return;
  }
  check(is_gzip(bytes), "what is unpacked starts as gzip does");
  check(unpacked->size() <= bytes_max, "what is unpacked keeps the limit");
  check_body(*unpacked, EventBodyFormat::json_lines);
}

void check_packed(std::string_view bytes) {
  const auto unpacked = gunzip(gzip(bytes), bytes.size());
  check(unpacked && *unpacked == bytes, "what is packed comes back");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes = text_of(data, size);
  check_body(bytes, EventBodyFormat::json);
  check_body(bytes, EventBodyFormat::json_lines);
  check_gzip(bytes);
  check_packed(bytes);
  return 0;
}
