// SqliteStore: a trail in one SQLite file, or in memory. docs/sqlite_schema.md is
// the format.
//
//   auto store = agentaudit::SqliteStore::open("audit.db");
//   if (!store) return complain(store.error());
//   (*store)->insert(event);
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/store/store.h"

namespace agentaudit {

struct SqliteStoreOptions {
  bool read_only = false;
  // Whether a missing file is created (0600, in a directory made 0750).
  bool create = true;
  // How long a write waits for another process, or a reader for a recovery, before
  // it answers `busy`.
  std::chrono::milliseconds busy_timeout{5'000};
  // How long a question may take before it answers `deadline`. Zero: no limit.
  std::chrono::milliseconds query_timeout{10'000};
  // How long a search counts beyond its page before its total is a lower bound.
  std::chrono::milliseconds search_total_budget{500};
  // Whether every event becomes a leaf of the ledger (docs/ledger.md) with its commit. What
  // is written without can be given its leaves later (`seal`), but not proved from its start.
  bool ledger = true;
  // Whether the store records with its first write that it opened the trail, that it closed
  // it, and that another such store ended without (`audit` events opened, closed and
  // unclean_end), for who must know whether a crash lost events; and whether it keeps 1 MiB
  // beside the trail (`<file>.reserve`) to record with, on a full disk, that it is full
  // (disk_full). Not in memory. Off: these events have ids too
  // (docs/decisions/0013-sessions-are-asked-for.md).
  bool record_sessions = false;
  // The private key that checkpoints are signed with: `PRIVATE+KEY+NAME+ID+BASE64` (C2SP
  // signed-note; `agentaudit key init` makes one). Empty: nothing is signed. A store that
  // signs does so over what is synced: with a write, at most once a second, before a prune,
  // which fails where the trail is not what was signed, and on close. The store wipes its
  // copies of the text; this one is the caller's.
  std::string signing_key{};
  // Where a copy of the newest checkpoint is kept, as a witness beside the key: a file named
  // by the trail's id. Made 0700 if it is missing. Empty: nowhere.
  std::filesystem::path checkpoint_directory{};
  // Threads that one question may go through the trail on, the caller's with them: 1 to
  // 16; 0: one for each core, four at most. Only questions of many chunks use more than
  // one; the others end with the question.
  int query_threads = 0;
  // Pages of 16 KiB in the write-ahead log before a commit moves them to the file.
  // A process that writes once and ends wants it small (see docs/sqlite_schema.md).
  int wal_pages = 1'000;
  // Whether close moves the write-ahead log to the file. A process that writes once
  // and ends leaves that to the next one.
  bool checkpoint_on_close = true;
};

// How `seal` and `repair` go about it.
struct UpkeepOpts {
  // Called after each chunk.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
  // `seal` alone: called while it gives leaves to events that have none, before the chunks.
  std::function<void(std::int64_t done, std::int64_t total)> hash_progress{};
  // Whether to rest after each chunk as long as it took, so that writers get their turn.
  bool keep_pace = true;
};

// What `agentaudit doctor` shows of a trail.
struct SqliteStoreInfo {
  std::string path;  // empty: in memory
  std::string sqlite_version;
  std::string journal_mode;
  std::string trail_id;  // 128 random bits, lower-case hex
  Timestamp created;
  int schema_version = 0;
  std::int64_t page_bytes = 0;
  std::int64_t pages = 0;
  std::int64_t free_pages = 0;
  std::int64_t events = 0;
  EventId first_id = 0;
  EventId last_id = 0;
};

// Safe to use from any thread: one write at a time, several questions beside it.
// Several processes may write and read the same file; a lock file beside it
// (`<file>.lock`) orders their writes. In memory, everything takes turns.
class SqliteStore final : public Store {
 public:
  // Errors: not_found (no such file, and not to be created; no such directory),
  // not_a_trail, newer_version, permission, read_only, busy, full, corrupt, io.
  // A file that is not a trail is never written to.
  [[nodiscard]] static Result<std::shared_ptr<SqliteStore>> open(
      const std::filesystem::path& path, const SqliteStoreOptions& options = {});

  // A trail that lives and dies with the object.
  [[nodiscard]] static Result<std::shared_ptr<SqliteStore>> in_memory(
      const SqliteStoreOptions& options = {});

  // Closes if close was not called. In a child of fork, leaves everything as it is.
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  using Store::list;
  using Store::prune_before;
  using Store::stats;

  [[nodiscard]] Result<IdRange> insert_batch(std::span<const EventView> events) override;
  [[nodiscard]] Result<InsertedNew> insert_new(std::span<const KeyedView> events) override;
  [[nodiscard]] Result<ListResult> list(const ListOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<GroupsResult> groups(const GroupsOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<Event> get(EventId id) override;
  [[nodiscard]] Result<ConversationsResult> conversations(const ConversationsOpts& opts,
                                                          std::stop_token stop) override;
  [[nodiscard]] Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts,
                                                       std::stop_token stop) override;
  [[nodiscard]] Result<std::int64_t> prune_before(const PruneOpts& opts,
                                                  std::stop_token stop) override;
  [[nodiscard]] Result<void> close() override;

  [[nodiscard]] Result<SqliteStoreInfo> info();
  // Empty: in memory.
  [[nodiscard]] const std::filesystem::path& path() const noexcept;
  [[nodiscard]] Result<EventId> last_id() override;
  [[nodiscard]] Result<std::string> trail_id() override;
  [[nodiscard]] Result<std::vector<RecordedEvent>> recorded(EventId after, std::int64_t limit,
                                                            const std::stop_token& stop) override;
  [[nodiscard]] Result<std::string> root_at(std::int64_t size) override;
  // Gives the events their leaves that have none yet (docs/ledger.md), and seals the complete
  // chunks that are not sealed (docs/sqlite_schema.md), so that questions about them are
  // fast; their answers stay the same. A store that lives long
  // does so by itself, one chunk at a time beside its writes. Returns how many chunks.
  // Errors: cancelled, and those of a write.
  [[nodiscard]] Result<std::int64_t> seal(const UpkeepOpts& opts, const std::stop_token& stop);
  // Compares every complete chunk with its events and makes anew what disagrees. Returns
  // how many chunks. Errors: those of seal.
  [[nodiscard]] Result<std::int64_t> repair(const UpkeepOpts& opts, const std::stop_token& stop);
  // Signs a checkpoint over all that is durable, if there is a key and the newest does not
  // cover it. Errors: corrupt (the tree has not grown out of what was signed before), and
  // those of a write.
  [[nodiscard]] Result<void> sign() override;
  [[nodiscard]] Result<std::string> checkpoint() override;
  [[nodiscard]] Result<void> note_anchor(const std::string& place) override;
  [[nodiscard]] Result<std::string> bundle(const BundleOpts& opts) override;
  [[nodiscard]] Result<TileCounts> tiles(const TileOpts& opts,
                                         const std::stop_token& stop) override;
  // From its row, from the search filter of its chunk, and from the write-ahead log. Busy:
  // readers held the log for longer than busy_timeout; it goes with a later checkpoint.
  [[nodiscard]] Result<EventId> redact(const RedactOpts& opts) override;
  // Goes through the rows of old events, without a limit of time.
  [[nodiscard]] Result<PruneCounts> preview_prune(const PruneOpts& opts,
                                                  const std::stop_token& stop) override;
  [[nodiscard]] Result<std::int64_t> add_hold(const HoldOpts& opts) override;
  [[nodiscard]] Result<std::vector<Hold>> holds() override;
  [[nodiscard]] Result<void> release_hold(std::int64_t id, const std::string& principal,
                                          const std::string& reason) override;
  [[nodiscard]] Result<void> set_retention(const RetentionOpts& opts) override;
  [[nodiscard]] Result<void> unset_retention(const RetentionOpts& opts) override;
  [[nodiscard]] Result<std::vector<RetentionRule>> retention() override;
  // Whether the events are what was recorded, and what is missing (docs/ledger.md). What
  // it finds is in the result. Goes through the whole trail on `query_threads`. Errors:
  // unsupported (a trail of a version without a ledger), cancelled, and those of reading.
  [[nodiscard]] Result<Verification> verify(const VerifyOpts& opts,
                                            const std::stop_token& stop) override;
  // Whether the file is sound: PRAGMA quick_check, the schema, every chunk against its
  // events. Errors: corrupt, with the first trouble found.
  [[nodiscard]] Result<void> check(const std::stop_token& stop);

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agentaudit
