#include "server/event_keys.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/sha256.h"
#include "core/trail_id.h"

namespace agentaudit {
namespace {

constexpr std::size_t origin_key_bytes = 16;

bool is_idempotency_key(std::string_view key) {
  constexpr std::size_t bytes_max = 255;
  return !key.empty() && key.size() <= bytes_max &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string origin_key(std::string_view kind, std::string_view source_digest,
                       const std::string& number, std::string_view of) {
  Sha256 hasher;
  hasher.update(kind);
  hasher.update("\n");
  hasher.update(source_digest);
  hasher.update(number);
  hasher.update("\n");
  hasher.update(of);
  const auto digest = hasher.digest();
  return std::string(view_of(digest).substr(0, origin_key_bytes));
}

}  // namespace

Result<EventKeys> EventKeys::of(const HttpRequest& request, std::string_view source) {
  const auto key = request.header("Idempotency-Key");
  const auto trail = request.header("Agentaudit-Trail");
  if (key && !is_idempotency_key(*key)) {
    return fail(ErrorCode::invalid_argument,
                "Idempotency-Key: 1 to 255 printable ASCII characters");
  }
  if (trail) {
    if (auto checked = check_trail_id(*trail); !checked) {
      return fail(checked.error().code, "Agentaudit-Trail: " + checked.error().message);
    }
  }
  if (key && trail) {
    return fail(ErrorCode::invalid_argument,
                "Idempotency-Key and Agentaudit-Trail both name the events; send one of them");
  }
  EventKeys keys;
  keys.source_digest_ = sha256_hex(source);
  keys.key_ = key.value_or("");
  keys.trail_id_ = trail.value_or("");
  return keys;
}

Result<std::vector<std::string>> EventKeys::of_events(std::span<const Event> events) const {
  std::vector<std::string> keys(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!key_.empty()) {
      keys[i] = origin_key("agentaudit/idempotency-key", source_digest_, std::to_string(i), key_);
    } else if (!trail_id_.empty() && events[i].id > 0) {
      keys[i] = origin_key("agentaudit/shipped-event", source_digest_, std::to_string(events[i].id),
                           trail_id_);
    } else if (!trail_id_.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "event " + std::to_string(i + 1) +
                      ": no id; an event of another trail comes with the id that it has there");
    }
  }
  return keys;
}

}  // namespace agentaudit
