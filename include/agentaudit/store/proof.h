// What a store is asked to prove, beside its checkpoints: bundles of events and the tree itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// An event as its trail holds it, with what its leaf is made of (docs/ledger.md). The byte
// strings are raw.
struct RecordedEvent {
  Event event{};
  Timestamp recorded_at{};
  std::string leaf{};   // the hash of its leaf, 32 bytes
  std::string nonce{};  // 32 bytes; fewer where a text was erased
  // The commitments of texts that were erased; empty: the text is there.
  std::string erased_summary{};
  std::string erased_detail{};
};

// Of one call that reads them.
inline constexpr std::int64_t recorded_events_max = 10'000;
inline constexpr std::size_t recorded_bytes_max = std::size_t{16} << 20U;

// Which events to put into an evidence bundle.
struct BundleOpts {
  std::vector<EventId> ids{};  // in the order of the bundle; bundle_events_max at most
  bool hide_summary = false;   // the commitments of the texts stand in their place
  bool hide_detail = false;
  std::string query{};  // JSON: what was asked for; the reader has to take it on trust
};

// How the tree is written as files for others to read (C2SP tlog-tiles).
struct TileOpts {
  // The checkpoint that was written last, with all that it stands for: only what has come
  // since is written. Empty: everything is.
  std::string written{};
  // The path of one file: nothing else is written then, and not the checkpoint. Errors
  // besides: not_found (the tree has no such tile, or its events were pruned).
  std::string only{};
  // Takes each file, with its path below their directory; the checkpoint comes last. What it
  // fails with ends the writing.
  std::function<Result<void>(const std::string& path, std::string_view bytes)> write{};
  // Events whose leaves are written so far and in all.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
};

struct TileCounts {
  std::int64_t size = 0;     // of the tree, in events
  std::int64_t tiles = 0;    // tiles of hashes that were written
  std::int64_t bundles = 0;  // bundles of entries that were
  // Left out: events of them were pruned, or an entry is longer than a bundle can say.
  std::int64_t tiles_missing = 0;
  std::int64_t bundles_missing = 0;
};

}  // namespace agentaudit
