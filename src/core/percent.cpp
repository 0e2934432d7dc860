#include "core/percent.h"

#include <array>

#include "core/ascii.h"
#include "core/hex.h"

namespace agentaudit {

Result<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      std::array<char, 1> byte{};
      if (!from_hex(to_lower_ascii(text.substr(i + 1, 2)), byte)) {
        return fail(ErrorCode::invalid_argument,
                    "\"" + std::string(text.substr(i, 3)) +
                        "\" is no percent-encoding; a % itself is written %25");
      }
      out += byte[0];
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out.push_back(c);
    } else {
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return out;
}

}  // namespace agentaudit
