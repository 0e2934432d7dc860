#include "ledger/note_verifier.h"

#include <sodium/crypto_sign.h>

#include <utility>

namespace agentaudit {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

NoteVerifier::NoteVerifier(NoteKeyId id, const PublicKey& key) : id_(std::move(id)), key_(key) {}

Result<NoteVerifier> NoteVerifier::from_text(std::string_view text) {
  if (auto started = start_sodium(); !started) return fail(std::move(started.error()));
  PublicKey key{};
  auto id = parse_note_key(text, key);
  if (!id) return fail(std::move(id.error()));
  if (key_id_of(id->name, key) != *id) {
    return fail(ErrorCode::parse, to_string(*id) + " is not the id of that key under that name");
  }
  return NoteVerifier(std::move(*id), key);
}

std::string NoteVerifier::to_text() const { return format_note_key(id_, key_); }

Result<void> NoteVerifier::verify(const Note& note) const {
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.key != id_) continue;
    found = true;
    if (signature.signature.size() != crypto_sign_BYTES ||
        crypto_sign_verify_detached(bytes_of(signature.signature), bytes_of(note.text),
                                    note.text.size(), key_.data()) != 0) {
      return fail(ErrorCode::corrupt,
                  "the note's signature of " + to_string(id_) + " is not that of its text");
    }
  }
  if (!found) {
    return fail(ErrorCode::not_found, "the note is not signed by " + to_string(id_));
  }
  return {};
}

}  // namespace agentaudit
