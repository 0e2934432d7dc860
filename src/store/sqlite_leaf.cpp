#include "store/sqlite_leaf.h"

#include <algorithm>

namespace agentaudit {
namespace {

constexpr std::string_view select_sql =
    "SELECT id, timestamp, recorded_at, duration_ms, summary, detail, nonce,"
    " trace_id, span_id, parent_span_id,"
    " category, action, agent, status, source, target, principal, conversation"
    " FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
constexpr int first_id_column = 7;
constexpr int first_name_column = 10;

bool is_id_as_written(const SqliteStatement& statement, int column, std::string_view id) {
  StoredTraceId trace;
  StoredSpanId span;
  trace.assign(id);
  span.assign(id);
  const bool as_bytes = column == first_id_column ? trace.is_bytes() : span.is_bytes();
  return statement.is_blob(column) == as_bytes && statement.is_null(column) == id.empty();
}

constexpr std::array<std::string_view EventView::*, 3> id_fields = {
    &EventView::trace_id, &EventView::span_id, &EventView::parent_span_id};

}  // namespace

Result<SqliteLeaves> SqliteLeaves::make(SqliteConnection& connection) {
  auto select = connection.prepare(select_sql);
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
  leaf_.as_written = true;
  for (std::size_t i = 0; i < id_fields.size(); ++i) {
    const int column = first_id_column + static_cast<int>(i);
    id_texts_[i] = hex_id(select_, column);
    event.*id_fields[i] = id_texts_[i];
    leaf_.as_written = leaf_.as_written && is_id_as_written(select_, column, id_texts_[i]);
  }
  for (std::size_t i = 0; i < name_columns.size(); ++i) {
    const std::int64_t id = select_.integer(first_name_column + static_cast<int>(i));
    const auto name = names_.find(id);
    if (!name) return fail(name.error());
    name_texts_[i].assign(*name == nullptr ? "" : (*name)->text);
    event.*name_columns[i].view = name_texts_[i];
    const auto kind = static_cast<std::int64_t>(name_columns[i].kind);
    const bool is_known = *name == nullptr ? id == 0 : (*name)->kind == kind;
    leaf_.as_written = leaf_.as_written && is_known;
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

// A row that is damaged rather than redacted gets commitments that no leaf has.
Result<void> SqliteLeaves::read_redaction() {
  leaf_.commitments = {};
  select_redaction_.bind(1, leaf_.event.id);
  const auto row = select_redaction_.step();
  if (!row) return fail(row.error());
  if (!*row) return {};
  struct Field {
    SecretField number;
    std::string_view text;
    std::string_view erased_text;
    Hash* commitment;
    bool* redacted;
  };
  int column = 0;
  for (const Field& field : {Field{.number = SecretField::summary,
                                   .text = leaf_.event.summary,
                                   .erased_text = redacted_summary,
                                   .commitment = &leaf_.commitments.summary,
                                   .redacted = &leaf_.summary_redacted},
                             Field{.number = SecretField::detail,
                                   .text = leaf_.event.detail,
                                   .erased_text = redacted_detail,
                                   .commitment = &leaf_.commitments.detail,
                                   .redacted = &leaf_.detail_redacted}}) {
    const std::string_view kept = select_redaction_.bytes(column++);
    if (kept.size() == sizeof(Hash) && field.text == field.erased_text) {
      std::copy(kept.begin(), kept.end(), field.commitment->begin());
      *field.redacted = true;
    } else if (kept.empty() && leaf_.nonce.size() == sizeof(Salt)) {
      Salt salt{};
      std::copy(leaf_.nonce.begin(), leaf_.nonce.end(), salt.begin());
      *field.commitment = commitment(salt, field.text);
    }
  }
  select_redaction_.reset();
  return {};
}

}  // namespace agentaudit
