// SqliteStore::Impl: the writing connection, the readers, and who may use them when.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "agentaudit/core/names.h"
#include "agentaudit/store/sqlite_store.h"
#include "core/fork_guard.h"
#include "core/out_of_memory.h"
#include "store/disk_reserve.h"
#include "store/file_lock.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_options.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_readers.h"
#include "store/sqlite_session.h"
#include "store/sqlite_upkeep.h"
#include "store/sqlite_writer.h"
#include "store/trail_record.h"
#include "store/turn.h"

namespace agentaudit {

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
  std::optional<DiskReserve> reserve;
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
    if (!lock) return whole(work);
    const auto held = lock->hold(options.busy_timeout, stop);
    if (!held) return fail(held.error());
    return whole(work);
  }

  // After work that memory ran out for: nothing of it stays.
  void forget_half_done() noexcept {
    connection->rollback();
    writer->forget();
  }

  template <typename T>
  Result<T> whole(const std::function<Result<T>()>& work) {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      forget_half_done();
      return out_of_memory();
    }
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

  // The reserve goes for the one event that tells why none comes after it. What is left of it
  // serves those that try again at once.
  void record_full_disk(const Error& error) {
    if (error.code != ErrorCode::full || !reserve || !reserve->spend()) return;
    Event record = trail_record(action::disk_full);
    record.status = status::error;
    record.summary = "the disk is full: events are refused until there is room";
    const EventView view(record);
    (void)writer->append({&view, 1});
  }

  // Appends, and then does what is due beside it.
  template <typename T>
  [[nodiscard]] Result<T> write(const std::function<Result<T>()>& append) {
    return exclusive<T>([&] {
      auto written = append();
      if (written) {
        follow_up();
      } else {
        record_full_disk(written.error());
        // What was read wrong once is not kept: the disk may give it right again.
        if (written.error().code == ErrorCode::corrupt) connection->forget_pages();
      }
      return written;
    });
  }

  // What is due beside a batch, which is durable by now: memory that runs out here must not
  // make an error of it, or it would be written again.
  void follow_up() {
    try {
      writer->seal_at_leisure();
      sign_at_leisure();
      if (reserve) reserve->keep();
    } catch (const std::bad_alloc&) {
      forget_half_done();
    }
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
    Result<T> answer = ask(*memory_reader, limits, question);
    if (is_sound(answer)) return answer;
    // It may have broken off in the middle of what it keeps.
    connection->rollback();
    if (auto fresh = SqliteReader::make(*connection)) memory_reader.emplace(std::move(*fresh));
    return answer;
  }

  template <typename T>
  Result<T> ask_file(const QuestionLimits& limits,
                     const std::function<Result<T>(SqliteReader&)>& question) {
    auto reading = readers->take(limits);
    if (!reading) return fail(reading.error());
    Result<T> answer = ask((*reading)->reader.value(), limits, question);
    // One that reads a file as it once stood would never see what comes.
    const SqliteConnection& used = (*reading)->connection;
    const bool fit = is_sound(answer) && !used.immutable() && !used.in_transaction();
    readers->give_back(fit ? std::move(*reading) : nullptr);
    return answer;
  }

  // Whether the reader is what it was before.
  template <typename T>
  static bool is_sound(const Result<T>& answer) {
    return answer || answer.error().code == ErrorCode::not_found ||
           answer.error().code == ErrorCode::invalid_argument;
  }

  template <typename T>
  static Result<T> ask(SqliteReader& reader, const QuestionLimits& limits,
                       const std::function<Result<T>(SqliteReader&)>& question) {
    Result<T> answer = or_out_of_memory([&] {
      reader.connection().limit(limits.stop, limits.deadline);
      return question(reader);
    });
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
      reserve.emplace(path);
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

}  // namespace agentaudit
