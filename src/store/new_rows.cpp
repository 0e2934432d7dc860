#include "store/new_rows.h"

#include <new>

#include <sqlite3.h>

namespace agentaudit {
namespace {

using Rows = std::span<const NewRow>;

// The columns of the virtual table, and of the rows that are inserted.
enum Field : int {
  id,
  timestamp,
  recorded_at,
  duration_ms,
  summary,
  detail,
  trace_id,
  span_id,
  parent_span_id,
  nonce,
  origin_key,
  first_name,
};
constexpr const char* declaration =
    "CREATE TABLE new_rows(id, timestamp, recorded_at, duration_ms, summary, detail,"
    " trace_id, span_id, parent_span_id, nonce, origin_key,"
    " category, action, agent, status, source, target, principal, conversation)";
// FAIL: the caller takes back its whole transaction, so that SQLite need not keep what it
// takes to undo the statement alone.
constexpr std::string_view insert_sql =
    "INSERT OR FAIL INTO events(id, timestamp, recorded_at, duration_ms, summary, detail,"
    " trace_id, span_id, parent_span_id, nonce, origin_key,"
    " category, action, agent, status, source, target, principal, conversation)"
    " SELECT * FROM new_rows";

struct Table {
  sqlite3_vtab base{};
  const Rows* rows = nullptr;
};

struct Cursor {
  sqlite3_vtab_cursor base{};
  const Rows* rows = nullptr;
  std::size_t at = 0;
};

// SQLite gives back what it was given: each is the first member of its own.
Cursor& cursor_of(sqlite3_vtab_cursor* base) { return *reinterpret_cast<Cursor*>(base); }

int connect(sqlite3* database, void* rows, int /*words*/, const char* const* /*words*/,
            sqlite3_vtab** table, char** /*error*/) {
  if (const int code = sqlite3_declare_vtab(database, declaration); code != SQLITE_OK) return code;
  // No view or trigger of a file may read it.
  sqlite3_vtab_config(database, SQLITE_VTAB_DIRECTONLY);
  auto* const made = new (std::nothrow) Table{.rows = static_cast<const Rows*>(rows)};
  if (made == nullptr) return SQLITE_NOMEM;
  *table = &made->base;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* /*info*/) { return SQLITE_OK; }

int open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  auto* const made = new (std::nothrow) Cursor{.rows = reinterpret_cast<const Table*>(table)->rows};
  if (made == nullptr) return SQLITE_NOMEM;
  *cursor = &made->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*index*/, const char* /*index*/, int /*values*/,
           sqlite3_value** /*values*/) {
  cursor_of(cursor).at = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++cursor_of(cursor).at;
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) {
  const Cursor& of = cursor_of(cursor);
  return of.at >= of.rows->size() ? 1 : 0;
}

// A null pointer would be NULL, and an empty view may hold one.
const char* data_of(std::string_view bytes) { return bytes.empty() ? "" : bytes.data(); }

void give_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, data_of(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void give_bytes(sqlite3_context* context, std::string_view bytes) {
  sqlite3_result_blob64(context, data_of(bytes), bytes.size(), SQLITE_STATIC);
}

template <std::size_t IdBytes>
void give_id(sqlite3_context* context, const StoredId<IdBytes>& stored) {
  if (stored.is_null()) {
    sqlite3_result_null(context);
  } else if (stored.is_bytes()) {
    give_bytes(context, stored.value());
  } else {
    give_text(context, stored.value());
  }
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int field) {
  const Cursor& of = cursor_of(cursor);
  const NewRow& row = (*of.rows)[of.at];
  switch (field) {
    case id: sqlite3_result_int64(context, row.id); break;
    case timestamp: sqlite3_result_int64(context, row.timestamp_ns); break;
    case recorded_at: sqlite3_result_int64(context, row.recorded_at_ns); break;
    case duration_ms: sqlite3_result_int64(context, row.event->duration.count()); break;
    case summary: give_text(context, row.event->summary); break;
    case detail: give_text(context, row.event->detail); break;
    case trace_id: give_id(context, row.trace_id); break;
    case span_id: give_id(context, row.span_id); break;
    case parent_span_id: give_id(context, row.parent_span_id); break;
    case nonce: give_bytes(context, row.nonce); break;
    case origin_key:
      if (!row.origin_key.empty()) give_bytes(context, row.origin_key);
      break;
    default: sqlite3_result_int64(context, row.names[static_cast<std::size_t>(field - first_name)]);
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id_of_row) {
  const Cursor& of = cursor_of(cursor);
  *id_of_row = (*of.rows)[of.at].id;
  return SQLITE_OK;
}

// Without xCreate it is there under its own name, with no CREATE.
const sqlite3_module module = [] {
  sqlite3_module made{};
  made.xConnect = connect;
  made.xBestIndex = best_index;
  made.xDisconnect = disconnect;
  made.xOpen = open;
  made.xClose = close;
  made.xFilter = filter;
  made.xNext = next;
  made.xEof = eof;
  made.xColumn = column;
  made.xRowid = row_id;
  return made;
}();

}  // namespace

Result<NewRows> NewRows::make(SqliteConnection& connection) {
  NewRows rows;
  const int code =
      sqlite3_create_module(connection.handle(), "new_rows", &module, rows.rows_.get());
  if (code != SQLITE_OK) return fail(connection.error(code));
  auto statement = connection.prepare(insert_sql);
  if (!statement) return fail(statement.error());
  rows.insert_ = std::move(*statement);
  return rows;
}

Result<void> NewRows::insert(std::span<const NewRow> rows) {
  *rows_ = rows;
  auto inserted = insert_.run();
  *rows_ = {};
  return inserted;
}

}  // namespace agentaudit
