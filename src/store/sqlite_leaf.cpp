#include "store/sqlite_leaf.h"

namespace agentaudit {
namespace {

constexpr std::string_view select_sql =
    "SELECT id, timestamp, recorded_at, duration_ms, summary, detail, nonce,"
    " trace_id, span_id, parent_span_id,"
    " category, action, agent, status, source, target, principal, conversation"
    " FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
constexpr int first_id_column = 7;
constexpr int first_name_column = 10;

constexpr std::array<std::string_view EventView::*, 3> id_fields = {
    &EventView::trace_id, &EventView::span_id, &EventView::parent_span_id};

}  // namespace

Result<SqliteLeaves> SqliteLeaves::make(SqliteConnection& connection) {
  auto select = connection.prepare(select_sql);
  if (!select) return fail(select.error());
  auto names = NameReader::make(connection);
  if (!names) return fail(names.error());
  return SqliteLeaves(std::move(*select), std::move(*names));
}

void SqliteLeaves::seek(EventId first, EventId last) {
  select_.reset();
  select_.bind(1, first);
  select_.bind(2, last);
}

Result<const StoredLeaf*> SqliteLeaves::next() {
  const auto row = select_.step();
  if (!row) return fail(row.error());
  if (!*row) return nullptr;
  EventView& event = leaf_.event;
  event.id = select_.integer(0);
  event.timestamp = Timestamp::from_ns(select_.integer(1));
  leaf_.recorded_at = Timestamp::from_ns(select_.integer(2));
  event.duration = std::chrono::milliseconds(select_.integer(3));
  event.summary = select_.bytes(4);
  event.detail = select_.bytes(5);
  leaf_.nonce = select_.bytes(6);
  for (std::size_t i = 0; i < id_fields.size(); ++i) {
    id_texts_[i] = hex_id(select_, first_id_column + static_cast<int>(i));
    event.*id_fields[i] = id_texts_[i];
  }
  for (std::size_t i = 0; i < name_columns.size(); ++i) {
    const auto name = names_.name_of(select_.integer(first_name_column + static_cast<int>(i)));
    if (!name) return fail(name.error());
    name_texts_[i].assign(*name);
    event.*name_columns[i].view = name_texts_[i];
  }
  leaf_.commitments = commitments_of(event, leaf_.nonce);
  entry_.clear();
  append_entry(entry_, event, leaf_.recorded_at, leaf_.commitments);
  leaf_.hash = leaf_hash(entry_);
  return &leaf_;
}

}  // namespace agentaudit
