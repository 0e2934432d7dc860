#include "agentaudit/store/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "store/batch_check.h"
#include "store/prune_scope.h"
#include "store/sqlite_check.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_file.h"
#include "store/sqlite_holds.h"
#include "store/sqlite_options.h"
#include "store/sqlite_proof.h"
#include "store/sqlite_prune.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_recorded.h"
#include "store/sqlite_redact.h"
#include "store/sqlite_retention.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store_impl.h"
#include "store/sqlite_upkeep.h"
#include "store/sqlite_verify.h"

namespace agentaudit {

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::shared_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       const SqliteStoreOptions& options) {
  if (path.empty()) return fail(ErrorCode::invalid_argument, "the path of the trail is empty");
  if (auto checked = check_options(options); !checked) return fail(checked.error());
  if (auto ensured = ensure_file(path, options); !ensured) return fail(ensured.error());
  auto canonical = canonical_path(path);
  if (!canonical) return fail(canonical.error());
  auto impl = std::make_unique<Impl>();
  impl->path = std::move(*canonical);
  impl->options = options;
  if (options.read_only) {
    wipe(impl->options.signing_key);
    impl->readers.emplace(impl->path, impl->options);
    if (auto opened = impl->readers->open_first(); !opened) return fail(opened.error());
  } else {
    auto connection = open_for_writing(impl->path, options);
    if (!connection) return fail(connection.error());
    auto lock = FileLock::open(impl->path);
    if (!lock) return fail(lock.error());
    auto ready = make_ready(*connection, impl->path, options, *lock);
    if (!ready) return fail(ready.error());
    impl->lock.emplace(std::move(*lock));
    impl->connection.emplace(std::move(*connection));
    if (auto prepared = impl->prepare_writer(); !prepared) return fail(prepared.error());
    // After the writer has taken the key, so that no reader has a copy.
    impl->readers.emplace(impl->path, impl->options);
  }
  return std::shared_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

Result<std::shared_ptr<SqliteStore>> SqliteStore::in_memory(const SqliteStoreOptions& options) {
  if (auto checked = check_options(options); !checked) return fail(checked.error());
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->options.read_only = false;
  auto connection = SqliteConnection::open({}, SqliteConnection::Mode::memory, {});
  if (!connection) return fail(connection.error());
  impl->connection.emplace(std::move(*connection));
  if (auto created = sqlite_schema::create(*impl->connection); !created) {
    return fail(created.error());
  }
  if (auto prepared = impl->prepare_writer(); !prepared) return fail(prepared.error());
  auto reader = SqliteReader::make(*impl->connection);
  if (!reader) return fail(reader.error());
  impl->memory_reader.emplace(std::move(*reader));
  return std::shared_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

SqliteStore::~SqliteStore() {
  if (impl_->fork_guard.in_child()) {
    // Closing here could move or remove the log under the parent's feet, so the
    // child's copy is left as it is.
    (void)impl_.release();
    return;
  }
  (void)close();
}

Result<void> SqliteStore::close() {
  Impl& impl = *impl_;
  if (impl.fork_guard.in_child()) return fail(impl.closed_error());
  impl.closing.request_stop();
  if (impl.readers) impl.readers->close();
  const std::lock_guard guard(impl.writer_turn);
  if (impl.closed) return {};
  impl.closed = true;
  impl.memory_reader.reset();
  if (!impl.connection) return {};
  // The last connection to close moves the log to the file, which is a checkpoint and
  // needs the lock. Without it the log stays, and the next opener takes care of it.
  FileLock::Hold hold;
  if (impl.lock) {
    auto held = impl.lock->hold(impl.options.busy_timeout);
    if (held) hold = std::move(*held);
    if (!held) impl.connection->keep_log_on_close();
  }
  if (!impl.lock || hold) {
    (void)impl.writer->end_session();
    if (impl.signer) (void)impl.signer->sign();
  }
  impl.signer.reset();
  impl.writer.reset();
  auto closed = impl.connection->close();
  impl.connection.reset();
  return closed;
}

Result<IdRange> SqliteStore::insert_batch(std::span<const EventView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  return impl_->write<IdRange>([&] { return impl_->writer->append(events); });
}

Result<InsertedNew> SqliteStore::insert_new(std::span<const KeyedView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  return impl_->write<InsertedNew>([&] { return impl_->writer->append_new(events); });
}

Result<std::int64_t> SqliteStore::prune_before(const PruneOpts& opts, std::stop_token stop) {
  if (impl_->signer) {
    auto sealed = impl_->exclusive<void>([this] { return impl_->signer->sign(); }, stop);
    if (!sealed) return fail(sealed.error());
  }
  PruneAccess access;
  access.exclusive = impl_->exclusive_step(stop);
  access.hash = impl_->hash_step(stop);
  access.append = [this](const EventView& event) { return insert(event); };
  return sqlite_prune(access, opts, std::move(stop));
}

Result<void> SqliteStore::sign() {
  if (!impl_->signer) return {};
  return impl_->exclusive<void>([this] { return impl_->signer->sign(); });
}

Result<std::string> SqliteStore::checkpoint() {
  const auto newest = [](SqliteConnection& connection) -> Result<std::string> {
    auto notes = read_checkpoints(connection);
    if (!notes) return fail(notes.error());
    if (notes->empty()) return fail(no_checkpoint());
    return std::move(notes->back());
  };
  if (!impl_->signer) {
    return impl_->read<std::string>({}, impl_->options.query_timeout, [&](SqliteReader& reader) {
      return newest(reader.connection());
    });
  }
  if (auto signed_now = sign(); !signed_now) return fail(signed_now.error());
  return impl_->exclusive<std::string>([&] { return newest(*impl_->connection); });
}

Result<void> SqliteStore::note_anchor(const std::string& place) {
  return impl_->exclusive<void>([&] { return agentaudit::note_anchor(*impl_->connection, place); });
}

Result<std::string> SqliteStore::bundle(const BundleOpts& opts) {
  return impl_->read<std::string>({}, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_bundle(reader.connection(), opts);
  });
}

Result<TileCounts> SqliteStore::tiles(const TileOpts& opts, const std::stop_token& stop) {
  return impl_->read<TileCounts>(stop, std::chrono::milliseconds(0), [&](SqliteReader& reader) {
    return sqlite_tiles(reader.connection(), opts);
  });
}

Result<EventId> SqliteStore::redact(const RedactOpts& opts) {
  return impl_->exclusive<EventId>([&] {
    impl_->writer->forget_open_chunk();
    return sqlite_redact(*impl_->connection, *impl_->writer, opts);
  });
}

Result<PruneCounts> SqliteStore::preview_prune(const PruneOpts& opts, const std::stop_token& stop) {
  return impl_->read<PruneCounts>(stop, std::chrono::milliseconds(0), [&](SqliteReader& reader) {
    return sqlite_preview_prune(reader.connection(), opts);
  });
}

Result<std::int64_t> SqliteStore::add_hold(const HoldOpts& opts) {
  return impl_->exclusive<std::int64_t>(
      [&] { return sqlite_add_hold(*impl_->connection, *impl_->writer, opts); });
}

Result<std::vector<Hold>> SqliteStore::holds() {
  return impl_->read<std::vector<Hold>>({}, impl_->options.query_timeout, [](SqliteReader& reader) {
    return sqlite_holds(reader.connection());
  });
}

Result<void> SqliteStore::release_hold(std::int64_t id, const std::string& principal,
                                       const std::string& reason) {
  return impl_->exclusive<void>([&] {
    return sqlite_release_hold(*impl_->connection, *impl_->writer,
                               {.id = id, .principal = principal, .reason = reason});
  });
}

Result<void> SqliteStore::set_retention(const RetentionOpts& opts) {
  return impl_->exclusive<void>(
      [&] { return sqlite_set_retention(*impl_->connection, *impl_->writer, opts); });
}

Result<void> SqliteStore::unset_retention(const RetentionOpts& opts) {
  return impl_->exclusive<void>(
      [&] { return sqlite_unset_retention(*impl_->connection, *impl_->writer, opts); });
}

Result<std::vector<RetentionRule>> SqliteStore::retention() {
  return impl_->read<std::vector<RetentionRule>>(
      {}, impl_->options.query_timeout,
      [](SqliteReader& reader) { return sqlite_retention(reader.connection()); });
}

Result<std::int64_t> SqliteStore::seal(const UpkeepOpts& opts, const std::stop_token& stop) {
  return sqlite_seal(impl_->exclusive_step(stop), impl_->hash_step(stop), opts, stop);
}

Result<std::int64_t> SqliteStore::repair(const UpkeepOpts& opts, const std::stop_token& stop) {
  return sqlite_repair(impl_->exclusive_step(stop), opts, stop);
}

Result<SqliteStoreInfo> SqliteStore::info() {
  return impl_->read<SqliteStoreInfo>({}, impl_->options.query_timeout,
                                      [&](SqliteReader& reader) -> Result<SqliteStoreInfo> {
                                        auto info = sqlite_info(reader.connection());
                                        if (info) info->path = impl_->path.native();
                                        return info;
                                      });
}

const std::filesystem::path& SqliteStore::path() const noexcept { return impl_->path; }

Result<EventId> SqliteStore::last_id() {
  return impl_->read<EventId>({}, impl_->options.query_timeout, [](SqliteReader& reader) {
    return reader.connection().integer("SELECT coalesce(max(id), 0) FROM events");
  });
}

Result<std::string> SqliteStore::trail_id() {
  return impl_->read<std::string>({}, impl_->options.query_timeout, [](SqliteReader& reader) {
    return sqlite_schema::trail_id(reader.connection());
  });
}

Result<std::vector<RecordedEvent>> SqliteStore::recorded(EventId after, std::int64_t limit,
                                                         const std::stop_token& stop) {
  return impl_->read<std::vector<RecordedEvent>>(
      stop, impl_->options.query_timeout,
      [&](SqliteReader& reader) { return sqlite_recorded(reader.connection(), after, limit); });
}

Result<std::string> SqliteStore::root_at(std::int64_t size) {
  return impl_->read<std::string>({}, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_root_at(reader.connection(), size);
  });
}

Result<Verification> SqliteStore::verify(const VerifyOpts& opts, const std::stop_token& stop) {
  return impl_->read<Verification>(stop, std::chrono::milliseconds(0), [&](SqliteReader& reader) {
    return sqlite_verify(reader, opts);
  });
}

Result<void> SqliteStore::check(const std::stop_token& stop) {
  // Without a time limit: a check of a large trail takes as long as it takes.
  return impl_->read<void>(stop, std::chrono::milliseconds(0),
                           [&](SqliteReader& reader) { return sqlite_check(reader); });
}

}  // namespace agentaudit
