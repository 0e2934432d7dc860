// NoteVerifier: a public key that notes are checked with (C2SP signed-note, Ed25519).
//
// Its constant methods are safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "ledger/note.h"
#include "ledger/note_key.h"

namespace agentaudit {

class NoteVerifier {
 public:
  // Of the text of a public key, `NAME+ID+BASE64`. Errors: parse, unsupported (an algorithm
  // other than Ed25519).
  [[nodiscard]] static Result<NoteVerifier> from_text(std::string_view text);

  [[nodiscard]] const NoteKeyId& key() const noexcept { return id_; }
  [[nodiscard]] std::string to_text() const;

  // That the key signed the note's text. Lines of other keys are passed over, even if they
  // share the name or the id. Errors: not_found (no line of this key), corrupt (one whose
  // signature is wrong, whatever others there are).
  [[nodiscard]] Result<void> verify(const Note& note) const;

 private:
  friend class NoteSigner;
  NoteVerifier(NoteKeyId id, const PublicKey& key);

  NoteKeyId id_;
  PublicKey key_;
};

}  // namespace agentaudit
