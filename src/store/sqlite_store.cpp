#include "agentaudit/store/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "core/fork_guard.h"
#include "store/file_lock.h"
#include "store/prune_scope.h"
#include "store/sqlite_bundle.h"
#include "store/sqlite_check.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_conversations.h"
#include "store/sqlite_file.h"
#include "store/sqlite_groups.h"
#include "store/sqlite_holds.h"
#include "store/sqlite_list.h"
#include "store/sqlite_open_intents.h"
#include "store/sqlite_options.h"
#include "store/sqlite_prune.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_readers.h"
#include "store/sqlite_redact.h"
#include "store/sqlite_retention.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_stats.h"
#include "store/sqlite_tiles.h"
#include "store/sqlite_upkeep.h"
#include "store/sqlite_verify.h"
#include "store/sqlite_writer.h"
#include "store/turn.h"

namespace agentaudit {
namespace {

Result<void> check_batch_size(std::size_t events) {
  if (events == 0) return fail(ErrorCode::invalid_argument, "a batch without events");
  if (events <= limits::batch_events_max) return {};
  return fail(ErrorCode::too_large, "a batch of " + std::to_string(events) +
                                        " events, more than the limit of " +
                                        std::to_string(limits::batch_events_max));
}

}  // namespace

struct SqliteStore::Impl {
  // Constant after construction.
  std::filesystem::path path;  // empty: in memory
  SqliteStoreOptions options;
  ForkGuard fork_guard;

  // Requested when the store closes: ends the questions under way.
  std::stop_source closing;

  // The writing side. In memory it is the only connection, and reads use it too.
  Turn writer_turn;
  std::optional<SqliteConnection> connection;
  std::optional<SqliteWriter> writer;
  std::optional<SqliteSigner> signer;
  std::chrono::steady_clock::time_point next_checkpoint;
  std::optional<SqliteReader> memory_reader;
  std::optional<FileLock> lock;
  bool closed = false;

  // The reading side of a file.
  std::optional<SqliteReaders> readers;

  [[nodiscard]] bool in_memory() const noexcept { return path.empty(); }

  [[nodiscard]] Error closed_error() const {
    return {.code = ErrorCode::closed,
            .message = fork_guard.in_child()
                           ? "the store belongs to the process that forked this one; open it anew"
                           : "the store is closed"};
  }

  // Runs `work` with the writing connection to itself: the turn orders the threads of
  // this process, the lock file the processes. A stop ends the wait for both.
  template <typename T>
  Result<T> exclusive(const std::function<Result<T>()>& work, const std::stop_token& stop = {}) {
    if (fork_guard.in_child()) return fail(closed_error());
    if (!writer_turn.lock_before(stop, {})) return fail(ErrorCode::cancelled, "no turn came");
    const std::lock_guard guard(writer_turn, std::adopt_lock);
    if (closed) return fail(closed_error());
    if (options.read_only) {
      return fail(ErrorCode::read_only, path.native() + " was opened read-only");
    }
    if (!lock) return work();
    const auto held = lock->hold(options.busy_timeout, stop);
    if (!held) return fail(held.error());
    return work();
  }

  // For upkeep, which changes the trail beside the writer's back.
  [[nodiscard]] ExclusiveStep exclusive_step(const std::stop_token& stop) {
    return [this, stop](const std::function<Result<void>(SqliteConnection&)>& step) {
      return exclusive<void>(
          [&] {
            writer->forget_open_chunk();
            writer->look_for_unsealed();
            connection->limit(stop, {});
            auto done = step(*connection);
            connection->unlimit();
            return done;
          },
          stop);
    };
  }

  // Signs what was written, not too often. What fails now is tried again later: to record
  // goes before to prove.
  void sign_at_leisure() {
    constexpr auto interval = std::chrono::seconds(1);
    const auto now = std::chrono::steady_clock::now();
    if (!signer || now < next_checkpoint) return;
    (void)signer->sign();
    next_checkpoint = now + interval;
  }

  // Appends, and then does what is due beside it.
  template <typename T>
  [[nodiscard]] Result<T> write(const std::function<Result<T>()>& append) {
    return exclusive<T>([&] {
      auto written = append();
      if (written) {
        writer->seal_at_leisure();
        sign_at_leisure();
      }
      return written;
    });
  }

  // Gives leaves to events that have none, a step at a time; returns how many are left.
  [[nodiscard]] HashStep hash_step(const std::stop_token& stop) {
    constexpr std::size_t events_per_step = 4'096;
    return [this, stop] {
      return exclusive<std::int64_t>(
          [&] {
            connection->limit(stop, {});
            auto left = writer->hash_backlog(events_per_step);
            connection->unlimit();
            return left;
          },
          stop);
    };
  }

  // Answers one question within `timeout` (zero: no limit), unless the caller or close
  // ends it.
  template <typename T>
  Result<T> read(const std::stop_token& stop, std::chrono::milliseconds timeout,
                 const std::function<Result<T>(SqliteReader&)>& question) {
    if (fork_guard.in_child()) return fail(closed_error());
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the question was cancelled");
    std::stop_source either;
    const auto request = [&either] { either.request_stop(); };
    const std::stop_callback by_caller(stop, request);
    const std::stop_callback by_close(closing.get_token(), request);
    QuestionLimits limits{.stop = either.get_token(), .deadline = {}};
    if (timeout.count() > 0) limits.deadline = std::chrono::steady_clock::now() + timeout;

    Result<T> answer = in_memory() ? ask_memory(limits, question) : ask_file(limits, question);
    if (answer || answer.error().code != ErrorCode::cancelled) return answer;
    if (closing.stop_requested()) return fail(closed_error());
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the question was cancelled");
    return fail(ErrorCode::deadline,
                "the question took longer than " + std::to_string(timeout.count()) +
                    " ms; narrow it by time, agent or conversation, or give it more time");
  }

  template <typename T>
  Result<T> ask_memory(const QuestionLimits& limits,
                       const std::function<Result<T>(SqliteReader&)>& question) {
    if (!writer_turn.lock_before(limits.stop, limits.deadline)) {
      return fail(ErrorCode::cancelled, "no turn came");
    }
    const std::lock_guard guard(writer_turn, std::adopt_lock);
    if (closed) return fail(closed_error());
    return ask(*memory_reader, limits, question);
  }

  template <typename T>
  Result<T> ask_file(const QuestionLimits& limits,
                     const std::function<Result<T>(SqliteReader&)>& question) {
    auto reading = readers->take(limits);
    if (!reading) return fail(reading.error());
    Result<T> answer = ask((*reading)->reader.value(), limits, question);
    const bool sound = answer || answer.error().code == ErrorCode::not_found ||
                       answer.error().code == ErrorCode::invalid_argument;
    // One that reads a file as it once stood would never see what comes.
    const bool fit = sound && !(*reading)->connection.immutable();
    readers->give_back(fit ? std::move(*reading) : nullptr);
    return answer;
  }

  template <typename T>
  static Result<T> ask(SqliteReader& reader, const QuestionLimits& limits,
                       const std::function<Result<T>(SqliteReader&)>& question) {
    reader.connection().limit(limits.stop, limits.deadline);
    Result<T> answer = question(reader);
    reader.connection().unlimit();
    return answer;
  }

  [[nodiscard]] Result<void> prepare_writer() {
    auto made = SqliteWriter::make(*connection, options.checkpoint_on_close, options.ledger);
    if (!made) return fail(made.error());
    writer.emplace(std::move(*made));
    if (options.record_sessions && !in_memory()) {
      auto session_lock = SessionLock::open(path);
      if (!session_lock) return fail(session_lock.error());
      writer->record_session(SqliteSession(*connection, std::move(*session_lock)));
    }
    if (options.signing_key.empty()) return {};
    auto signing =
        SqliteSigner::make(*connection, options.signing_key, options.checkpoint_directory);
    wipe(options.signing_key);
    if (!signing) return fail(signing.error());
    signer.emplace(std::move(*signing));
    return {};
  }
};

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
  if (auto checked = check_batch_size(events.size()); !checked) return fail(checked.error());
  for (const EventView& event : events) {
    if (auto checked = check_limits(event); !checked) return fail(checked.error());
  }
  return impl_->write<IdRange>([&] { return impl_->writer->append(events); });
}

Result<std::vector<EventId>> SqliteStore::insert_new(std::span<const KeyedView> events) {
  if (auto checked = check_batch_size(events.size()); !checked) return fail(checked.error());
  for (const KeyedView& keyed : events) {
    if (auto checked = check_limits(keyed.event); !checked) return fail(checked.error());
    if (keyed.origin_key.size() > origin_key_bytes_max) {
      return fail(ErrorCode::invalid_argument,
                  "an origin key of " + std::to_string(keyed.origin_key.size()) +
                      " bytes, more than " + std::to_string(origin_key_bytes_max));
    }
  }
  return impl_->write<std::vector<EventId>>([&] { return impl_->writer->append_new(events); });
}

Result<ListResult> SqliteStore::list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ListResult>(stop, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_list(reader, *valid, impl_->options.search_total_budget);
  });
}

Result<Stats> SqliteStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<Stats>(stop, impl_->options.query_timeout,
                            [&](SqliteReader& reader) { return sqlite_stats(reader, *valid); });
}

Result<GroupsResult> SqliteStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<GroupsResult>(stop, impl_->options.query_timeout, [&](SqliteReader& reader) {
    return sqlite_groups(reader, *valid);
  });
}

Result<Event> SqliteStore::get(EventId id) {
  return impl_->read<Event>({}, impl_->options.query_timeout,
                            [&](SqliteReader& reader) { return reader.event(id); });
}

Result<ConversationsResult> SqliteStore::conversations(const ConversationsOpts& opts,
                                                       std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ConversationsResult>(
      stop, impl_->options.query_timeout,
      [&](SqliteReader& reader) { return sqlite_conversations(reader, *valid); });
}

Result<OpenIntentsResult> SqliteStore::open_intents(const OpenIntentsOpts& opts,
                                                    std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<OpenIntentsResult>(
      stop, impl_->options.query_timeout,
      [&](SqliteReader& reader) { return sqlite_open_intents(reader, *valid); });
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
    if (notes->empty()) {
      return fail(ErrorCode::not_found,
                  "the trail has no checkpoint, and there is no key to sign "
                  "one with (`agentaudit key init` makes one)");
    }
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
    return sqlite_release_hold(*impl_->connection, *impl_->writer, id, principal, reason);
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
