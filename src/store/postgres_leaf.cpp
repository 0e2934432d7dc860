#include "store/postgres_leaf.h"

#include <algorithm>
#include <cstring>

#include "core/bytes.h"
#include "ledger/merkle_tree.h"
#include "store/postgres_sql.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;

constexpr int rows_per_question = static_cast<int>(tile_width);

// None: the row is damaged.
std::optional<Commitments> kept_commitments(const RecordedEvent& row) {
  const auto summary =
      kept_commitment(SecretField::summary, row.event.summary, row.nonce, row.erased_summary);
  const auto detail =
      kept_commitment(SecretField::detail, row.event.detail, row.nonce, row.erased_detail);
  if (!summary || !detail) return std::nullopt;
  return Commitments{.summary = *summary, .detail = *detail};
}

// Sets the commitments, unless the row is damaged.
RecordedEvent read_with(PostgresRows::Row row, Commitments& commitments) {
  RecordedEvent recorded;
  recorded.event = sql_columns::read_event<Event>(row);
  recorded.recorded_at = Timestamp::from_ns(row.number());
  recorded.nonce = row.bytes();
  recorded.erased_summary = row.bytes();
  recorded.erased_detail = row.bytes();
  const auto kept = kept_commitments(recorded);
  if (!kept) return recorded;
  commitments = *kept;
  std::string entry;
  append_entry(entry, recorded.event, recorded.recorded_at, commitments);
  recorded.leaf = view_of(leaf_hash(entry));
  return recorded;
}

}  // namespace

RecordedEvent postgres_leaf::read(PostgresRows::Row row) {
  Commitments commitments;
  return read_with(row, commitments);
}

void PostgresLeaves::seek(EventId first, EventId last) {
  rows_.clear();
  at_ = 0;
  next_id_ = first;
  last_id_ = last;
}

Result<const StoredLeaf*> PostgresLeaves::next() {
  if (at_ == rows_.size()) {
    if (auto read = read_rows(); !read) return fail(read.error());
  }
  if (at_ == rows_.size()) return nullptr;
  const auto& [row, commitments] = rows_[at_++];
  leaf_ = {.event = row.event,
           .recorded_at = row.recorded_at,
           .nonce = row.nonce,
           .commitments = commitments,
           .summary_redacted = !row.erased_summary.empty(),
           .detail_redacted = !row.erased_detail.empty()};
  // No leaf is all zeros.
  if (row.leaf.size() == leaf_.hash.size()) {
    std::copy(row.leaf.begin(), row.leaf.end(), leaf_.hash.begin());
  }
  return &leaf_;
}

Result<void> PostgresLeaves::read_rows() {
  rows_.clear();
  at_ = 0;
  if (next_id_ > last_id_) return {};
  const auto rows = connection_->ask("SELECT " + std::string(sql_columns::of_event) +
                                     std::string(postgres_leaf::columns) + "id BETWEEN " +
                                     int64(next_id_) + " AND " + int64(last_id_) +
                                     " ORDER BY id LIMIT " + std::to_string(rows_per_question));
  if (!rows) return fail(rows.error());
  for (int i = 0; i < rows->size(); ++i) {
    Row& row = rows_.emplace_back();
    row.recorded = read_with(rows->row(i), row.commitments);
    const EventId id = row.recorded.event.id;
    if (id < next_id_) {
      return fail(ErrorCode::corrupt, "event " + std::to_string(id) + " is there twice");
    }
    next_id_ = id + 1;
  }
  return {};
}

}  // namespace agentaudit
