#include "agentaudit/store/postgres_store.h"

#include <algorithm>
#include <any>
#include <atomic>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "core/bytes.h"
#include "core/fork_guard.h"
#include "core/out_of_memory.h"
#include "core/sha256.h"
#include "ledger/note_signer.h"
#include "store/batch_check.h"
#include "store/postgres_checkpoints.h"
#include "store/postgres_connections.h"
#include "store/postgres_info.h"
#include "store/postgres_listener.h"
#include "store/postgres_proof.h"
#include "store/postgres_prune.h"
#include "store/postgres_questions.h"
#include "store/postgres_schema.h"
#include "store/postgres_verify.h"
#include "store/postgres_writer.h"
#include "store/rest.h"
#include "store/turn.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto retry_pause_least = std::chrono::milliseconds(50);
constexpr auto retry_pause_most = std::chrono::milliseconds(1'000);
constexpr auto sign_interval = std::chrono::seconds(1);

Error closed_error() { return {.code = ErrorCode::closed, .message = "the store was closed"}; }

// Who will not wait long for a lock will not for a connection.
std::chrono::seconds connect_timeout(const PostgresStoreOptions& options) {
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(2 * options.busy_timeout),
                    std::chrono::seconds(2), std::chrono::seconds(10));
}

// Tells a batch from another. Of each event what the caller gave.
template <typename Events>
std::string digest_of(const Events& events) {
  Sha256 hasher;
  const auto add = [&](std::string_view bytes) {
    hasher.update(std::to_string(bytes.size()) + ':');
    hasher.update(bytes);
  };
  const auto add_event = [&](const EventView& event) {
    for (const std::string_view text :
         {event.category, event.action, event.agent, event.summary, event.detail, event.status,
          event.source, event.conversation_id, event.target, event.principal, event.trace_id,
          event.span_id, event.parent_span_id}) {
      add(text);
    }
    add(std::to_string(event.timestamp.ns()));
    add(std::to_string(event.duration.count()));
  };
  for (const auto& one : events) {
    if constexpr (requires { one.origin_key; }) {
      add(one.origin_key);
      add_event(one.event);
    } else {
      add_event(one);
    }
  }
  return std::string(view_of(hasher.digest()));
}

}  // namespace

struct PostgresStore::Impl {
  std::string url;
  PostgresStoreOptions options;
  ForkGuard fork_guard;
  Turn writer_turn;
  std::optional<PostgresWriter> writer;  // none: it is to be connected
  PostgresConnections readers;
  std::stop_source closing;
  // A batch of which it is not known whether it was committed; whoever tries again gets the
  // answer that was lost.
  struct Doubt {
    PostgresWriter::Mark mark;
    std::string digest;
    std::any result;
  };
  std::optional<Doubt> doubt;
  std::mutex signing;  // one signature at a time
  std::optional<CheckpointSigner> signer;
  std::atomic<Clock::time_point> next_checkpoint{};
  std::atomic<bool> has_unsigned = false;  // events of this store

  Impl(std::string_view of, const PostgresStoreOptions& with)
      : url(of),
        options(with),
        readers(url, {.statement = with.query_timeout, .connect = connect_timeout(with)}) {}

  [[nodiscard]] bool is_closed() const { return fork_guard.in_child() || closing.stop_requested(); }

  Result<void> connect_writer() {
    if (writer) return {};
    auto connection = PostgresConnection::open(
        url, {.lock = options.busy_timeout, .connect = connect_timeout(options)});
    if (!connection) return fail(connection.error());
    writer.emplace(std::move(*connection));
    return {};
  }

  using Digest = std::function<std::string()>;  // of the batch

  // Runs work that leaves a transaction open, and commits it. Where the connection is lost,
  // the work is done again, unless it turns out to be committed; of work that stores no event
  // that is not looked up: it must be such that it may be done twice.
  template <typename T>
  Result<T> write(const std::function<Result<T>(PostgresWriter&)>& work,
                  const std::stop_token& stop = {}, const Digest& digest = {}) {
    if (is_closed()) return fail(closed_error());
    if (options.read_only) return fail(ErrorCode::read_only, "the store was opened read-only");
    if (!writer_turn.lock_before(stop, {})) return fail(ErrorCode::cancelled, "no turn came");
    const std::lock_guard guard(writer_turn, std::adopt_lock);
    const auto give_up = Clock::now() + options.retry_for;
    if (doubt) {
      auto known = resolve<T>(digest, give_up);
      if (!known) return fail(known.error());
      if (*known) return **known;
    }
    std::chrono::milliseconds pause = retry_pause_least;
    while (true) {
      if (closing.stop_requested()) return fail(closed_error());
      Result<T> done = or_out_of_memory([&] { return attempt(work, give_up, digest); });
      // Without a writer, its connection was lost before anything could be committed.
      if (done || writer || Clock::now() + pause > give_up) return done;
      if (!is_transient(done.error().code) || done.error().code == ErrorCode::deadline) return done;
      rest(closing.get_token(), pause);
      pause = std::min(pause * 2, retry_pause_most);
    }
  }

  template <typename T>
  Result<T> attempt(const std::function<Result<T>(PostgresWriter&)>& work,
                    Clock::time_point give_up, const Digest& digest) {
    if (auto connected = connect_writer(); !connected) return fail(connected.error());
    Result<T> done = work_or_nothing(work);
    if (done) {
      const PostgresWriter::Mark mark = writer->mark();
      auto committed = writer->commit();
      if (committed) return done;
      if (writer->connection().is_lost()) {
        writer.reset();
        if (mark.id != 0) committed = look_up(mark, give_up);
        if (committed) return done;
        if (committed.error().code == ErrorCode::deadline && digest) {
          doubt = Doubt{.mark = mark, .digest = digest(), .result = done};
        }
      }
      done = fail(committed.error());
    }
    if (done || !writer) return done;
    writer->rollback();
    // Another host may take what this one takes no more.
    const bool is_read_only = done.error().code == ErrorCode::read_only;
    if (is_read_only || writer->connection().is_lost()) writer.reset();
    return done;
  }

  // Where memory runs out in the middle of a transaction, the connection goes with it.
  template <typename T>
  Result<T> work_or_nothing(const std::function<Result<T>(PostgresWriter&)>& work) {
    try {
      return work(*writer);
    } catch (const std::bad_alloc&) {
      writer.reset();
      throw;
    }
  }

  // What became of the batch in doubt, if this is it; nothing: this one is to be written. Errors:
  // it is still not known.
  template <typename T>
  Result<std::optional<Result<T>>> resolve(const Digest& digest, Clock::time_point give_up) {
    const auto committed = look_up(doubt->mark, give_up);
    if (!committed && committed.error().code == ErrorCode::deadline) {
      return fail(committed.error());
    }
    const Doubt was = *std::exchange(doubt, std::nullopt);
    const auto* const result = std::any_cast<Result<T>>(&was.result);
    if (!committed || result == nullptr || !digest || digest() != was.digest) {
      return std::optional<Result<T>>();
    }
    return std::optional<Result<T>>(*result);
  }

  // Whether the transaction that left the mark was committed. Errors: without a writer, that it
  // was not; that it could not be learned until `give_up`.
  Result<void> look_up(const PostgresWriter::Mark& mark, Clock::time_point give_up) {
    std::chrono::milliseconds pause = retry_pause_least;
    while (true) {
      const Result<bool> found = is_committed(mark);
      if (found && *found) return {};
      writer.reset();
      if (found) {
        return fail(ErrorCode::io, "the connection to PostgreSQL was lost before the commit");
      }
      if (Clock::now() + pause > give_up || closing.stop_requested()) {
        // Not to be tried again: it may be stored.
        return fail(ErrorCode::deadline,
                    "PostgreSQL did not say in time whether the batch from event " +
                        std::to_string(mark.id) +
                        " on was committed; try the same batch again to learn it");
      }
      rest(closing.get_token(), pause);
      pause = std::min(pause * 2, retry_pause_most);
    }
  }

  Result<bool> is_committed(const PostgresWriter::Mark& mark) {
    if (auto connected = connect_writer(); !connected) return fail(connected.error());
    return writer->is_committed(mark);
  }

  Result<void> make_signer() {
    if (options.signing_key.empty()) return {};
    const auto row = writer->connection().ask("SELECT trail_id FROM agentaudit_trail");
    if (!row) return fail(row.error());
    auto made = CheckpointSigner::make(options.signing_key, row->row(0).text(),
                                       options.checkpoint_directory);
    wipe(options.signing_key);
    if (!made) return fail(made.error());
    signer.emplace(std::move(*made));
    return {};
  }

  // The caller has `signing`.
  Result<void> sign(std::chrono::nanoseconds age_least) {
    const auto made = read<std::optional<NewCheckpoint>>({}, [&](PostgresConnection& connection) {
      return sign_snapshot(connection, *signer, age_least.count());
    });
    if (!made) return fail(made.error());
    if (!*made) return {};
    auto stored = write<void>(
        [&](PostgresWriter& with) { return store_checkpoint(with, **made, signer->public_key()); });
    if (stored) signer->keep((*made)->size, (*made)->note);
    return stored;
  }

  // Signs what was written, not too often. What fails now is tried again later: to record
  // goes before to prove.
  void sign_at_leisure() {
    has_unsigned = true;
    if (!signer || Clock::now() < next_checkpoint.load()) return;
    const std::unique_lock guard(signing, std::try_to_lock);
    if (!guard) return;
    next_checkpoint = Clock::now() + sign_interval;
    (void)sign(sign_interval);
  }

  // Answers a question from one snapshot.
  template <typename T>
  Result<T> read(const std::stop_token& stop,
                 const std::function<Result<T>(PostgresConnection&)>& question) {
    if (is_closed()) return fail(closed_error());
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the question was cancelled");
    std::stop_source either;
    const auto request = [&either] { either.request_stop(); };
    const std::stop_callback by_caller(stop, request);
    const std::stop_callback by_close(closing.get_token(), request);
    Result<T> answer = ask(either.get_token(), question);
    if (!answer && answer.error().code == ErrorCode::io && !either.stop_requested()) {
      // The server may have been started again since the connection was used last.
      readers.drop_idle();
      answer = ask(either.get_token(), question);
    }
    if (closing.stop_requested() && !answer) return fail(closed_error());
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the question was cancelled");
    if (answer || answer.error().code != ErrorCode::deadline) return answer;
    return fail(ErrorCode::deadline,
                "the question took longer than " + std::to_string(options.query_timeout.count()) +
                    " ms; narrow it by time, agent or conversation, or give it more time");
  }

  template <typename T>
  Result<T> ask(const std::stop_token& stop,
                const std::function<Result<T>(PostgresConnection&)>& question) {
    auto taken = readers.take(stop);
    if (!taken) return fail(taken.error());
    PostgresConnection& connection = **taken;
    Result<T> answer = or_out_of_memory([&]() -> Result<T> {
      const PostgresStop stopper(connection, stop);
      auto begun = connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      if (!begun) return fail(begun.error());
      return question(connection);
    });
    // A stop may reach the server when the question is over, and must not end the next one.
    bool fit = !stop.stop_requested() && !connection.is_lost();
    if (fit) fit = connection.run("ROLLBACK").has_value();
    readers.give_back(fit ? std::move(*taken) : nullptr);
    return answer;
  }
};

PostgresStore::PostgresStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::shared_ptr<PostgresStore>> PostgresStore::open(std::string_view url,
                                                           const PostgresStoreOptions& options) {
  auto impl = std::make_unique<Impl>(url, options);
  if (options.read_only) {
    auto connection = impl->readers.take({});
    if (!connection) return fail(connection.error());
    auto ensured = postgres_schema::ensure(**connection, false);
    impl->readers.give_back(std::move(*connection));
    if (!ensured) return fail(ensured.error());
  } else {
    if (auto connected = impl->connect_writer(); !connected) return fail(connected.error());
    auto ensured = postgres_schema::ensure(impl->writer->connection(), options.create);
    if (!ensured) return fail(ensured.error());
    if (auto made = impl->make_signer(); !made) return fail(made.error());
  }
  return std::shared_ptr<PostgresStore>(new PostgresStore(std::move(impl)));
}

PostgresStore::~PostgresStore() {
  if (impl_->fork_guard.in_child()) {
    // The parent's server must not be told that it leaves.
    (void)impl_.release();
    return;
  }
  (void)close();
}

Result<void> PostgresStore::close() {
  Impl& impl = *impl_;
  if (impl.fork_guard.in_child()) return fail(closed_error());
  if (!impl.closing.stop_requested() && impl.has_unsigned) (void)sign();
  impl.closing.request_stop();
  const std::lock_guard guard(impl.writer_turn);
  impl.writer.reset();
  impl.readers.drop_idle();
  return {};
}

Result<IdRange> PostgresStore::insert_batch(std::span<const EventView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  auto ids = impl_->write<IdRange>([&](PostgresWriter& writer) { return writer.append(events); },
                                   {}, [&] { return digest_of(events); });
  if (ids) impl_->sign_at_leisure();
  return ids;
}

Result<InsertedNew> PostgresStore::insert_new(std::span<const KeyedView> events) {
  if (auto checked = check_batch(events); !checked) return fail(checked.error());
  auto inserted =
      impl_->write<InsertedNew>([&](PostgresWriter& writer) { return writer.append_new(events); },
                                {}, [&] { return digest_of(events); });
  if (inserted) impl_->sign_at_leisure();
  return inserted;
}

Result<std::int64_t> PostgresStore::prune_before(const PruneOpts& opts, std::stop_token stop) {
  if (auto sealed = sign(); !sealed) return fail(sealed.error());
  const PostgresStep step = [&](const std::function<Result<void>(PostgresWriter&)>& work) {
    return impl_->write<void>(work, stop);
  };
  return postgres_prune(step, opts, stop);
}

Result<ListResult> PostgresStore::list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ListResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).list(*valid);
  });
}

Result<Stats> PostgresStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<Stats>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).stats(*valid);
  });
}

Result<GroupsResult> PostgresStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<GroupsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).groups(*valid);
  });
}

Result<Event> PostgresStore::get(EventId id) {
  return impl_->read<Event>(
      {}, [&](PostgresConnection& connection) { return PostgresQuestion(connection).get(id); });
}

Result<ConversationsResult> PostgresStore::conversations(const ConversationsOpts& opts,
                                                         std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<ConversationsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).conversations(*valid);
  });
}

Result<OpenIntentsResult> PostgresStore::open_intents(const OpenIntentsOpts& opts,
                                                      std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return impl_->read<OpenIntentsResult>(stop, [&](PostgresConnection& connection) {
    return PostgresQuestion(connection).open_intents(*valid);
  });
}

Result<Verification> PostgresStore::verify(const VerifyOpts& opts, const std::stop_token& stop) {
  return impl_->read<Verification>(
      stop, [&](PostgresConnection& connection) -> Result<Verification> {
        if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
          return fail(unlimited.error());
        }
        return postgres_verify(connection, opts, stop);
      });
}

Result<PruneCounts> PostgresStore::preview_prune(const PruneOpts& opts,
                                                 const std::stop_token& stop) {
  return impl_->read<PruneCounts>(stop, [&](PostgresConnection& connection) -> Result<PruneCounts> {
    if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
      return fail(unlimited.error());
    }
    return postgres_preview_prune(connection, opts);
  });
}

Result<PostgresStoreInfo> PostgresStore::info() {
  return impl_->read<PostgresStoreInfo>({}, postgres_info);
}

Result<EventId> PostgresStore::last_id() {
  return impl_->read<EventId>({}, [](PostgresConnection& connection) {
    return connection.number("SELECT last_id FROM agentaudit_trail");
  });
}

Result<std::unique_ptr<StoreWatch>> PostgresStore::watch(std::function<void()> told) {
  if (impl_->is_closed()) return fail(closed_error());
  return std::make_unique<PostgresListener>(
      impl_->url, PostgresConnection::Limits{.connect = connect_timeout(impl_->options)},
      std::move(told));
}

Result<std::string> PostgresStore::trail_id() {
  return impl_->read<std::string>({}, [](PostgresConnection& connection) -> Result<std::string> {
    const auto row = connection.ask("SELECT trail_id FROM agentaudit_trail");
    if (!row) return fail(row.error());
    return row->row(0).text();
  });
}

Result<std::vector<RecordedEvent>> PostgresStore::recorded(EventId after, std::int64_t limit,
                                                           const std::stop_token& stop) {
  return impl_->read<std::vector<RecordedEvent>>(stop, [&](PostgresConnection& connection) {
    return postgres_recorded(connection, after, limit);
  });
}

Result<std::string> PostgresStore::root_at(std::int64_t size) {
  return impl_->read<std::string>(
      {}, [&](PostgresConnection& connection) { return postgres_root_at(connection, size); });
}

Result<void> PostgresStore::sign() {
  const std::lock_guard guard(impl_->signing);
  if (!impl_->signer) return {};
  impl_->has_unsigned = false;
  auto done = impl_->sign(std::chrono::nanoseconds(0));
  if (!done) impl_->has_unsigned = true;
  return done;
}

Result<std::string> PostgresStore::checkpoint() {
  if (auto signed_now = sign(); !signed_now) return fail(signed_now.error());
  return impl_->read<std::string>({}, [](PostgresConnection& connection) -> Result<std::string> {
    auto notes = read_checkpoints(connection);
    if (!notes) return fail(notes.error());
    if (notes->empty()) return fail(no_checkpoint());
    return std::move(notes->back());
  });
}

Result<void> PostgresStore::note_anchor(const std::string& place) {
  return impl_->write<void>(
      [&](PostgresWriter& writer) { return agentaudit::note_anchor(writer, place); });
}

Result<std::string> PostgresStore::bundle(const BundleOpts& opts) {
  return impl_->read<std::string>(
      {}, [&](PostgresConnection& connection) { return postgres_bundle(connection, opts); });
}

Result<TileCounts> PostgresStore::tiles(const TileOpts& opts, const std::stop_token& stop) {
  return impl_->read<TileCounts>(stop, [&](PostgresConnection& connection) -> Result<TileCounts> {
    if (auto unlimited = connection.run("SET LOCAL statement_timeout = 0"); !unlimited) {
      return fail(unlimited.error());
    }
    return postgres_tiles(connection, opts);
  });
}

}  // namespace agentaudit
