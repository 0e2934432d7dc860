// Timestamp: an instant as nanoseconds since 1970-01-01T00:00:00Z, and its
// RFC 3339 text (https://www.rfc-editor.org/rfc/rfc3339).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// A value type; safe to copy and share. Holds 1677-09-21T00:12:43.145224192Z to
// 2262-04-11T23:47:16.854775807Z. The default value, zero, means "not set".
class Timestamp {
 public:
  constexpr Timestamp() noexcept = default;
  constexpr explicit Timestamp(std::chrono::sys_time<std::chrono::nanoseconds> time) noexcept
      : ns_(time.time_since_epoch().count()) {}

  [[nodiscard]] static constexpr Timestamp from_ns(std::int64_t ns_since_epoch) noexcept {
    Timestamp timestamp;
    timestamp.ns_ = ns_since_epoch;
    return timestamp;
  }

  // The system clock's reading.
  [[nodiscard]] static Timestamp now() noexcept;

  // Reads RFC 3339: `2026-11-24T08:00:01.5+01:00`. Any offset, 0 to 9 decimals,
  // `T` and `Z` in either case, a space for `T`. A leap second (23:59:60 UTC) is
  // folded into the next second, as POSIX time does. Errors: parse (not of the
  // form, or no such date), invalid_argument (outside the range above).
  [[nodiscard]] static Result<Timestamp> parse(std::string_view text);

  // So long before; the earliest time there is, where that is earlier still.
  [[nodiscard]] constexpr Timestamp minus(std::chrono::nanoseconds duration) const noexcept {
    std::int64_t ns = 0;
    if (!__builtin_sub_overflow(ns_, duration.count(), &ns)) return from_ns(ns);
    return from_ns(duration.count() > 0 ? INT64_MIN : INT64_MAX);
  }

  [[nodiscard]] constexpr std::int64_t ns() const noexcept { return ns_; }
  [[nodiscard]] constexpr bool is_set() const noexcept { return ns_ != 0; }
  [[nodiscard]] constexpr std::chrono::sys_time<std::chrono::nanoseconds> time() const noexcept {
    return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(ns_));
  }

  // RFC 3339 in UTC with as many decimals as needed, none to 9:
  // `2026-11-24T07:00:01.5Z`.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  friend constexpr auto operator<=>(Timestamp, Timestamp) noexcept = default;

 private:
  std::int64_t ns_ = 0;
};

}  // namespace agentaudit
