// An event as a leaf of the ledger: its entry, and the commitments that stand in it for
// the texts that may be erased. docs/ledger.md has the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "ledger/hash.h"

namespace agentaudit {

// The texts that an entry does not hold.
enum class SecretField : std::uint8_t { summary = 1, detail = 2 };

inline constexpr std::size_t nonce_bytes = 32;
using Salt = std::array<std::uint8_t, 16>;

// `nonce` has nonce_bytes bytes.
[[nodiscard]] Salt salt_of(std::string_view nonce, SecretField field) noexcept;
// Of the nonce as a trail keeps it: whole, or the one salt that is left where the other text was
// erased; none: of neither length.
[[nodiscard]] std::optional<Salt> kept_salt(std::string_view nonce, SecretField field) noexcept;
[[nodiscard]] Hash commitment(const Salt& salt, std::string_view text);
// Of a text as a trail keeps it: by its salt; where it was erased and `erased` has its
// commitment, that one. None: there is neither, or another text stands where one was erased.
[[nodiscard]] std::optional<Hash> kept_commitment(SecretField field, std::string_view text,
                                                  std::string_view nonce, std::string_view erased);

struct Commitments {
  Hash summary{};
  Hash detail{};
};
[[nodiscard]] Commitments commitments_of(const EventView& event, std::string_view nonce);

// What stands where a text was erased.
inline constexpr std::string_view redacted_summary = "[redacted]";
inline constexpr std::string_view redacted_detail = R"({"redacted":true})";

// Appends the entry of a stored event: its id, timestamp and status are set. What it holds
// of summary and detail are the commitments alone.
void append_entry(std::string& out, const EventView& event, Timestamp recorded_at,
                  const Commitments& commitments);
// The entry of an event that had been deleted before the ledger began.
void append_absent_entry(std::string& out, EventId id);

}  // namespace agentaudit
