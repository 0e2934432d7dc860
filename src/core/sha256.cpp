#include "core/sha256.h"

#include "core/bytes.h"
#include "core/hex.h"

namespace agentaudit {

// Not EVP, nor SHA256(), which goes through EVP: it reads OpenSSL's configuration and
// fetches a provider first, and pulls most of libcrypto into the binary
// (docs/decisions/0007-archives-before-shared-libraries.md).

Sha256::Sha256() noexcept { SHA256_Init(&context_); }

void Sha256::update(std::string_view bytes) noexcept {
  SHA256_Update(&context_, bytes.data(), bytes.size());
}

std::array<std::uint8_t, 32> Sha256::digest() noexcept {
  std::array<std::uint8_t, 32> digest{};
  SHA256_Final(digest.data(), &context_);
  return digest;
}

std::array<std::uint8_t, 32> sha256(std::string_view bytes) noexcept {
  Sha256 hasher;
  hasher.update(bytes);
  return hasher.digest();
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex(view_of(digest));
}

}  // namespace agentaudit
