// Store: a trail that can be written, read, pruned and closed. open_store makes one
// from a URL.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
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
#include "agentaudit/store/hold.h"
#include "agentaudit/store/proof.h"
#include "agentaudit/store/prune.h"
#include "agentaudit/store/retention.h"

namespace agentaudit {

// Which texts of an event to erase.
struct RedactOpts {
  EventId id = 0;
  bool summary = false;
  bool detail = false;
  std::string principal{};  // who asked; kept in the `redacted` event
  std::string reason{};     // why; likewise
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
  // The newest checkpoint, a C2SP signed note; first signs one over all that is durable if
  // there is a signing key. Errors: not_found (there is none and no key to sign one with),
  // corrupt (the trail is not what was signed before), and those of a write.
  [[nodiscard]] virtual Result<std::string> checkpoint();
  // Notes where a copy of the trail's newest checkpoint was put; it is kept from then on.
  // Errors: not_found (there is no checkpoint), and those of a write.
  [[nodiscard]] virtual Result<void> note_anchor(const std::string& place);
  // The events with what proves that they are in the trail, as JSON for verify_bundle
  // (agentaudit/ledger/bundle.h): by the newest checkpoint where that covers them all, else by
  // the tree as it is now, unsigned. Errors: not_found (no such event, or it has no leaf yet),
  // invalid_argument (no ids), too_large, corrupt (an event is not what was recorded).
  [[nodiscard]] virtual Result<std::string> bundle(const BundleOpts& opts);
  // Writes the tree of the newest checkpoint as tiles of hashes, bundles of entries and that
  // checkpoint, in little memory. Errors: not_found (there is no checkpoint), invalid_argument
  // (what was written before is of another origin, or no checkpoint), corrupt (the trail is not
  // what was signed, or has another history than what was written), cancelled, those of reading
  // and of `write`.
  [[nodiscard]] virtual Result<TileCounts> tiles(const TileOpts& opts, const std::stop_token& stop);
  // Erases texts of an event for good; what proves the event stays (docs/ledger.md). An
  // `audit`/`redacted` event says who, what and why; its id is returned. Backups, and what a
  // disk keeps of overwritten blocks, are not reached. Errors: not_found, invalid_argument
  // (redacted already; a record of the trail itself; under a hold), busy (it is redacted, but
  // others keep the storage from forgetting the text yet), and those of a write.
  [[nodiscard]] virtual Result<EventId> redact(const RedactOpts& opts);
  // From its return until the hold is released, no event under it is pruned or redacted, not
  // even by a prune under way. An `audit`/`hold_added` event says what, who and why. Returns
  // the hold's id. Errors: invalid_argument (no condition, no reason, an end before its
  // start), too_large, and those of a write.
  [[nodiscard]] virtual Result<std::int64_t> add_hold(const HoldOpts& opts);
  // Those that were not released, oldest first.
  [[nodiscard]] virtual Result<std::vector<Hold>> holds();
  // An `audit`/`hold_released` event says who and why. Errors: not_found, invalid_argument (no
  // reason), too_large, and those of a write.
  [[nodiscard]] virtual Result<void> release_hold(std::int64_t id, const std::string& principal,
                                                  const std::string& reason);
  // For how long events of a category are to be kept; nothing is deleted yet (see
  // retention_prunes). An `audit`/`retention_changed` event says what and who. Errors:
  // invalid_argument (no category, not 1 to retention_days_max days; fewer than
  // retention_days_min for approvals or safety, without `force`), and those of a write.
  [[nodiscard]] virtual Result<void> set_retention(const RetentionOpts& opts);
  // Takes the rule back. Errors: not_found (there is none), invalid_argument (the rule for all
  // others keeps approvals or safety too short, as above), and those of a write.
  [[nodiscard]] virtual Result<void> unset_retention(const RetentionOpts& opts);
  // The rules, by category.
  [[nodiscard]] virtual Result<std::vector<RetentionRule>> retention();

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
  // As of SqliteStoreOptions.
  std::string signing_key{};
  std::filesystem::path checkpoint_directory{};
};

// Opens the store that a URL names: a path, `sqlite:PATH`, `sqlite::memory:`, `:memory:`,
// `postgres://…` or `clickhouse://…`. Errors: unsupported (another scheme), and those of `open`
// of SqliteStore, PostgresStore and ClickhouseStore.
[[nodiscard]] Result<std::shared_ptr<Store>> open_store(std::string_view url,
                                                        const OpenStoreOptions& options = {});

}  // namespace agentaudit
