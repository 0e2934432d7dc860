// A time that was read is the same after it was written and read again. It is written as the
// C library's calendar has it, and read as it would be; a date that the calendar does not have
// is not read.
#include <cctype>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>

#include "agentaudit/core/timestamp.h"
#include "fuzz_check.h"

namespace {

using namespace agentaudit;

constexpr std::int64_t ns_per_second = 1'000'000'000;

std::string written(std::int64_t ns) {
  std::int64_t seconds = ns / ns_per_second;
  std::int64_t rest = ns % ns_per_second;
  if (rest < 0) {
    rest += ns_per_second;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm calendar{};
  gmtime_r(&time, &calendar);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &calendar);
  std::string out(text, length);
  if (rest != 0) {
    std::string decimals = std::to_string(rest);
    decimals.insert(0, 9 - decimals.size(), '0');
    decimals.erase(decimals.find_last_not_of('0') + 1);
    out += '.' + decimals;
  }
  return out + 'Z';
}

// Of RFC 3339, and what comes after the seconds.
struct Parts {
  std::tm calendar{};
  std::int64_t rest_ns = 0;
  std::int64_t offset_seconds = 0;
};

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (const char c : text.substr(at, digits)) number = number * 10 + (c - '0');
  return number;
}

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

// nullopt: not of the shape that is compared here, which leaves leap seconds out.
std::optional<Parts> parts_of(std::string_view text) {
  if (!has_shape(text, "0000-00-00T00:00:00")) return std::nullopt;
  Parts parts;
  parts.calendar.tm_year = number_at(text, 0, 4) - 1900;
  parts.calendar.tm_mon = number_at(text, 5, 2) - 1;
  parts.calendar.tm_mday = number_at(text, 8, 2);
  parts.calendar.tm_hour = number_at(text, 11, 2);
  parts.calendar.tm_min = number_at(text, 14, 2);
  parts.calendar.tm_sec = number_at(text, 17, 2);
  if (parts.calendar.tm_sec == 60) return std::nullopt;
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    std::size_t digits = 1;
    std::int64_t unit = ns_per_second / 10;
    for (; digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0;
         ++digits) {
      if (digits > 9) return std::nullopt;
      parts.rest_ns += (text[digits] - '0') * unit;
      unit /= 10;
    }
    if (digits == 1) return std::nullopt;
    text.remove_prefix(digits);
  }
  if (text == "Z") return parts;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
      !has_shape(text.substr(1), "00:00")) {
    return std::nullopt;
  }
  const int hours = number_at(text, 1, 2);
  const int minutes = number_at(text, 4, 2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  parts.offset_seconds = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
  return parts;
}

void compare(std::string_view text, const Parts& parts) {
  std::tm normal = parts.calendar;
  const std::int64_t seconds = timegm(&normal);
  const bool exists =
      normal.tm_year == parts.calendar.tm_year && normal.tm_mon == parts.calendar.tm_mon &&
      normal.tm_mday == parts.calendar.tm_mday && normal.tm_hour == parts.calendar.tm_hour &&
      normal.tm_min == parts.calendar.tm_min && normal.tm_sec == parts.calendar.tm_sec;
  const auto ours = Timestamp::parse(text);
  if (!exists) {
    check(!ours && ours.error().code == ErrorCode::parse, "no such date is read");
    return;
  }
  std::int64_t ns = 0;
  const bool fits = !__builtin_mul_overflow(seconds - parts.offset_seconds, ns_per_second, &ns) &&
                    !__builtin_add_overflow(ns, parts.rest_ns, &ns);
  if (!fits) {
    // The least second of all has nanoseconds of which some fit.
    check(!ours || ours->ns() < -9'223'372'036 * ns_per_second, "what does not fit is not read");
    return;
  }
  check(ours.has_value(), "a date of the calendar is read");
  check(ours->ns() == ns, "a date is the instant that the calendar says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(data, size);
  std::int64_t ns = 0;
  if (size == sizeof ns) {
    std::memcpy(&ns, data, sizeof ns);
    check(Timestamp::from_ns(ns).to_string() == written(ns), "a time is written as it is");
  }
  if (const auto parts = parts_of(text)) compare(text, *parts);
  const auto timestamp = Timestamp::parse(text);
  if (!timestamp) {
    const ErrorCode code = timestamp.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::invalid_argument, "documented errors");
    return 0;
  }
  const auto again = Timestamp::parse(timestamp->to_string());
  check(again.has_value(), "what was written can be read");
  check(*again == *timestamp, "what was written is what is read");
  return 0;
}
