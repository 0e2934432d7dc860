#include "core/sha256.h"

#include <openssl/sha.h>

#include "core/hex.h"

namespace agentaudit {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  // Not EVP, nor SHA256(), which goes through EVP: it reads OpenSSL's configuration and
  // fetches a provider first, and pulls most of libcrypto into the binary
  // (docs/decisions/0007-archives-before-shared-libraries.md).
  std::array<std::uint8_t, 32> digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace agentaudit
