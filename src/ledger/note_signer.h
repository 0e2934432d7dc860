// NoteSigner: a private key that signs notes (C2SP signed-note, Ed25519). Its text is
// `PRIVATE+KEY+NAME+ID+BASE64`, with the base64 of 0x01 and the key's 32-byte seed.
//
// The secret is wiped from memory with its owner. Constant methods are safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "ledger/note_verifier.h"

namespace agentaudit {

// Wipes what it deletes.
struct WipingDelete {
  void operator()(std::string* secret) const noexcept;
  void operator()(std::array<std::uint8_t, 64>* secret) const noexcept;
};
using SecretText = std::unique_ptr<std::string, WipingDelete>;

// Overwrites the text and empties it.
void wipe(std::string& secret) noexcept;

class NoteSigner {
 public:
  // Errors: parse, unsupported (an algorithm other than Ed25519). No message holds the text.
  [[nodiscard]] static Result<NoteSigner> from_text(std::string_view text);
  // A new key. Errors: invalid_argument (no name for a key), io (no random bytes).
  [[nodiscard]] static Result<NoteSigner> generate(std::string_view name);

  [[nodiscard]] const NoteKeyId& key() const noexcept { return verifier_.key(); }
  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return verifier_; }

  // The note of that text with this key's signature. Errors: those of format_note.
  [[nodiscard]] Result<std::string> sign(std::string_view text) const;

  // What from_text takes.
  [[nodiscard]] SecretText private_text() const;

 private:
  // The seed and, as libsodium wants it, the public key.
  using SecretKey = std::unique_ptr<std::array<std::uint8_t, 64>, WipingDelete>;

  NoteSigner(SecretKey secret, NoteVerifier verifier);
  static NoteSigner of_seed(std::string_view name, const std::array<std::uint8_t, 32>& seed);

  SecretKey secret_;
  NoteVerifier verifier_;
};

}  // namespace agentaudit
