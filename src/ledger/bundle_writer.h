// What a bundle is made of, and its JSON. See agentaudit/ledger/bundle.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentaudit/core/event.h"
#include "ledger/hash.h"
#include "ledger/leaf.h"

namespace agentaudit {

// A text of an event: shown with its salt, or hidden behind its commitment.
struct BundledText {
  std::optional<Salt> salt{};
  Hash commitment{};
  bool redacted = false;  // why it is hidden: it was erased
};

struct BundledEvent {
  Event event;  // hidden texts are empty
  Timestamp recorded_at;
  BundledText summary;
  BundledText detail;
  std::vector<Hash> proof;
};

struct Bundle {
  std::string trail_id;
  std::uint64_t size = 0;  // of the tree that the proofs are of
  Hash root{};
  std::string checkpoint;  // the note of that tree; empty: it is unsigned
  std::string query;       // as JSON; empty: none
  Timestamp created;
  std::vector<BundledEvent> events;
};

[[nodiscard]] std::string to_json(const Bundle& bundle);

// The entry that the leaf is the hash of.
[[nodiscard]] std::string entry_of(const BundledEvent& event);
// A line about the event for people, from what it shows.
[[nodiscard]] std::string index_line(const Event& event);
// What a bundle says of itself to whoever opens it first.
[[nodiscard]] std::string_view bundle_about() noexcept;
inline constexpr std::string_view bundle_format = "agentaudit-bundle/1";

}  // namespace agentaudit
