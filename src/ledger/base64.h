// Base64 of RFC 4648, section 4, by libsodium: padded, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/hash.h"

namespace agentaudit {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// Not set: anything that to_base64 does not write, such as a text whose last digit has bits
// that stand for nothing.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

[[nodiscard]] std::string to_base64(const Hash& hash);
// Not set: not the base64 of 32 bytes.
[[nodiscard]] std::optional<Hash> hash_from_base64(std::string_view text);

}  // namespace agentaudit
