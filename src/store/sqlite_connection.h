// A thin wrapper over SQLite's C API: a connection, a statement, and errors in this
// project's words.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "agentaudit/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace agentaudit {

// A prepared statement. Not thread-safe; must not outlive its connection. Text and
// blobs are bound without a copy: they must stay until the next reset.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  void bind(int index, std::int64_t value);
  void bind_text(int index, std::string_view text);
  void bind_blob(int index, std::string_view bytes);
  void bind_null(int index);

  // True: there is a row. False: done; the statement was reset. After an error it
  // was reset too.
  [[nodiscard]] Result<bool> step();
  // Runs to the end.
  [[nodiscard]] Result<void> run();
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const;
  // The bytes of a TEXT or BLOB, valid until the next step or reset.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] bool is_blob(int column) const;

 private:
  friend class SqliteConnection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  const std::string* name_ = nullptr;  // of the database, for messages
};

// One connection. Not thread-safe.
class SqliteConnection {
 public:
  enum class Mode { read_only, read_write, immutable, memory };

  // Opens the file, which must exist (except Mode::memory). Nothing is read yet.
  // Immutable reads the file alone, with no locks and no log beside it.
  [[nodiscard]] static Result<SqliteConnection> open(const std::filesystem::path& path, Mode mode,
                                                     std::chrono::milliseconds busy_timeout);

  SqliteConnection(SqliteConnection&&) noexcept = default;
  SqliteConnection& operator=(SqliteConnection&&) noexcept = default;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() = default;

  // Whether this is Mode::immutable: what it reads never changes.
  [[nodiscard]] bool immutable() const noexcept { return mode_ == Mode::immutable; }

  // The first bytes of the file as they stand, zeros after its end: no lock, no log, no
  // recovery. Through SQLite's own descriptor, because opening the file ourselves and
  // closing it again would drop the POSIX locks that this process holds on it.
  static constexpr int header_bytes = 100;
  [[nodiscard]] Result<std::string> header();

  // Runs one or more statements without results.
  [[nodiscard]] Result<void> exec(std::string_view sql);
  [[nodiscard]] Result<SqliteStatement> prepare(std::string_view sql);
  // The first column of the first row as an integer or as text; no row: not_found.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  [[nodiscard]] Result<std::string> text(std::string_view sql);

  // What it keeps of the file outside a transaction is read anew.
  void forget_pages() noexcept;

  [[nodiscard]] std::int64_t changes() const noexcept;
  // Rows that this connection wrote since it was opened.
  [[nodiscard]] std::int64_t total_changes() const noexcept;
  [[nodiscard]] bool in_transaction() const noexcept;
  // Where there is not even memory for it, it is due until the next transaction begins.
  void rollback() noexcept;
  [[nodiscard]] bool rollback_due() const noexcept { return rollback_due_; }
  // From now on a commit that finds at least `pages` pages in the write-ahead log moves
  // what readers do not hold to the file. Readers that overlap all the time would let the
  // log grow without end: at ten times the size the commit waits for them for a moment,
  // and empties the log. A process that writes once (`one_shot`) empties it at once, if no
  // reader holds it: the next such process would not know how much of it is moved, and
  // would go on at its end.
  void limit_log(int pages, bool one_shot);
  // Moves the log to the file and empties it, unless readers hold it: no wait.
  [[nodiscard]] Result<void> truncate_log();
  // The same, but waits for readers as long as the busy timeout. Errors: busy.
  [[nodiscard]] Result<void> empty_log();
  // Leaves the write-ahead log in place when this connection closes.
  void keep_log_on_close() noexcept;
  // Tells whether closing failed to release everything; the destructor cannot.
  [[nodiscard]] Result<void> close();

  // From now on statements end with `cancelled` when `stop` is requested or the deadline
  // has come; nullopt: never. A stop ends also what SQLite does in one instruction, such
  // as a checkpoint or the check of a table.
  void limit(std::stop_token stop, std::optional<std::chrono::steady_clock::time_point> deadline);
  // The same limits as another's, which must stay limited as long.
  void limit_like(const SqliteConnection& other);
  void unlimit() noexcept;
  // The same for work between statements. Errors: cancelled.
  [[nodiscard]] Result<void> within_limits() const;
  // Whether stop was requested: what ended with `cancelled` otherwise took too long.
  [[nodiscard]] bool stop_requested() const noexcept {
    return limits_ != nullptr && limits_->stop.stop_requested();
  }

  [[nodiscard]] Error error(int code) const;

  // For what this wrapper does not wrap.
  [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* database) const noexcept;
  };
  struct Interrupt {
    sqlite3* database;
    void operator()() const noexcept;
  };
  struct Limits {
    std::stop_token stop;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::stop_callback<Interrupt> interrupt;

    Limits(std::stop_token token, std::optional<std::chrono::steady_clock::time_point> end,
           sqlite3* database)
        : stop(std::move(token)), deadline(end), interrupt(stop, Interrupt{database}) {}

    [[nodiscard]] bool reached() const {
      return stop.stop_requested() || (deadline && std::chrono::steady_clock::now() > *deadline);
    }
  };
  struct LogLimit {
    int pages;
    int busy_timeout_ms;
    bool one_shot;
    int next_restart_pages;

    [[nodiscard]] int overgrown_pages() const { return one_shot ? pages : pages * 10; }
  };

  SqliteConnection() = default;
  static int checkpoint_log(void* context, sqlite3* database, const char* schema, int pages);

  Mode mode_ = Mode::read_only;
  int busy_timeout_ms_ = 0;
  bool rollback_due_ = false;
  // On the heap: statements and SQLite's callbacks point to them.
  std::unique_ptr<std::string> name_;
  std::unique_ptr<LogLimit> log_limit_;
  std::unique_ptr<sqlite3, Closer> database_;
  std::unique_ptr<Limits> limits_;  // goes first: a stop must find the database open
};

// A transaction that rolls back unless it was committed.
class SqliteTransaction {
 public:
  [[nodiscard]] static Result<SqliteTransaction> begin_read(SqliteConnection& connection);
  [[nodiscard]] static Result<SqliteTransaction> begin_write(SqliteConnection& connection);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  ~SqliteTransaction();

  [[nodiscard]] Result<void> commit();

 private:
  static Result<SqliteTransaction> begin(SqliteConnection& connection, std::string_view sql);

  explicit SqliteTransaction(SqliteConnection& connection) : connection_(&connection) {}
  SqliteConnection* connection_;
};

}  // namespace agentaudit
