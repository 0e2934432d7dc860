#include "core/sha256.h"

#include <openssl/sha.h>

#include "core/hex.h"

namespace agentaudit {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  // Not EVP, which would load OpenSSL's configuration and providers first: that costs a
  // hook's process more than the hash (docs/decisions/0007-libcrypto-linked-statically.md).
  std::array<std::uint8_t, 32> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace agentaudit
