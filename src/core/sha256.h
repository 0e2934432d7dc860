// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentaudit {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);
// Lower-case hex, 64 characters.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace agentaudit
