#include "store/clickhouse_writer.h"

#include <tuple>
#include <utility>

#include "core/bytes.h"
#include "core/trail_id.h"
#include "ledger/checkpoint.h"
#include "ledger/hash.h"
#include "ledger/note.h"
#include "store/clickhouse_schema.h"
#include "store/clickhouse_sql.h"
#include "store/clickhouse_tables.h"
#include "store/row_binary.h"

namespace agentaudit {
namespace {

std::string names_of(std::span<const clickhouse_schema::Column> columns) {
  std::string names;
  for (const auto& column : columns) {
    if (!names.empty()) names += ", ";
    names += column.name;
  }
  return names;
}

std::string insert_into(const ClickhouseClient& client, std::string_view table,
                        std::span<const clickhouse_schema::Column> columns) {
  return "INSERT INTO " + client.address().database + '.' + std::string(table) + " (" +
         names_of(columns) + ") FORMAT RowBinary";
}

// In the order of clickhouse_schema::event_columns.
void append_row(RowBinaryWriter& row, std::string_view trail, const RecordedEvent& record) {
  const Event& event = record.event;
  row.fixed(trail);
  row.number(event.id);
  row.number(record.recorded_at.ns());
  row.number(event.timestamp.ns());
  for (const std::string_view text :
       {event.category, event.action, event.agent, event.summary, event.detail, event.status}) {
    row.text(text);
  }
  row.number(static_cast<std::int64_t>(event.duration.count()));
  for (const std::string_view text :
       {event.source, event.conversation_id, event.target, event.principal, event.trace_id,
        event.span_id, event.parent_span_id}) {
    row.text(text);
  }
  row.fixed(record.leaf);
  row.text(record.nonce);
  row.text(record.erased_summary);
  row.text(record.erased_detail);
}

}  // namespace

Result<std::unique_ptr<ClickhouseWriter>> ClickhouseWriter::open(std::string_view url) {
  auto address = ClickhouseAddress::parse(url);
  if (!address) return fail(address.error());
  return open(std::move(*address));
}

Result<std::unique_ptr<ClickhouseWriter>> ClickhouseWriter::open(ClickhouseAddress address) {
  auto client = open_clickhouse_tables(std::move(address));
  if (!client) return fail(client.error());
  return std::unique_ptr<ClickhouseWriter>(new ClickhouseWriter(std::move(*client)));
}

Result<FleetPosition> ClickhouseWriter::position(std::string_view trail) const {
  if (auto checked = check_trail_id(trail); !checked) return fail(checked.error());
  FleetPosition position;
  for (const auto& [number, bytes, id, hash, table] :
       {std::tuple(&position.last_id, &position.leaf, "id", "leaf", ".events"),
        std::tuple(&position.tree_size, &position.root, "size", "root", ".checkpoints")}) {
    const std::string from = " FROM " + client_->address().database + table +
                             " WHERE trail = " + clickhouse_sql::literal(trail);
    const auto greatest =
        client_->query("SELECT max(" + std::string(id) + ")" + from + " FORMAT RowBinary");
    if (!greatest) return fail(greatest.error());
    RowBinaryReader ends(*greatest);
    if (ends.at_end()) continue;  // of no rows an old server makes none
    *number = ends.number();
    if (!ends.ok()) return fail(client_->unreadable());
    if (*number == 0) continue;
    const auto of_it = client_->query("SELECT " + std::string(hash) + from + " AND " + id + " = " +
                                      clickhouse_sql::int64(*number) + " ORDER BY " + hash +
                                      " LIMIT 1 FORMAT RowBinary");
    if (!of_it) return fail(of_it.error());
    RowBinaryReader row(*of_it);
    if (!row.at_end()) *bytes = row.fixed(sizeof(Hash));
    if (!row.ok()) return fail(client_->unreadable());
  }
  return position;
}

Result<void> ClickhouseWriter::insert(std::string_view trail,
                                      std::span<const RecordedEvent> events) const {
  if (auto checked = check_trail_id(trail); !checked) return checked;
  if (events.empty()) return {};
  std::size_t bytes = 0;
  EventId before = 0;
  for (const RecordedEvent& record : events) {
    if (record.event.id <= before) {
      return fail(ErrorCode::invalid_argument, "event " + std::to_string(record.event.id) +
                                                   " comes after event " + std::to_string(before) +
                                                   "; ids begin at 1 and grow");
    }
    if (record.leaf.size() != sizeof(Hash)) {
      return fail(ErrorCode::invalid_argument,
                  "event " + std::to_string(record.event.id) + " comes without its leaf");
    }
    before = record.event.id;
    constexpr std::size_t row_bytes = 256;
    bytes += size_bytes(record.event) + row_bytes;
  }
  std::string rows;
  rows.reserve(bytes);
  RowBinaryWriter row(rows);
  for (const RecordedEvent& record : events) append_row(row, trail, record);
  return client_->insert(insert_into(*client_, "events", clickhouse_schema::event_columns()), rows);
}

Result<void> ClickhouseWriter::checkpoint(std::string_view trail, std::string_view note) const {
  if (auto checked = check_trail_id(trail); !checked) return checked;
  const auto parsed = parse_note(note);
  if (!parsed) return fail(parsed.error());
  const auto checkpoint = parse_checkpoint(parsed->text);
  if (!checkpoint) return fail(checkpoint.error());
  std::string rows;
  RowBinaryWriter row(rows);
  row.fixed(trail);
  row.number(checkpoint->size);
  row.fixed(view_of(checkpoint->root));
  row.text(note);
  row.number(Timestamp::now().ns());
  return client_->insert(
      insert_into(*client_, "checkpoints", clickhouse_schema::checkpoint_columns()), rows);
}

}  // namespace agentaudit
