#include "core/sha256.h"

#include <openssl/evp.h>

#include "core/hex.h"

namespace agentaudit {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  // EVP_sha256 is built in, so the only failure left is lack of memory; the digest
  // then stays all zero, which no text has.
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace agentaudit
