// Base64 of RFC 4648, section 4, by libsodium: padded, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentaudit {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// Not set: anything that to_base64 does not write, such as a text whose last digit has bits
// that stand for nothing.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace agentaudit
