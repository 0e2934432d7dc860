#include "core/hex.h"

#include <array>
#include <cstdint>

namespace agentaudit {
namespace {

constexpr std::int8_t no_digit = -1;

constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(no_digit);
  for (std::int8_t digit = 0; digit < 10; ++digit) {
    values[static_cast<std::size_t>('0' + digit)] = digit;
  }
  for (std::int8_t digit = 10; digit < 16; ++digit) {
    values[static_cast<std::size_t>('a' + digit - 10)] = digit;
  }
  return values;
}();

int digit_value(char c) noexcept { return digit_values[static_cast<std::uint8_t>(c)]; }

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t end = out.size();
  out.resize(end + bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out[end++] = digits[byte >> 4U];
    out[end++] = digits[byte & 0x0FU];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  append_hex(out, bytes);
  return out;
}

bool from_hex(std::string_view hex, std::span<char> out) {
  if (hex.size() != out.size() * 2) return false;
  int bad = 0;  // negative as soon as one digit is none
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_value(hex[2 * i]);
    const int low = digit_value(hex[2 * i + 1]);
    bad |= high | low;
    out[i] = static_cast<char>(high * 16 + low);
  }
  return bad >= 0;
}

}  // namespace agentaudit
