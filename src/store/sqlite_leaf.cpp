#include "store/sqlite_leaf.h"

#include <algorithm>

#include "store/sqlite_columns.h"

namespace agentaudit {
namespace {

// What follows the columns that column_values reads.
constexpr int span_column = column_values_end;
constexpr int text_column = span_column + 2;

// Bytes for lower-case hex of the usual length, which is given in digits.
template <typename StoredId>
bool is_id_as_written(const SqliteStatement& statement, int column, std::string_view id,
                      std::size_t digits) {
  if (statement.is_blob(column)) return id.size() == digits;
  if (id.empty()) return statement.is_null(column);
  StoredId stored;
  stored.assign(id);
  return !stored.is_bytes();
}

constexpr std::array<std::string_view EventView::*, 3> id_fields = {
    &EventView::trace_id, &EventView::span_id, &EventView::parent_span_id};
constexpr std::array<int, 3> id_columns = {column_values_trace, span_column, span_column + 1};

}  // namespace

Result<SqliteLeaves> SqliteLeaves::make(SqliteConnection& connection) {
  std::string sql = "SELECT ";
  sql += column_values_sql;
  sql +=
      ", span_id, parent_span_id, summary, detail, nonce, recorded_at"
      " FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
  auto select = connection.prepare(sql);
  if (!select) return fail(select.error());
  auto redaction = connection.prepare("SELECT summary, detail FROM redactions WHERE id = ?1");
  if (!redaction) return fail(redaction.error());
  auto names = NameReader::make(connection);
  if (!names) return fail(names.error());
  return SqliteLeaves(std::move(*select), std::move(*redaction), std::move(*names));
}

void SqliteLeaves::seek(EventId first, EventId last) {
  select_.reset();
  select_.bind(1, first);
  select_.bind(2, last);
  next_id_ = first;
  last_id_ = last;
}

Result<const StoredLeaf*> SqliteLeaves::next() {
  const auto row = select_.step();
  if (!row) return fail(row.error());
  if (!*row) return nullptr;
  EventView& event = leaf_.event;
  event.id = select_.integer(0);
  if (event.id < next_id_ || event.id > last_id_) {
    return fail(ErrorCode::corrupt, "the events are not in the order of their ids, at event " +
                                        std::to_string(event.id));
  }
  next_id_ = event.id + 1;
  event.timestamp = Timestamp::from_ns(select_.integer(1));
  event.duration = std::chrono::milliseconds(select_.integer(2));
  event.summary = select_.bytes(text_column);
  event.detail = select_.bytes(text_column + 1);
  leaf_.nonce = select_.bytes(text_column + 2);
  leaf_.recorded_at = Timestamp::from_ns(select_.integer(text_column + 3));
  leaf_.as_written = true;
  for (std::size_t i = 0; i < id_fields.size(); ++i) {
    read_hex_id(select_, id_columns[i], id_texts_[i]);
    event.*id_fields[i] = id_texts_[i];
    const bool as_written = i == 0 ? is_id_as_written<StoredTraceId>(
                                         select_, id_columns[i], id_texts_[i], 2 * trace_id_bytes)
                                   : is_id_as_written<StoredSpanId>(
                                         select_, id_columns[i], id_texts_[i], 2 * span_id_bytes);
    leaf_.as_written = leaf_.as_written && as_written;
  }
  for (std::size_t i = 0; i < name_columns.size(); ++i) {
    const std::int64_t id = select_.integer(column_values_names + static_cast<int>(i));
    if (id != name_ids_[i]) {
      const auto name = names_.find(id);
      if (!name) return fail(name.error());
      name_texts_[i].assign(*name == nullptr ? "" : (*name)->text);
      const auto kind = static_cast<std::int64_t>(name_columns[i].kind);
      names_as_written_[i] = *name == nullptr ? id == 0 : (*name)->kind == kind;
      name_ids_[i] = id;
    }
    event.*name_columns[i].view = name_texts_[i];
    leaf_.as_written = leaf_.as_written && names_as_written_[i];
  }
  leaf_.summary_redacted = false;
  leaf_.detail_redacted = false;
  if (leaf_.nonce.size() == nonce_bytes) {
    leaf_.commitments = commitments_of(event, leaf_.nonce);
  } else if (auto read = read_redaction(); !read) {
    return fail(read.error());
  }
  entry_.clear();
  append_entry(entry_, event, leaf_.recorded_at, leaf_.commitments);
  leaf_.hash = leaf_hash(entry_);
  return &leaf_;
}

Result<ColumnValues> SqliteLeaves::values() const {
  return column_values(select_, leaf_.event, name_ids_);
}

// A row that is damaged rather than redacted gets commitments that no leaf has.
Result<void> SqliteLeaves::read_redaction() {
  leaf_.commitments = {};
  select_redaction_.bind(1, leaf_.event.id);
  const auto row = select_redaction_.step();
  if (!row) return fail(row.error());
  if (!*row) return {};
  const auto keep = [&](int column, SecretField field, std::string_view text, Hash& commitment) {
    const std::string_view erased = select_redaction_.bytes(column);
    const auto kept = kept_commitment(field, text, leaf_.nonce, erased);
    if (kept) commitment = *kept;
    return kept && !erased.empty();
  };
  leaf_.summary_redacted =
      keep(0, SecretField::summary, leaf_.event.summary, leaf_.commitments.summary);
  leaf_.detail_redacted =
      keep(1, SecretField::detail, leaf_.event.detail, leaf_.commitments.detail);
  select_redaction_.reset();
  return {};
}

}  // namespace agentaudit
