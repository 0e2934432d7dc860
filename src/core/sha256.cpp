#include "core/sha256.h"

#include <algorithm>

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
  // A message of one block is padded here (FIPS 180-4, 5.1.1): that takes half of the time.
  constexpr std::size_t block_bytes = 64;
  constexpr std::size_t length_bytes = 8;
  if (bytes.size() + 1 + length_bytes <= block_bytes) {
    std::array<unsigned char, block_bytes> block{};
    std::copy(bytes.begin(), bytes.end(), block.begin());
    block[bytes.size()] = 0x80;
    const std::size_t bits = bytes.size() * 8;
    block[block_bytes - 2] = static_cast<unsigned char>(bits >> 8U);
    block[block_bytes - 1] = static_cast<unsigned char>(bits & 0xFFU);
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Transform(&context, block.data());
    std::array<std::uint8_t, 32> digest{};
    for (std::size_t i = 0; i < digest.size(); ++i) {
      digest[i] = static_cast<std::uint8_t>(context.h[i / 4] >> (24U - 8U * (i % 4)) & 0xFFU);
    }
    return digest;
  }
  Sha256 hasher;
  hasher.update(bytes);
  return hasher.digest();
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return to_hex(view_of(digest));
}

}  // namespace agentaudit
