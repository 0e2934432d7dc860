#include "store/sqlite_schema.h"

#include <array>
#include <string>

#include "core/hex.h"
#include "core/random_bytes.h"

namespace agentaudit::sqlite_schema {
namespace {

constexpr int page_bytes = 16'384;

constexpr std::string_view version_1 = R"sql(
CREATE TABLE trail(
  key TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;

CREATE TABLE names(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE(kind, name)
);

CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  timestamp INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  category INTEGER NOT NULL,
  action INTEGER NOT NULL,
  agent INTEGER NOT NULL,
  status INTEGER NOT NULL,
  source INTEGER NOT NULL,
  target INTEGER NOT NULL,
  principal INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  trace_id,
  span_id,
  parent_span_id,
  summary TEXT NOT NULL,
  detail TEXT NOT NULL,
  nonce BLOB NOT NULL
);

CREATE TABLE chunks(
  chunk INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  min_timestamp INTEGER NOT NULL,
  max_timestamp INTEGER NOT NULL
);

CREATE VIEW audit_events AS
SELECT
  e.id AS id,
  -- Floored to the second, so that times before 1970 come out right.
  strftime('%Y-%m-%dT%H:%M:%S',
           (e.timestamp - ((e.timestamp % 1000000000) + 1000000000) % 1000000000) / 1000000000,
           'unixepoch')
    || printf('.%09dZ', ((e.timestamp % 1000000000) + 1000000000) % 1000000000) AS timestamp,
  coalesce((SELECT name FROM names WHERE id = e.category), '') AS category,
  coalesce((SELECT name FROM names WHERE id = e.action), '') AS action,
  coalesce((SELECT name FROM names WHERE id = e.agent), '') AS agent,
  e.summary AS summary,
  e.detail AS detail,
  coalesce((SELECT name FROM names WHERE id = e.status), '') AS status,
  e.duration_ms AS duration_ms,
  coalesce((SELECT name FROM names WHERE id = e.source), '') AS source,
  coalesce((SELECT name FROM names WHERE id = e.conversation), '') AS conversation_id,
  coalesce((SELECT name FROM names WHERE id = e.target), '') AS target,
  coalesce((SELECT name FROM names WHERE id = e.principal), '') AS principal,
  CASE typeof(e.trace_id) WHEN 'blob' THEN lower(hex(e.trace_id))
    ELSE coalesce(e.trace_id, '') END AS trace_id,
  CASE typeof(e.span_id) WHEN 'blob' THEN lower(hex(e.span_id))
    ELSE coalesce(e.span_id, '') END AS span_id,
  CASE typeof(e.parent_span_id) WHEN 'blob' THEN lower(hex(e.parent_span_id))
    ELSE coalesce(e.parent_span_id, '') END AS parent_span_id
FROM events e;
)sql";

constexpr std::string_view version_2 = R"sql(
ALTER TABLE chunks ADD COLUMN bounds BLOB;
ALTER TABLE chunks ADD COLUMN deleted BLOB;

CREATE TABLE columns(
  key INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

CREATE TABLE grams(
  chunk INTEGER PRIMARY KEY,
  three BLOB NOT NULL
);
)sql";

constexpr std::string_view version_3 = R"sql(
INSERT INTO trail(key, value) VALUES ('rewrites', 0);
)sql";

// The ledger; docs/ledger.md. Events that are there already wait for their leaves.
constexpr std::string_view version_4 = R"sql(
CREATE TABLE tree(
  key INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

CREATE TABLE checkpoints(
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL,
  anchored TEXT
);

CREATE TABLE sessions(
  opened INTEGER PRIMARY KEY
);

CREATE TABLE redactions(
  id INTEGER PRIMARY KEY,
  summary BLOB,
  detail BLOB
);

CREATE TABLE holds(
  id INTEGER PRIMARY KEY,
  agent TEXT,
  conversation TEXT,
  since INTEGER,
  until INTEGER,
  reason TEXT NOT NULL,
  principal TEXT NOT NULL,
  created INTEGER NOT NULL
);

CREATE TABLE retention(
  category TEXT PRIMARY KEY,
  days INTEGER NOT NULL
);

INSERT INTO trail(key, value) SELECT 'ledger_backlog', coalesce(max(id), 0) FROM events;
)sql";

constexpr std::string_view version_5 = R"sql(
ALTER TABLE events ADD COLUMN origin_key BLOB;

CREATE UNIQUE INDEX event_origins ON events(origin_key) WHERE origin_key IS NOT NULL;
)sql";

constexpr std::array<Migration, 5> all_migrations = {{{.to_version = 1, .sql = version_1},
                                                      {.to_version = 2, .sql = version_2},
                                                      {.to_version = 3, .sql = version_3},
                                                      {.to_version = 4, .sql = version_4},
                                                      {.to_version = 5, .sql = version_5}}};
static_assert(all_migrations.back().to_version == version);

// No schema change; the creation itself: what identifies the trail.
Result<void> write_identity(SqliteConnection& connection) {
  std::array<char, 16> trail_id{};
  if (auto filled = random_bytes(trail_id); !filled) return filled;
  auto statement =
      connection.prepare("INSERT INTO trail(key, value) VALUES ('trail_id', ?1), ('created', ?2)");
  if (!statement) return fail(statement.error());
  const std::string hex = to_hex({trail_id.data(), trail_id.size()});
  statement->bind_text(1, hex);
  statement->bind(2, Timestamp::now().ns());
  return statement->run();
}

// A signed integer of the database header (https://www.sqlite.org/fileformat.html).
std::int64_t big_endian(std::string_view header, std::size_t offset) {
  std::uint32_t value = 0;
  for (const char c : header.substr(offset, 4)) value = value << 8U | static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(value);
}

Result<void> check_identity(std::int64_t found_id, std::int64_t found_version,
                            std::string_view name) {
  if (found_id != application_id) {
    return fail(ErrorCode::not_a_trail,
                std::string(name) +
                    " is a SQLite database, but not an agentaudit trail; it was not touched "
                    "(`agentaudit import` reads events from one)");
  }
  if (found_version > version) {
    return fail(ErrorCode::newer_version,
                std::string(name) + " has schema version " + std::to_string(found_version) +
                    ", and this agentaudit knows up to " + std::to_string(version) +
                    "; it was not touched. Install a newer agentaudit");
  }
  return {};
}

}  // namespace

Result<std::optional<std::int64_t>> rewrites(SqliteConnection& connection) {
  const auto count = connection.integer("SELECT value FROM trail WHERE key = 'rewrites'");
  if (count) return std::optional(*count);
  if (count.error().code == ErrorCode::not_found) return std::optional<std::int64_t>();
  return fail(count.error());
}

Result<void> count_rewrite(SqliteConnection& connection) {
  return connection.exec("UPDATE trail SET value = value + 1 WHERE key = 'rewrites'");
}

Result<std::string> trail_id(SqliteConnection& connection) {
  return connection.text("SELECT value FROM trail WHERE key = 'trail_id'");
}

Result<bool> has_table(SqliteConnection& connection, std::string_view name) {
  auto select =
      connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1");
  if (!select) return fail(select.error());
  select->bind_text(1, name);
  return select->step();
}

std::span<const Migration> migrations() { return all_migrations; }

Result<void> configure_writer(SqliteConnection& connection, int wal_pages, bool one_shot) {
  // After a rush the log shrinks again to twice its usual size.
  const std::int64_t log_bytes_max = std::int64_t{wal_pages} * page_bytes * 2;
  connection.limit_log(wal_pages, one_shot);
  return connection.exec(
      "PRAGMA synchronous=FULL;"
      "PRAGMA secure_delete=FAST;"
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-16384;"
      "PRAGMA journal_size_limit=" +
      std::to_string(log_bytes_max));
}

Result<void> configure_reader(SqliteConnection& connection) {
  return connection.exec(
      "PRAGMA query_only=ON;"
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-1024");
}

Result<void> create(SqliteConnection& connection) {
  // Both settings take effect only before the first page, which BEGIN IMMEDIATE would
  // make; and auto_vacuum writes that page, so it must not stand outside of the
  // transaction: a death right after it would leave a database that is not a trail.
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  if (auto set = connection.exec("PRAGMA page_size=" + std::to_string(page_bytes) +
                                 "; PRAGMA auto_vacuum=INCREMENTAL");
      !set) {
    return set;
  }
  for (const Migration& migration : migrations()) {
    if (auto done = connection.exec(migration.sql); !done) return done;
  }
  if (auto done = write_identity(connection); !done) return done;
  if (auto done = connection.exec("PRAGMA application_id=" + std::to_string(application_id) +
                                  "; PRAGMA user_version=" + std::to_string(version));
      !done) {
    return done;
  }
  return transaction->commit();
}

Result<void> turn_log_on(SqliteConnection& connection, std::string_view name) {
  const auto mode = connection.text("PRAGMA journal_mode=WAL");
  if (!mode) return fail(mode.error());
  if (*mode == "wal") return {};
  return fail(ErrorCode::unsupported,
              std::string(name) + ": SQLite cannot keep a write-ahead log here (journal mode " +
                  *mode + "); put the trail on a local disk");
}

Result<void> check_header(std::string_view header, std::string_view name) {
  constexpr std::string_view magic("SQLite format 3\0", 16);
  constexpr std::size_t version_offset = 60;
  constexpr std::size_t application_id_offset = 68;
  if (!header.starts_with(magic)) {
    return fail(ErrorCode::not_a_trail, std::string(name) +
                                            " is not an agentaudit trail (not a SQLite "
                                            "database); it was not touched");
  }
  return check_identity(big_endian(header, application_id_offset),
                        big_endian(header, version_offset), name);
}

Result<int> check_version(SqliteConnection& connection, std::string_view name) {
  const auto id = connection.integer("PRAGMA application_id");
  if (!id) return fail(id.error());
  const auto found = connection.integer("PRAGMA user_version");
  if (!found) return fail(found.error());
  if (auto known = check_identity(*id, *found, name); !known) return fail(known.error());
  return static_cast<int>(*found);
}

Result<void> migrate(SqliteConnection& connection, std::span<const Migration> migrations) {
  for (const Migration& migration : migrations) {
    auto transaction = SqliteTransaction::begin_write(connection);
    if (!transaction) return fail(transaction.error());
    // Read inside: another process may have migrated meanwhile.
    const auto found = connection.integer("PRAGMA user_version");
    if (!found) return fail(found.error());
    if (*found >= migration.to_version) continue;
    if (auto done = connection.exec(migration.sql); !done) return done;
    if (auto done = connection.exec("PRAGMA user_version=" + std::to_string(migration.to_version));
        !done) {
      return done;
    }
    if (auto committed = transaction->commit(); !committed) return committed;
  }
  return {};
}

}  // namespace agentaudit::sqlite_schema
