#include "ledger/note_signer.h"

#include <sodium/crypto_sign.h>
#include <sodium/utils.h>

#include <utility>

#include "core/random_bytes.h"

namespace agentaudit {
namespace {

constexpr std::string_view private_start = "PRIVATE+KEY+";

// On the stack, wiped at the end of its scope.
struct Seed {
  Seed() = default;
  Seed(const Seed&) = delete;
  Seed& operator=(const Seed&) = delete;
  ~Seed() { sodium_memzero(bytes.data(), bytes.size()); }

  std::array<std::uint8_t, note_key_bytes> bytes{};
};
static_assert(crypto_sign_SEEDBYTES == note_key_bytes);
static_assert(crypto_sign_PUBLICKEYBYTES == note_key_bytes);
static_assert(crypto_sign_SECRETKEYBYTES == 64);

}  // namespace

void WipingDelete::operator()(std::string* secret) const noexcept {
  sodium_memzero(secret->data(), secret->size());
  delete secret;
}

void WipingDelete::operator()(std::array<std::uint8_t, 64>* secret) const noexcept {
  sodium_memzero(secret->data(), secret->size());
  delete secret;
}

void wipe(std::string& secret) noexcept {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

NoteSigner::NoteSigner(SecretKey secret, NoteVerifier verifier)
    : secret_(std::move(secret)), verifier_(std::move(verifier)) {}

NoteSigner NoteSigner::of_seed(std::string_view name, const std::array<std::uint8_t, 32>& seed) {
  SecretKey secret(new std::array<std::uint8_t, 64>());
  PublicKey key{};
  crypto_sign_seed_keypair(key.data(), secret->data(), seed.data());
  return {std::move(secret), NoteVerifier(key_id_of(name, key), key)};
}

Result<NoteSigner> NoteSigner::from_text(std::string_view text) {
  if (auto started = start_sodium(); !started) return fail(std::move(started.error()));
  if (!text.starts_with(private_start)) {
    return fail(ErrorCode::parse, "the private key does not begin with PRIVATE+KEY+");
  }
  Seed seed;
  auto id = parse_note_key(text.substr(private_start.size()), seed.bytes);
  if (!id) return fail(std::move(id.error()));
  NoteSigner signer = of_seed(id->name, seed.bytes);
  if (signer.key() != *id) {
    return fail(ErrorCode::parse, to_string(*id) + " is not the id of that key under that name");
  }
  return signer;
}

Result<NoteSigner> NoteSigner::generate(std::string_view name) {
  if (auto started = start_sodium(); !started) return fail(std::move(started.error()));
  if (!is_key_name(name)) {
    return fail(ErrorCode::invalid_argument,
                "the key's name is empty, is not UTF-8, or has spaces, control characters or +");
  }
  Seed seed;
  auto filled = random_bytes({reinterpret_cast<char*>(seed.bytes.data()), seed.bytes.size()});
  if (!filled) return fail(std::move(filled.error()));
  return of_seed(name, seed.bytes);
}

Result<std::string> NoteSigner::sign(std::string_view text) const {
  Note note{.text = std::string(text),
            .signatures = {{.key = key(), .signature = std::string(crypto_sign_BYTES, '\0')}}};
  crypto_sign_detached(reinterpret_cast<unsigned char*>(note.signatures.front().signature.data()),
                       nullptr, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       secret_->data());
  return format_note(note);
}

SecretText NoteSigner::private_text() const {
  Seed seed;
  crypto_sign_ed25519_sk_to_seed(seed.bytes.data(), secret_->data());
  const SecretText key_text(new std::string(format_note_key(key(), seed.bytes)));
  return SecretText(new std::string(std::string(private_start) + *key_text));
}

}  // namespace agentaudit
