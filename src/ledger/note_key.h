// The keys of signed notes (C2SP signed-note; golang.org/x/mod/sumdb/note has the texts):
// Ed25519, known by a name and the first 4 bytes of
// SHA-256(name | "\n" | 0x01 | public key).
//
// A key's text is `NAME+ID+BASE64`: the id in 8 hex digits, and the base64 of 0x01 and the 32
// bytes of the key. Safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

inline constexpr std::size_t note_key_bytes = 32;
using PublicKey = std::array<std::uint8_t, note_key_bytes>;

struct NoteKeyId {
  std::string name;
  std::uint32_t id = 0;

  friend bool operator==(const NoteKeyId&, const NoteKeyId&) = default;
};

// `NAME+ID`.
[[nodiscard]] std::string to_string(const NoteKeyId& key);

// Whether a key may be called that: UTF-8, not empty, without Unicode spaces, control
// characters and `+`.
[[nodiscard]] bool is_key_name(std::string_view name) noexcept;

[[nodiscard]] NoteKeyId key_id_of(std::string_view name, const PublicKey& key);

// Leaves no copy of the key in memory but the text.
[[nodiscard]] std::string format_note_key(const NoteKeyId& id,
                                          std::span<const std::uint8_t, note_key_bytes> key);
// Writes the key's bytes to `key`; whether they belong to the id is for the caller to see.
// Errors: parse, unsupported (another algorithm than Ed25519). No message holds the text.
[[nodiscard]] Result<NoteKeyId> parse_note_key(std::string_view text,
                                               std::span<std::uint8_t, note_key_bytes> key);

// Before any use of Ed25519; as often as one likes. Errors: unsupported (libsodium cannot
// start here).
[[nodiscard]] Result<void> start_sodium() noexcept;

}  // namespace agentaudit
