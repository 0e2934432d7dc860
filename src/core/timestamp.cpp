#include "agentaudit/core/timestamp.h"

#include <optional>

namespace agentaudit {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::string_view range_text =
    "1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z";

// Takes `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take_any(std::string_view& text, std::string_view accepted) {
  if (text.empty() || accepted.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The fraction after the seconds in ns: "" or ".5" … ".123456789".
std::optional<int> take_fraction_ns(std::string_view& text) {
  if (!take_any(text, ".")) return 0;
  int value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 9) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

// "Z" or "+hh:mm" in seconds east of UTC.
std::optional<int> take_offset_seconds(std::string_view& text) {
  if (take_any(text, "Zz")) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take_any(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take_any(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int seconds = (*hours * 60 + *minutes) * 60;
  return west ? -seconds : seconds;
}

struct Fields {
  std::int64_t seconds = 0;  // since the epoch, UTC
  int fraction_ns = 0;
};

// Everything but the range check of the result.
std::optional<Fields> parse_fields(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take_any(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take_any(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take_any(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take_any(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take_any(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  const auto fraction_ns = take_fraction_ns(text);
  if (!fraction_ns) return std::nullopt;
  const auto offset_seconds = take_offset_seconds(text);
  if (!offset_seconds || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  constexpr std::int64_t day_seconds = 86'400;
  const int second_of_day = (*hour * 60 + *minute) * 60;
  const std::int64_t minute_start = days * day_seconds + second_of_day - *offset_seconds;
  // A leap second exists only at the end of a UTC day.
  const std::int64_t minute_of_day = ((minute_start % day_seconds) + day_seconds) % day_seconds;
  if (*second == 60 && minute_of_day != day_seconds - 60) return std::nullopt;
  return Fields{.seconds = minute_start + *second, .fraction_ns = *fraction_ns};
}

void append_padded(std::string& out, std::int64_t value, int digits) {
  char text[20];
  for (int i = digits - 1; i >= 0; --i) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text, static_cast<std::size_t>(digits));
}

}  // namespace

Timestamp Timestamp::now() noexcept {
  return Timestamp(
      std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()));
}

Result<Timestamp> Timestamp::parse(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 64;
  const auto shown = [&] { return std::string(text.substr(0, shown_bytes_max)); };
  const auto fields = parse_fields(text);
  if (!fields) {
    return fail(ErrorCode::parse, "\"" + shown() +
                                      "\" is not an RFC 3339 time such as "
                                      "2026-11-24T08:00:00Z or 2026-11-24T09:00:00.5+01:00");
  }
  // Counted from the second nearer to the epoch, so that the earliest representable
  // instant, which lies within a second, does not overflow on the way.
  const bool before_epoch = fields->seconds < 0;
  const std::int64_t seconds = fields->seconds + (before_epoch ? 1 : 0);
  const std::int64_t fraction_ns = fields->fraction_ns - (before_epoch ? ns_per_second : 0);
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, ns_per_second, &ns) ||
      __builtin_add_overflow(ns, fraction_ns, &ns)) {
    return fail(ErrorCode::invalid_argument,
                "\"" + shown() + "\" is outside " + std::string(range_text));
  }
  return from_ns(ns);
}

std::string Timestamp::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

void Timestamp::append_to(std::string& out) const {
  // By hand: chrono's floor would multiply back and overflow near the earliest instant.
  std::int64_t whole_seconds = ns_ / ns_per_second;
  std::int64_t fraction_ns = ns_ % ns_per_second;
  if (fraction_ns < 0) {
    fraction_ns += ns_per_second;
    --whole_seconds;
  }
  const std::chrono::sys_seconds seconds{std::chrono::seconds(whole_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{day};
  const std::int64_t second_of_day = (seconds - day).count();

  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, second_of_day / 3'600, 2);
  out += ':';
  append_padded(out, second_of_day / 60 % 60, 2);
  out += ':';
  append_padded(out, second_of_day % 60, 2);
  if (fraction_ns != 0) {
    out += '.';
    append_padded(out, fraction_ns, 9);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
}

}  // namespace agentaudit
