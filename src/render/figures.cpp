#include "render/figures.h"

#include <array>
#include <string_view>

namespace agentaudit {
namespace {

// The number with zeros before it, at least `digits` long.
std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

}  // namespace

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t sign = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string count_text(std::int64_t count, std::string_view singular, std::string_view plural) {
  return count_text(count).append(" ").append(count == 1 ? singular : plural);
}

std::string duration_text(std::chrono::milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms < 0) {
    // The least value has no positive twin; one off is not seen at this size.
    const std::int64_t positive = ms == INT64_MIN ? INT64_MAX : -ms;
    return "-" + duration_text(std::chrono::milliseconds(positive));
  }
  if (ms < 1'000) return padded(ms, 1) + " ms";
  if (ms < 10'000) return padded(ms / 1'000, 1) + "." + padded(ms % 1'000 / 10, 2) + " s";
  if (ms < 60'000) return padded(ms / 1'000, 1) + "." + padded(ms % 1'000 / 100, 1) + " s";
  const std::int64_t seconds = ms / 1'000;
  if (seconds < 3'600) return padded(seconds / 60, 1) + " m " + padded(seconds % 60, 2) + " s";
  const std::int64_t minutes = seconds / 60;
  if (minutes < 1'440) return padded(minutes / 60, 1) + " h " + padded(minutes % 60, 2) + " m";
  return count_text(minutes / 1'440) + " d " + padded(minutes % 1'440 / 60, 1) + " h";
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1'024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  while (bytes >= 1'048'576 && unit + 1 < units.size()) {
    bytes /= 1'024;
    ++unit;
  }
  std::string text =
      std::to_string(bytes / 1'024) + "." + std::to_string(bytes % 1'024 * 10 / 1'024);
  return text.append(" ").append(units[unit]);
}

std::string milliseconds_text(Timestamp timestamp) {
  // The second that holds the least instant starts before it and cannot be written.
  if (timestamp.ns() < INT64_MIN + 1'000'000'000) return timestamp.to_string();
  const auto second = std::chrono::floor<std::chrono::seconds>(timestamp.time());
  const auto fraction =
      std::chrono::duration_cast<std::chrono::milliseconds>(timestamp.time() - second);
  std::string text = Timestamp(second).to_string();
  text.pop_back();
  return text + "." + padded(fraction.count(), 3) + "Z";
}

std::chrono::milliseconds elapsed(Timestamp from, Timestamp to) noexcept {
  std::int64_t ns = 0;
  if (__builtin_sub_overflow(to.ns(), from.ns(), &ns)) ns = to > from ? INT64_MAX : INT64_MIN;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(ns));
}

}  // namespace agentaudit
