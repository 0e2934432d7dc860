#include "cli/time_expression.h"

#include <charconv>
#include <optional>
#include <string>

namespace agentaudit {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;

constexpr std::size_t shown_bytes_max = 64;

std::optional<nanoseconds> unit_of(std::string_view name) {
  using namespace std::chrono_literals;
  if (name == "s") return 1s;
  if (name == "m") return 1min;
  if (name == "h") return 1h;
  if (name == "d") return days(1);
  if (name == "w") return days(7);
  return std::nullopt;
}

bool starts_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// True: of the form 2026-11-24, whatever the numbers are.
bool is_date(std::string_view text) {
  constexpr std::string_view form = "0000-00-00";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == '0' ? starts_with_digit(text.substr(i)) : text[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

constexpr nanoseconds day = days(1);

// As far as times reach.
TimeSpan day_from(Timestamp midnight) { return {midnight, midnight.minus(nanoseconds(1) - day)}; }

Timestamp midnight_before(Timestamp now, days back) {
  const nanoseconds since_epoch(now.ns());
  const nanoseconds since_midnight = (since_epoch % day + day) % day;
  return now.minus(since_midnight + back);
}

Result<TimeSpan> parse_date(std::string_view text) {
  auto midnight = Timestamp::parse(std::string(text) + "T00:00:00Z");
  if (!midnight) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is not a date between 1677-09-22 and 2262-04-10");
  }
  return day_from(*midnight);
}

}  // namespace

Result<nanoseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = unit_of(text.substr(static_cast<std::size_t>(stop - text.data())));
  std::int64_t ns = 0;
  if (error != std::errc() || number < 0 || !unit ||
      __builtin_mul_overflow(number, unit->count(), &ns)) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text.substr(0, shown_bytes_max)) +
                    "\" is not a duration such as 30s, 15m, 2h, 90d or 1w");
  }
  return nanoseconds(ns);
}

Result<TimeSpan> parse_time_expression(std::string_view text, Timestamp now) {
  if (text == "now") return TimeSpan{now, now};
  if (text == "today") return day_from(midnight_before(now, days(0)));
  if (text == "yesterday") return day_from(midnight_before(now, days(1)));
  if (is_date(text)) return parse_date(text);
  if (const auto duration = parse_duration(text); duration) {
    const Timestamp then = now.minus(*duration);
    return TimeSpan{then, then};
  }
  auto instant = Timestamp::parse(text);
  if (instant) return TimeSpan{*instant, *instant};
  if (instant.error().code == ErrorCode::invalid_argument) return fail(instant.error());
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text.substr(0, shown_bytes_max)) +
                  "\" is not a time; write 2h, 15m, 7d, now, today, yesterday, 2026-11-24 or "
                  "2026-11-24T08:00:00Z");
}

}  // namespace agentaudit
