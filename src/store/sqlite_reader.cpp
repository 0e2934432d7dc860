#include "store/sqlite_reader.h"

#include "store/sqlite_row.h"

namespace agentaudit {

Result<SqliteReader> SqliteReader::make(SqliteConnection& connection) {
  auto select =
      connection.prepare("SELECT " + std::string(event_columns) + " FROM events WHERE id = ?1");
  if (!select) return fail(select.error());
  auto names = NameReader::make(connection);
  if (!names) return fail(names.error());
  return SqliteReader(connection, std::move(*select), std::move(*names));
}

Result<Event> SqliteReader::read_event(const SqliteStatement& row) {
  Event event;
  event.id = row.integer(0);
  event.timestamp = Timestamp::from_ns(row.integer(1));
  event.duration = std::chrono::milliseconds(row.integer(2));
  event.summary = row.bytes(3);
  event.detail = row.bytes(4);
  event.trace_id = hex_id(row, 5);
  event.span_id = hex_id(row, 6);
  event.parent_span_id = hex_id(row, 7);
  int index = 8;
  for (const NameColumn& column : name_columns) {
    const auto name = names_.name_of(row.integer(index++));
    if (!name) return fail(name.error());
    event.*column.owned = *name;
  }
  return event;
}

Result<Event> SqliteReader::event(EventId id) {
  select_event_.bind(1, id);
  const auto row = select_event_.step();
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::not_found, "there is no event " + std::to_string(id));
  auto event = read_event(select_event_);
  select_event_.reset();
  return event;
}

Result<SealedColumns*> SqliteReader::sealed_columns() {
  if (sealed_columns_ == nullptr) {
    auto made = SealedColumns::make(*connection_);
    if (!made) return fail(made.error());
    sealed_columns_ = std::move(*made);
  }
  return sealed_columns_.get();
}

}  // namespace agentaudit
