#include "plain_sqlite.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "fresh_batches.h"
#include "measurement.h"

namespace agentaudit::bench {
namespace {

constexpr std::array name_fields = {
    &EventView::category, &EventView::action, &EventView::agent,     &EventView::status,
    &EventView::source,   &EventView::target, &EventView::principal, &EventView::conversation_id};

// All of it computed beforehand.
struct TrailRow {
  EventView event;
  std::int64_t id = 0;
  std::array<std::int64_t, name_fields.size()> names{};
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;
  std::string nonce;
};

std::string bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

void bind_text(sqlite3_stmt* statement, int parameter, std::string_view text) {
  sqlite3_bind_text(statement, parameter, text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
}

void bind_blob(sqlite3_stmt* statement, int parameter, std::string_view bytes) {
  sqlite3_bind_blob(statement, parameter, bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_STATIC);
}

void insert(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) give_up("an insert failed");
  sqlite3_reset(statement);
}

void bind_row(sqlite3_stmt* statement, const TrailRow& row, std::int64_t recorded_at) {
  sqlite3_bind_int64(statement, 1, row.id);
  sqlite3_bind_int64(statement, 2, row.event.timestamp.ns());
  sqlite3_bind_int64(statement, 3, recorded_at);
  int parameter = 4;
  for (const std::int64_t name : row.names) sqlite3_bind_int64(statement, parameter++, name);
  sqlite3_bind_int64(statement, 12, row.event.duration.count());
  bind_blob(statement, 13, row.trace_id);
  bind_blob(statement, 14, row.span_id);
  bind_blob(statement, 15, row.parent_span_id);
  bind_text(statement, 16, row.event.summary);
  bind_text(statement, 17, row.event.detail);
  bind_blob(statement, 18, row.nonce);
}

// Makes the rows of one batch after the other.
class TrailRows {
 public:
  std::vector<TrailRow> of(std::span<const Event> events) {
    std::vector<TrailRow> rows(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      TrailRow& row = rows[i];
      row.event = events[i];
      row.id = ++last_id_;
      for (std::size_t kind = 0; kind < name_fields.size(); ++kind) {
        const auto next = static_cast<std::int64_t>(names_.size()) + 1;
        row.names[kind] =
            names_.try_emplace({kind, std::string(row.event.*name_fields[kind])}, next)
                .first->second;
      }
      row.trace_id = bytes_of_hex(row.event.trace_id);
      row.span_id = bytes_of_hex(row.event.span_id);
      row.parent_span_id = bytes_of_hex(row.event.parent_span_id);
      for (int byte = 0; byte < 32; ++byte) row.nonce += static_cast<char>(random_() & 0xFFU);
    }
    return rows;
  }

 private:
  std::map<std::pair<std::size_t, std::string>, std::int64_t> names_;
  std::mt19937_64 random_{7};
  std::int64_t last_id_ = 0;
};

// Calls insert_one(item) for each, `batch_events` to a transaction.
template <typename Item, typename InsertOne>
double insert_in_batches(sqlite3* connection, std::span<const Item> items, std::size_t batch_events,
                         const InsertOne& insert_one) {
  return seconds_of([&] {
    while (!items.empty()) {
      const auto batch = items.first(std::min(batch_events, items.size()));
      execute(connection, "BEGIN IMMEDIATE");
      for (const Item& item : batch) insert_one(item);
      execute(connection, "COMMIT");
      items = items.subspan(batch.size());
    }
  });
}

}  // namespace

Connection open_plain(const std::filesystem::path& path) {
  sqlite3* connection = nullptr;
  if (sqlite3_open(path.c_str(), &connection) != SQLITE_OK) give_up("cannot open " + path.native());
  return Connection(connection);
}

Connection open_plain_to_read(const std::filesystem::path& path) {
  sqlite3* connection = nullptr;
  if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    give_up("cannot open " + path.native());
  }
  return Connection(connection);
}

void execute(sqlite3* connection, std::string_view sql) {
  if (sqlite3_exec(connection, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    give_up(sqlite3_errmsg(connection));
  }
}

Statement prepare(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK) {
    give_up(sqlite3_errmsg(connection));
  }
  return Statement(statement);
}

double bare_insert_seconds(const std::filesystem::path& path, std::span<const Event> events,
                           std::size_t batch_events) {
  const Connection connection = open_plain(path);
  execute(connection.get(),
          "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
          "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"
          "PRAGMA wal_autocheckpoint=1000;"
          "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL,"
          " recorded_at INTEGER NOT NULL, category INTEGER NOT NULL, action INTEGER NOT NULL,"
          " agent INTEGER NOT NULL, status INTEGER NOT NULL, source INTEGER NOT NULL,"
          " target INTEGER NOT NULL, principal INTEGER NOT NULL, conversation INTEGER NOT NULL,"
          " duration_ms INTEGER NOT NULL, trace_id, span_id, parent_span_id,"
          " summary TEXT NOT NULL, detail TEXT NOT NULL, nonce BLOB NOT NULL)");
  const Statement statement = prepare(connection.get(),
                                      "INSERT INTO events VALUES"
                                      "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,"
                                      "?17,?18)");
  const std::int64_t recorded_at = Timestamp::now().ns();
  TrailRows rows;
  return seconds_of_fresh_batches(events, batch_events, [&](std::span<const Event> batch) {
    const std::vector<TrailRow> made = rows.of(batch);
    return insert_in_batches(connection.get(), std::span(made), batch_events,
                             [&](const TrailRow& row) {
                               bind_row(statement.get(), row, recorded_at);
                               insert(statement.get());
                             });
  });
}

double original_insert_seconds(const std::filesystem::path& path, std::span<const EventView> events,
                               std::size_t batch_events) {
  const Connection connection = open_plain(path);
  execute(connection.get(),
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "CREATE TABLE audit_events(id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL,"
          " category TEXT NOT NULL, action TEXT NOT NULL, agent TEXT, summary TEXT, detail TEXT,"
          " status TEXT, duration_ms INTEGER, source TEXT, conversation_id TEXT);"
          "CREATE INDEX by_timestamp ON audit_events(timestamp);"
          "CREATE INDEX by_category ON audit_events(category);"
          "CREATE INDEX by_agent ON audit_events(agent);"
          "CREATE INDEX by_status ON audit_events(status)");
  const Statement statement =
      prepare(connection.get(),
              "INSERT INTO audit_events(timestamp, category, action, agent, summary, detail,"
              " status, duration_ms, source, conversation_id) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,"
              "?10)");
  return insert_in_batches(connection.get(), events, batch_events, [&](const EventView& event) {
    const std::string timestamp = event.timestamp.to_string();
    bind_text(statement.get(), 1, timestamp);
    bind_text(statement.get(), 2, event.category);
    bind_text(statement.get(), 3, event.action);
    bind_text(statement.get(), 4, event.agent);
    bind_text(statement.get(), 5, event.summary);
    bind_text(statement.get(), 6, event.detail);
    bind_text(statement.get(), 7, event.status);
    sqlite3_bind_int64(statement.get(), 8, event.duration.count());
    bind_text(statement.get(), 9, event.source);
    bind_text(statement.get(), 10, event.conversation_id);
    insert(statement.get());
  });
}

}  // namespace agentaudit::bench
