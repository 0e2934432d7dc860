// PostgresStore: a trail in a PostgreSQL database, which many machines write at the same time.
// docs/postgres.md has the tables.
//
//   const auto store = agentaudit::PostgresStore::open("postgres://writer:secret@db/audit");
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

struct PostgresStoreOptions {
  bool read_only = false;
  bool create = true;  // the tables, where there are none; ignored when read_only
  // How long a write waits for another's.
  std::chrono::milliseconds busy_timeout{5'000};
  // How long a question may take; 0: as long as it takes.
  std::chrono::milliseconds query_timeout{10'000};
  // How long a write tries to get a lost connection back.
  std::chrono::milliseconds retry_for{10'000};
  // As of SqliteStoreOptions: the private key that checkpoints are signed with, at most once a
  // second for all that write the trail, and where a copy of the newest is kept. One key signs
  // a trail; who has another makes `verify` name it.
  std::string signing_key{};
  std::filesystem::path checkpoint_directory{};
};

// What `agentaudit doctor` shows of a trail.
struct PostgresStoreInfo {
  std::string server;          // HOST:PORT
  std::string server_version;  // 15.14
  std::string tls;             // TLSv1.3; empty: the connection is not encrypted
  bool is_durable = false;     // whether the server syncs what it commits
  std::string role;
  bool is_owner = false;  // who may change the tables, and so rewrite the trail
  bool may_write = false;
  bool may_delete = false;
  std::string trail_id;  // 128 random bits, lower-case hex
  Timestamp created;
  int format = 0;
  EventId last_id = 0;
  std::int64_t events = 0;
  std::int64_t months = 0;              // partitions
  std::int64_t events_of_no_month = 0;  // in the partition of all the rest
  std::int64_t bytes = 0;               // of all tables and their indexes
  bool has_trigrams = false;            // whether an index answers searches
};

// Safe from any thread. Ids and leaves are given under the lock of the table
// agentaudit_trail's only row. A connection that is lost is made again; a batch whose commit
// was not answered is looked up and not stored twice.
class PostgresStore final : public Store {
 public:
  using Store::list;
  using Store::prune_before;
  using Store::stats;

  // `postgres://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]/DATABASE[?PARAMETER=VALUE…]`, as
  // libpq takes it: `sslmode=verify-full&sslrootcert=…` for TLS, several hosts with
  // `target_session_attrs=read-write` to follow a failover, `options=-csearch_path%3DSCHEMA` for
  // a trail in a schema of its own. Errors: invalid_argument (the URL), io (nobody answers),
  // permission, not_found (no such database, or no trail in it), newer_version, corrupt (tables
  // that were altered), unsupported (a server before 13, or not of UTF-8).
  [[nodiscard]] static Result<std::shared_ptr<PostgresStore>> open(
      std::string_view url, const PostgresStoreOptions& options = {});
  PostgresStore(const PostgresStore&) = delete;
  PostgresStore& operator=(const PostgresStore&) = delete;
  ~PostgresStore() override;

  [[nodiscard]] Result<IdRange> insert_batch(std::span<const EventView> events) override;
  [[nodiscard]] Result<InsertedNew> insert_new(std::span<const KeyedView> events) override;
  // Whole months before the cutoff go with their partition, unless readers hold it.
  [[nodiscard]] Result<std::int64_t> prune_before(const PruneOpts& opts,
                                                  std::stop_token stop) override;
  // This and the changes of holds and rules have an error besides: permission (the role is no
  // agentaudit_pruner). Where the role owns the tables, the event's month is vacuumed; until
  // somebody does, the server keeps the text's old place as it was (docs/postgres.md).
  [[nodiscard]] Result<EventId> redact(const RedactOpts& opts) override;
  [[nodiscard]] Result<std::int64_t> add_hold(const HoldOpts& opts) override;
  [[nodiscard]] Result<std::vector<Hold>> holds() override;
  [[nodiscard]] Result<void> release_hold(std::int64_t id, const std::string& principal,
                                          const std::string& reason) override;
  [[nodiscard]] Result<void> set_retention(const RetentionOpts& opts) override;
  [[nodiscard]] Result<void> unset_retention(const RetentionOpts& opts) override;
  [[nodiscard]] Result<std::vector<RetentionRule>> retention() override;

  // The total of a search with TotalMode::automatic is a lower bound when counting takes longer
  // than a second.
  [[nodiscard]] Result<ListResult> list(const ListOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<GroupsResult> groups(const GroupsOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<Event> get(EventId id) override;
  [[nodiscard]] Result<ConversationsResult> conversations(const ConversationsOpts& opts,
                                                          std::stop_token stop) override;
  [[nodiscard]] Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts,
                                                       std::stop_token stop) override;

  // Compares every event with its leaf, and the tree with itself, within one snapshot and
  // without a limit of time. Errors: those of a question, and invalid_argument (a key).
  [[nodiscard]] Result<Verification> verify(const VerifyOpts& opts,
                                            const std::stop_token& stop) override;
  [[nodiscard]] Result<EventId> last_id() override;
  // Errors: those of a question.
  [[nodiscard]] Result<PostgresStoreInfo> info();
  [[nodiscard]] Result<PruneCounts> preview_prune(const PruneOpts& opts,
                                                  const std::stop_token& stop) override;
  [[nodiscard]] Result<std::unique_ptr<StoreWatch>> watch(std::function<void()> told) override;
  [[nodiscard]] Result<std::string> trail_id() override;
  [[nodiscard]] Result<std::vector<RecordedEvent>> recorded(EventId after, std::int64_t limit,
                                                            const std::stop_token& stop) override;
  [[nodiscard]] Result<std::string> root_at(std::int64_t size) override;
  // Nobody waits for it: what is signed is a snapshot.
  [[nodiscard]] Result<void> sign() override;
  [[nodiscard]] Result<std::string> checkpoint() override;
  [[nodiscard]] Result<void> note_anchor(const std::string& place) override;
  [[nodiscard]] Result<std::string> bundle(const BundleOpts& opts) override;
  // Within one snapshot, however long it takes.
  [[nodiscard]] Result<TileCounts> tiles(const TileOpts& opts,
                                         const std::stop_token& stop) override;

  [[nodiscard]] Result<void> close() override;

 private:
  struct Impl;
  explicit PostgresStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace agentaudit
