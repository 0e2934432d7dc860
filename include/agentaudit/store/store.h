// Store: a trail that can be written, read, pruned and closed. open_store makes one
// from a URL.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event_reader.h"
#include "agentaudit/core/event_sink.h"
#include "agentaudit/core/fleet.h"
#include "agentaudit/core/keyed_event.h"
#include "agentaudit/core/verification.h"
#include "agentaudit/store/proof.h"

namespace agentaudit {

struct PruneProgress {
  std::int64_t deleted = 0;  // so far
  std::int64_t scanned = 0;  // ids looked at so far
  std::int64_t total = 0;    // ids to look at
  std::int64_t held = 0;     // old enough to go, but under a hold; so far
};

struct PruneOpts {
  Timestamp cutoff{};                             // every event with a timestamp before it goes
  std::vector<std::string> categories{};          // of these alone; empty: of any
  std::vector<std::string> exclude_categories{};  // but not of these
  std::string principal{};                        // who asked; kept in the `pruned` event
  std::string reason{};                           // why; likewise
  bool keep_pace = true;  // rest after each step as long as the step took, for writers' sake
  // Called after each step, from the caller's thread. Optional.
  std::function<void(const PruneProgress&)> progress{};
};

// What a prune deletes, or would.
struct PruneCounts {
  std::int64_t deleted = 0;
  std::int64_t held = 0;  // old enough to go, but under a hold
};

// What became of events that may have come before.
struct InsertedNew {
  std::vector<EventId> ids{};  // of each event: the one that it got now, or when it first came
  std::int64_t stored = 0;     // how many of them are new
};

// What Store::watch returns: it watches as long as it lives.
class StoreWatch {
 public:
  StoreWatch() = default;
  StoreWatch(const StoreWatch&) = delete;
  StoreWatch& operator=(const StoreWatch&) = delete;
  virtual ~StoreWatch() = default;
};

// Safe to use from any thread. Every method answers ErrorCode::closed after close
// and in a child of fork.
class Store : public EventSink, public EventReader {
 public:
  using EventReader::list;
  using EventReader::stats;

  // Stores one event. Unset timestamp: now; empty status: ok. Durable on return.
  // Errors: too_large, and what the storage says (busy, full, io, read_only …).
  [[nodiscard]] Result<EventId> insert(const EventView& event);

  // Stores all events in one transaction, in order, or none. At least 1, at most
  // limits::batch_events_max.
  [[nodiscard]] virtual Result<IdRange> insert_batch(std::span<const EventView> events) = 0;
  // The same for events that may have come before: one whose origin key is in the trail, or
  // came earlier in the batch, is not stored again. Keys of events that were pruned or
  // redacted since are forgotten. Errors besides: invalid_argument (a key over
  // origin_key_bytes_max), unsupported (a store that keeps no keys).
  [[nodiscard]] virtual Result<InsertedNew> insert_new(std::span<const KeyedView> events);
  [[nodiscard]] Result<IdRange> write(std::span<const EventView> events) final {
    return insert_batch(events);
  }

  // Deletes every event with a timestamp before the cutoff, in short steps between
  // which writers get their turn, and gives the space back. Where any go, an
  // `audit`/`pruned` event (cutoff, count, who) is appended first. The trail's own records
  // (action::records) and what is under a hold stay. Returns
  // the number of deleted events. A stop request ends it with `cancelled`, in the middle
  // of a step or of a rest; what was deleted stays deleted and the next prune finishes it.
  [[nodiscard]] virtual Result<std::int64_t> prune_before(const PruneOpts& opts,
                                                          std::stop_token stop) = 0;
  [[nodiscard]] Result<std::int64_t> prune_before(Timestamp cutoff);

  // The greatest id that was given; 0: none was. Errors besides: unsupported (of several
  // trails).
  [[nodiscard]] virtual Result<EventId> last_id() = 0;

  // What not every store answers: one that does not says `unsupported`.
  //
  // Counts what prune_before would delete now, without a limit of time.
  [[nodiscard]] virtual Result<PruneCounts> preview_prune(const PruneOpts& opts,
                                                          const std::stop_token& stop);
  // Whether the events are what was recorded, and what is missing (docs/ledger.md).
  [[nodiscard]] virtual Result<Verification> verify(const VerifyOpts& opts,
                                                    const std::stop_token& stop);
  // Calls `told`, from a thread of its own, when somebody has stored events, other processes too;
  // at times without cause. A store that says `unsupported` has to be looked at.
  [[nodiscard]] virtual Result<std::unique_ptr<StoreWatch>> watch(std::function<void()> told);
  // What the trail is called: 32 lower-case hex digits.
  [[nodiscard]] virtual Result<std::string> trail_id();
  // The trails of a fleet: forked ones first, then those with missing events, then the silent,
  // which recorded nothing for `silent_after`, then the others; by id.
  [[nodiscard]] virtual Result<std::vector<FleetTrail>> trails(
      const std::stop_token& stop, std::chrono::nanoseconds silent_after);
  // The same fleet, but these trails of it alone; lives as long as it likes. Errors besides:
  // invalid_argument (no trail's id, or one that this store leaves out).
  [[nodiscard]] virtual Result<std::shared_ptr<Store>> of_trails(
      const std::vector<std::string>& ids);
  // The events that come after `after` by id, `limit` of them at most, or until they take
  // recorded_bytes_max; each compared with its leaf. Errors besides:
  // invalid_argument (a limit that is not 1 to recorded_events_max), corrupt (one is not what was
  // recorded), not_found (one has no leaf yet: `agentaudit seal`).
  [[nodiscard]] virtual Result<std::vector<RecordedEvent>> recorded(EventId after,
                                                                    std::int64_t limit,
                                                                    const std::stop_token& stop);
  // The root of the first `size` leaves, 32 bytes. Errors besides: not_found (there are fewer).
  [[nodiscard]] virtual Result<std::string> root_at(std::int64_t size);
  // The newest checkpoint, a C2SP signed note. Errors: not_found.
  [[nodiscard]] virtual Result<std::string> checkpoint();
  // Events with what proves that they are in the trail, as JSON for verify_bundle.
  [[nodiscard]] virtual Result<std::string> bundle(const BundleOpts& opts);
  // The tree of the newest checkpoint as files.
  [[nodiscard]] virtual Result<TileCounts> tiles(const TileOpts& opts, const std::stop_token& stop);

  // Ends the use of the storage. Idempotent.
  [[nodiscard]] virtual Result<void> close() = 0;
};

struct OpenStoreOptions {
  bool read_only = false;
  bool create = true;  // ignored when read_only
  // How long a write waits for others.
  std::chrono::milliseconds busy_timeout{5'000};
  // How long a question may take; 0: as long as it takes.
  std::chrono::milliseconds query_timeout{10'000};
};

// Opens the store that a URL names: a path, `sqlite:PATH`, `sqlite::memory:`, `:memory:`,
// `postgres://…` or `clickhouse://…`. Errors: unsupported (another scheme), and those of `open`
// of SqliteStore, PostgresStore and ClickhouseStore.
[[nodiscard]] Result<std::shared_ptr<Store>> open_store(std::string_view url,
                                                        const OpenStoreOptions& options = {});

}  // namespace agentaudit
