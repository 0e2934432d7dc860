// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentaudit {

// Of bytes that come in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256() noexcept;

  void update(std::string_view bytes) noexcept;
  // Call it once, as the last.
  [[nodiscard]] std::array<std::uint8_t, 32> digest() noexcept;

 private:
  SHA256_CTX context_;
};

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes) noexcept;
// Lower-case hex, 64 characters.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace agentaudit
