// Checkpoint: how large a trail's tree is, and its root (C2SP tlog-checkpoint). Its body is
// three lines: the origin, which names the trail; the size in decimal; the root in base64.
// Signed, it is a note.
//
// Safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "ledger/hash.h"
#include "ledger/note_signer.h"
#include "ledger/note_verifier.h"

namespace agentaudit {

struct Checkpoint {
  std::string origin;      // one line that is not empty
  std::uint64_t size = 0;  // in leaves
  Hash root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Errors: invalid_argument (an origin that is no line of a note).
[[nodiscard]] Result<std::string> format_checkpoint(const Checkpoint& checkpoint);

// Of the body. Further lines, which must not be empty, are passed over. Errors: parse (the
// message names the line).
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view body);

// The note. Errors: those of format_checkpoint and of NoteSigner::sign.
[[nodiscard]] Result<std::string> sign_checkpoint(const Checkpoint& checkpoint,
                                                  const NoteSigner& signer);

// Of a note that the key signed. Errors: parse and too_large (no note, or not of a
// checkpoint), not_found (not signed by that key), corrupt (its signature is wrong).
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note,
                                                 const NoteVerifier& verifier);

}  // namespace agentaudit
