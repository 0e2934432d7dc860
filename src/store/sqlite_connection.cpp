#include "store/sqlite_connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sqlite3.h>

namespace agentaudit {
namespace {

ErrorCode code_of(int code, int system_errno) {
  if (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG) {
    return ErrorCode::full;
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::busy;
    case SQLITE_FULL: return ErrorCode::full;
    case SQLITE_READONLY: return ErrorCode::read_only;
    case SQLITE_PERM: return ErrorCode::permission;
    case SQLITE_NOTADB: return ErrorCode::not_a_trail;
    case SQLITE_CORRUPT: return ErrorCode::corrupt;
    case SQLITE_INTERRUPT: return ErrorCode::cancelled;
    case SQLITE_TOOBIG: return ErrorCode::too_large;
    case SQLITE_CANTOPEN:
      if (system_errno == ENOENT || system_errno == ENOTDIR) return ErrorCode::not_found;
      if (system_errno == EACCES || system_errno == EPERM) return ErrorCode::permission;
      if (system_errno == EROFS) return ErrorCode::read_only;
      return ErrorCode::io;
    default: return ErrorCode::io;
  }
}

std::string_view way_out(ErrorCode code) {
  switch (code) {
    case ErrorCode::busy: return "is locked by another process; try again";
    case ErrorCode::full: return "cannot grow: no space is left for it; free some";
    case ErrorCode::read_only: return "cannot be written: it is read-only";
    case ErrorCode::permission: return "cannot be opened: permission denied";
    case ErrorCode::not_a_trail: return "is not an agentaudit trail";
    case ErrorCode::not_found: return "does not exist";
    case ErrorCode::corrupt: return "is damaged; `agentaudit doctor` says more";
    default: return "could not be used";
  }
}

// What SQLite says, in this project's words. `database` may be nullptr.
Error error_of(sqlite3* database, int code, const std::string& name) {
  const int primary = code & 0xFF;
  const bool from_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  const ErrorCode error_code =
      code_of(code, from_system && database != nullptr ? sqlite3_system_errno(database) : 0);
  const bool said_by_database =
      database != nullptr && (sqlite3_extended_errcode(database) & 0xFF) == primary;
  const std::string said = said_by_database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  return {.code = error_code,
          .message = name + " " + std::string(way_out(error_code)) + " (SQLite: " + said + ")"};
}

// `file:` URI of a path (https://www.sqlite.org/uri.html).
std::string uri_of(const std::filesystem::path& path, std::string_view parameters) {
  // Of an absolute path with an empty authority: `//` at its start would be taken for one.
  std::string uri = path.is_absolute() ? "file://" : "file:";
  for (const char c : path.native()) {
    switch (c) {
      case '%': uri += "%25"; break;
      case '?': uri += "%3f"; break;
      case '#': uri += "%23"; break;
      default: uri += c;
    }
  }
  return uri.append(parameters);
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void SqliteStatement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void SqliteStatement::bind_text(int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may hold one.
  sqlite3_bind_text64(statement_.get(), index, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::bind_blob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
}

void SqliteStatement::bind_null(int index) { sqlite3_bind_null(statement_.get(), index); }

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = error_of(sqlite3_db_handle(statement_.get()), code, *name_);
  reset();
  return fail(std::move(error));
}

Result<void> SqliteStatement::run() {
  while (true) {
    const auto row = step();
    if (!row) return fail(row.error());
    if (!*row) return {};
  }
}

void SqliteStatement::reset() noexcept { sqlite3_reset(statement_.get()); }

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
  // For TEXT and BLOB alike: the bytes as they are, without a conversion.
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool SqliteStatement::is_blob(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
}

void SqliteConnection::Closer::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

Result<SqliteConnection> SqliteConnection::open(const std::filesystem::path& path, Mode mode,
                                                std::chrono::milliseconds busy_timeout) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  std::string uri;
  switch (mode) {
    case Mode::read_only:
      flags |= SQLITE_OPEN_READONLY;
      uri = uri_of(path, "");
      break;
    case Mode::read_write:
      flags |= SQLITE_OPEN_READWRITE;
      uri = uri_of(path, "");
      break;
    case Mode::immutable:
      flags |= SQLITE_OPEN_READONLY;
      uri = uri_of(path, "?immutable=1");
      break;
    case Mode::memory:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
      uri = ":memory:";
      break;
  }
  constexpr auto timeout_max = std::chrono::milliseconds(std::chrono::hours(1));
  SqliteConnection connection;
  connection.mode_ = mode;
  connection.busy_timeout_ms_ = static_cast<int>(std::min(busy_timeout, timeout_max).count());
  connection.name_ =
      std::make_unique<std::string>(mode == Mode::memory ? "the trail in memory" : path.native());
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &database, flags, nullptr);
  connection.database_.reset(database);
  if (code != SQLITE_OK) return fail(connection.error(code));

  sqlite3_busy_timeout(database, connection.busy_timeout_ms_);
  // A file that somebody tampered with must not be able to make SQLite run its views
  // or triggers with side effects.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return connection;
}

Result<std::string> SqliteConnection::header() {
  sqlite3_file* file = nullptr;
  const int found = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER,
                                         static_cast<void*>(&file));
  if (found != SQLITE_OK) return fail(error(found));
  std::string header(header_bytes, '\0');
  const int code = file->pMethods->xRead(file, header.data(), header_bytes, 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return fail(error(code));
  return header;
}

Result<void> SqliteConnection::exec(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return {};
}

Result<SqliteStatement> SqliteConnection::prepare(std::string_view sql) {
  SqliteStatement statement;
  statement.name_ = name_.get();
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  statement.statement_.reset(raw);
  if (code != SQLITE_OK) return fail(error(code));
  return statement;
}

Result<std::int64_t> SqliteConnection::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const auto row = statement->step();
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::not_found, *name_ + " has no such value");
  return statement->integer(0);
}

Result<std::string> SqliteConnection::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const auto row = statement->step();
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::not_found, *name_ + " has no such value");
  return std::string(statement->bytes(0));
}

std::int64_t SqliteConnection::total_changes() const noexcept {
  return sqlite3_total_changes(database_.get());
}

std::int64_t SqliteConnection::changes() const noexcept {
  return sqlite3_changes64(database_.get());
}

bool SqliteConnection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

void SqliteConnection::rollback() noexcept {
  // Where an exception came between a step and its reset, a statement would go on later from
  // rows that are no more.
  for (sqlite3_stmt* statement = sqlite3_next_stmt(database_.get(), nullptr); statement != nullptr;
       statement = sqlite3_next_stmt(database_.get(), statement)) {
    if (sqlite3_stmt_busy(statement) != 0) sqlite3_reset(statement);
  }
  if (in_transaction()) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  rollback_due_ = in_transaction();
}

void SqliteConnection::forget_pages() noexcept { sqlite3_db_release_memory(database_.get()); }

int SqliteConnection::checkpoint_log(void* context, sqlite3* database, const char* schema,
                                     int pages) {
  LogLimit& limit = *static_cast<LogLimit*>(context);
  if (pages < limit.pages) return SQLITE_OK;
  const bool overgrown = pages >= limit.next_restart_pages;
  if (overgrown) {
    constexpr int patience_ms = 200;
    sqlite3_busy_timeout(database,
                         limit.one_shot ? 0 : std::min(patience_ms, limit.busy_timeout_ms));
  }
  // A failure loses nothing: the log still holds all, and the next commit tries again.
  int mode = SQLITE_CHECKPOINT_PASSIVE;
  if (overgrown) mode = limit.one_shot ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;
  sqlite3_wal_checkpoint_v2(database, schema, mode, nullptr, nullptr);
  if (overgrown) {
    sqlite3_busy_timeout(database, limit.busy_timeout_ms);
    limit.next_restart_pages = pages + limit.pages;
  } else if (pages < limit.overgrown_pages()) {
    limit.next_restart_pages = limit.overgrown_pages();
  }
  return SQLITE_OK;
}

void SqliteConnection::limit_log(int pages, bool one_shot) {
  log_limit_ = std::make_unique<LogLimit>(LogLimit{.pages = pages,
                                                   .busy_timeout_ms = busy_timeout_ms_,
                                                   .one_shot = one_shot,
                                                   .next_restart_pages = 0});
  log_limit_->next_restart_pages = log_limit_->overgrown_pages();
  sqlite3_wal_hook(database_.get(), checkpoint_log, log_limit_.get());
}

Result<void> SqliteConnection::empty_log() {
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  return code == SQLITE_OK ? Result<void>() : fail(error(code));
}

Result<void> SqliteConnection::truncate_log() {
  sqlite3_busy_timeout(database_.get(), 0);
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  sqlite3_busy_timeout(database_.get(), busy_timeout_ms_);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) return fail(error(code));
  return {};
}

void SqliteConnection::keep_log_on_close() noexcept {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<void> SqliteConnection::close() {
  unlimit();
  const int code = sqlite3_close(database_.get());
  if (code != SQLITE_OK) return fail(error(code));
  (void)database_.release();
  return {};
}

// From any thread. SQLite forgets it when the next statement begins.
void SqliteConnection::Interrupt::operator()() const noexcept { sqlite3_interrupt(database); }

void SqliteConnection::limit(std::stop_token stop,
                             std::optional<std::chrono::steady_clock::time_point> deadline) {
  limits_ = std::make_unique<Limits>(std::move(stop), deadline, database_.get());
  // About a thousand instructions of SQLite's machine take tens of microseconds.
  constexpr int instructions = 1'000;
  sqlite3_progress_handler(
      database_.get(), instructions,
      [](void* context) { return static_cast<const Limits*>(context)->reached() ? 1 : 0; },
      limits_.get());
}

void SqliteConnection::limit_like(const SqliteConnection& other) {
  if (other.limits_ == nullptr) {
    unlimit();
  } else {
    limit(other.limits_->stop, other.limits_->deadline);
  }
}

void SqliteConnection::unlimit() noexcept {
  sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
  limits_.reset();
}

Result<void> SqliteConnection::within_limits() const {
  if (limits_ == nullptr || !limits_->reached()) return {};
  return fail(error(SQLITE_INTERRUPT));
}

Error SqliteConnection::error(int code) const { return error_of(database_.get(), code, *name_); }

Result<SqliteTransaction> SqliteTransaction::begin_read(SqliteConnection& connection) {
  return begin(connection, "BEGIN");
}

Result<SqliteTransaction> SqliteTransaction::begin_write(SqliteConnection& connection) {
  return begin(connection, "BEGIN IMMEDIATE");
}

Result<SqliteTransaction> SqliteTransaction::begin(SqliteConnection& connection,
                                                   std::string_view sql) {
  if (connection.rollback_due()) connection.rollback();
  if (auto begun = connection.exec(sql); !begun) return fail(begun.error());
  return SqliteTransaction(connection);
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() {
  if (connection_ != nullptr) connection_->rollback();
}

Result<void> SqliteTransaction::commit() {
  if (auto committed = connection_->exec("COMMIT"); !committed) return committed;
  connection_ = nullptr;
  return {};
}

}  // namespace agentaudit
