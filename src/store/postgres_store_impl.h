// What a PostgresStore holds: how its writes and questions get a connection, and what becomes of
// them where that is lost.
#pragma once

#include <algorithm>
#include <any>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "agentaudit/store/postgres_store.h"
#include "core/fork_guard.h"
#include "core/out_of_memory.h"
#include "ledger/note_signer.h"
#include "store/postgres_checkpoints.h"
#include "store/postgres_connections.h"
#include "store/postgres_writer.h"
#include "store/rest.h"
#include "store/turn.h"

namespace agentaudit {

struct PostgresStore::Impl {
  using Clock = std::chrono::steady_clock;
  static constexpr auto retry_pause_least = std::chrono::milliseconds(50);
  static constexpr auto retry_pause_most = std::chrono::milliseconds(1'000);
  static constexpr auto sign_interval = std::chrono::seconds(1);

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
        readers(url, {.statement = with.query_timeout, .connect = connect_timeout()}) {}

  static Error closed_error() {
    return {.code = ErrorCode::closed, .message = "the store was closed"};
  }

  // Who will not wait long for a lock will not for a connection.
  [[nodiscard]] std::chrono::seconds connect_timeout() const {
    return std::clamp(std::chrono::ceil<std::chrono::seconds>(2 * options.busy_timeout),
                      std::chrono::seconds(2), std::chrono::seconds(10));
  }

  [[nodiscard]] bool is_closed() const { return fork_guard.in_child() || closing.stop_requested(); }

  Result<void> connect_writer() {
    if (writer) return {};
    auto connection =
        PostgresConnection::open(url, {.lock = options.busy_timeout, .connect = connect_timeout()});
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
    const auto trail_id = postgres_trail_id(writer->connection());
    if (!trail_id) return fail(trail_id.error());
    auto made =
        CheckpointSigner::make(options.signing_key, *trail_id, options.checkpoint_directory);
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

  // Writes records of the trail's own beside what they are about.
  template <typename T>
  Result<T> change(const std::function<Result<T>(PostgresWriter&)>& work) {
    auto done = write<T>(work);
    if (done) sign_at_leisure();
    return done;
  }

  // Has the server forget what was deleted from a table, if it may and can in the time of a
  // question; else it does so some time by itself.
  void vacuum(const std::string& table) {
    auto taken = readers.take(closing.get_token());
    if (!taken) return;
    const PostgresStop stopper(**taken, closing.get_token());
    const bool fit = (*taken)->run("VACUUM " + table) && !closing.stop_requested();
    readers.give_back(fit ? std::move(*taken) : nullptr);
  }
};

}  // namespace agentaudit
