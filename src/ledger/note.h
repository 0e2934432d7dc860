// Note: a text and its signatures (C2SP signed-note). In bytes: the text, which ends with a
// newline; an empty line; and a line for each signature, which is an em dash, the key's name
// and the base64 of its 4-byte id and the signature.
//
// A note is UTF-8 without control characters other than the newline. Nothing here looks
// whether a signature is true: that is NoteVerifier's. Safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "ledger/note_key.h"

namespace agentaudit {

// Those of golang.org/x/mod.
inline constexpr std::size_t note_bytes_max = 1'000'000;
inline constexpr std::size_t note_signatures_max = 100;

struct NoteSignature {
  NoteKeyId key;
  std::string signature;  // its bytes; at least one

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // with the newline at its end
  std::vector<NoteSignature> signatures;

  friend bool operator==(const Note&, const Note&) = default;
};

// Errors: parse (what is no note; the message says what of it), too_large.
[[nodiscard]] Result<Note> parse_note(std::string_view bytes);

// Errors: invalid_argument (what parse_note would not read as it was), too_large.
[[nodiscard]] Result<std::string> format_note(const Note& note);

}  // namespace agentaudit
