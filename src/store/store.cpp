#include "agentaudit/store/store.h"

#include "agentaudit/store/clickhouse_store.h"
#include "agentaudit/store/postgres_store.h"
#include "agentaudit/store/sqlite_store.h"
#include "ledger/note_signer.h"
#include "store/store_url.h"

namespace agentaudit {

Result<EventId> Store::insert(const EventView& event) {
  const auto range = insert_batch({&event, 1});
  if (!range) return fail(range.error());
  return range->first;
}

Result<InsertedNew> Store::insert_new(std::span<const KeyedView> /*events*/) {
  return fail(ErrorCode::unsupported, "this store keeps no origin keys");
}

Result<PruneCounts> Store::preview_prune(const PruneOpts& /*opts*/,
                                         const std::stop_token& /*stop*/) {
  return fail(ErrorCode::unsupported, "this store cannot say what a prune would delete");
}

Result<Verification> Store::verify(const VerifyOpts& /*opts*/, const std::stop_token& /*stop*/) {
  return fail(ErrorCode::unsupported, "this store cannot be verified here; verify its trails");
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): those that can keep it take it over.
Result<std::unique_ptr<StoreWatch>> Store::watch(std::function<void()> /*told*/) {
  return fail(ErrorCode::unsupported, "this store does not tell what is stored");
}

Result<std::string> Store::trail_id() {
  return fail(ErrorCode::unsupported, "this store has no trail id of its own");
}

Result<std::vector<FleetTrail>> Store::trails(const std::stop_token& /*stop*/,
                                              std::chrono::nanoseconds /*silent_after*/) {
  return fail(ErrorCode::unsupported, "only a fleet has several trails; clickhouse://… names one");
}

Result<std::shared_ptr<Store>> Store::of_trails(const std::vector<std::string>& /*ids*/) {
  return fail(ErrorCode::unsupported, "only a fleet has several trails; clickhouse://… names one");
}

Result<std::vector<RecordedEvent>> Store::recorded(EventId /*after*/, std::int64_t /*limit*/,
                                                   const std::stop_token& /*stop*/) {
  return fail(ErrorCode::unsupported, "this store cannot say how its events were recorded");
}

Result<std::string> Store::root_at(std::int64_t /*size*/) {
  return fail(ErrorCode::unsupported, "this store keeps no tree");
}

Result<std::string> Store::checkpoint() {
  return fail(ErrorCode::unsupported, "this store signs no checkpoints");
}

Result<void> Store::note_anchor(const std::string& /*place*/) {
  return fail(ErrorCode::unsupported, "this store signs no checkpoints");
}

Result<std::string> Store::bundle(const BundleOpts& /*opts*/) {
  return fail(ErrorCode::unsupported, "this store makes no evidence bundles");
}

Result<TileCounts> Store::tiles(const TileOpts& /*opts*/, const std::stop_token& /*stop*/) {
  return fail(ErrorCode::unsupported, "this store writes no tiles");
}

Result<EventId> Store::redact(const RedactOpts& /*opts*/) {
  return fail(ErrorCode::unsupported, "this store erases no texts");
}

Result<std::int64_t> Store::add_hold(const HoldOpts& /*opts*/) {
  return fail(ErrorCode::unsupported, "this store keeps no holds");
}

Result<std::vector<Hold>> Store::holds() {
  return fail(ErrorCode::unsupported, "this store keeps no holds");
}

Result<void> Store::release_hold(std::int64_t /*id*/, const std::string& /*principal*/,
                                 const std::string& /*reason*/) {
  return fail(ErrorCode::unsupported, "this store keeps no holds");
}

Result<void> Store::set_retention(const RetentionOpts& /*opts*/) {
  return fail(ErrorCode::unsupported, "this store keeps no rules of retention");
}

Result<void> Store::unset_retention(const RetentionOpts& /*opts*/) {
  return fail(ErrorCode::unsupported, "this store keeps no rules of retention");
}

Result<std::vector<RetentionRule>> Store::retention() {
  return fail(ErrorCode::unsupported, "this store keeps no rules of retention");
}

Result<std::int64_t> Store::prune_before(Timestamp cutoff) {
  PruneOpts opts;
  opts.cutoff = cutoff;
  return prune_before(opts, {});
}

Result<std::shared_ptr<Store>> open_store(std::string_view url, const OpenStoreOptions& options) {
  constexpr std::string_view sqlite_scheme = "sqlite:";
  constexpr std::string_view memory_path = ":memory:";
  if (url.empty()) {
    return fail(ErrorCode::invalid_argument, "no store named; give a path such as audit.db");
  }
  if (is_clickhouse_url(url)) {
    auto fleet = options.query_timeout.count() > 0
                     ? ClickhouseStore::open(url, options.query_timeout)
                     : ClickhouseStore::open(url);
    if (!fleet) return fail(fleet.error());
    return std::shared_ptr<Store>(std::move(*fleet));
  }
  if (is_postgres_url(url)) {
    PostgresStoreOptions postgres_options;
    postgres_options.read_only = options.read_only;
    postgres_options.create = options.create;
    postgres_options.busy_timeout = options.busy_timeout;
    postgres_options.retry_for = 2 * options.busy_timeout;
    postgres_options.query_timeout = options.query_timeout;
    postgres_options.signing_key = options.signing_key;
    postgres_options.checkpoint_directory = options.checkpoint_directory;
    auto store = PostgresStore::open(url, postgres_options);
    wipe(postgres_options.signing_key);
    if (!store) return fail(store.error());
    return std::shared_ptr<Store>(std::move(*store));
  }
  std::string_view path = url;
  if (path.starts_with(sqlite_scheme)) {
    path.remove_prefix(sqlite_scheme.size());
    // sqlite:///srv/audit.db: an empty authority, then an absolute path.
    if (path.starts_with("///")) path.remove_prefix(2);
  } else if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
    return fail(ErrorCode::unsupported,
                "there is no store for " + std::string(path.substr(0, scheme)) +
                    "://; give a path, sqlite:PATH, postgres://… or clickhouse://…");
  }
  SqliteStoreOptions sqlite_options;
  sqlite_options.read_only = options.read_only;
  sqlite_options.create = options.create;
  sqlite_options.busy_timeout = options.busy_timeout;
  sqlite_options.query_timeout = options.query_timeout;
  sqlite_options.signing_key = options.signing_key;
  sqlite_options.checkpoint_directory = options.checkpoint_directory;
  auto store = path == memory_path ? SqliteStore::in_memory(sqlite_options)
                                   : SqliteStore::open(std::filesystem::path(path), sqlite_options);
  wipe(sqlite_options.signing_key);
  if (!store) return fail(store.error());
  return std::shared_ptr<Store>(std::move(*store));
}

}  // namespace agentaudit
