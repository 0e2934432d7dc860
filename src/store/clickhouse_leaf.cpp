#include "store/clickhouse_leaf.h"

#include <algorithm>

#include "ledger/merkle_tree.h"
#include "store/clickhouse_sql.h"
#include "store/sql_columns.h"

namespace agentaudit {

using clickhouse_sql::int64;

ClickhouseLeafRow ClickhouseLeafRow::read(RowBinaryReader& reader) {
  ClickhouseLeafRow row;
  row.event = clickhouse_sql::read_event(reader);
  row.recorded_at = Timestamp::from_ns(reader.number());
  row.leaf = clickhouse_sql::read_hash(reader);
  row.nonce = reader.text();
  row.erased_summary = reader.text();
  row.erased_detail = reader.text();
  return row;
}

std::optional<Hash> ClickhouseLeafRow::commitment(SecretField field) const {
  const bool is_summary = field == SecretField::summary;
  return kept_commitment(field, is_summary ? event.summary : event.detail, nonce,
                         is_summary ? erased_summary : erased_detail);
}

void ClickhouseLeaves::seek(EventId first, EventId last) {
  next_id_ = first;
  last_id_ = last;
}

Result<const StoredLeaf*> ClickhouseLeaves::next() {
  constexpr auto width = static_cast<EventId>(tile_width);
  while (next_id_ <= last_id_) {
    const EventId first = (next_id_ - 1) / width * width + 1;
    if (first != block_first_) {
      if (auto read = read_block(first); !read) return fail(read.error());
    }
    const auto row = std::ranges::find_if(
        rows_, [&](const ClickhouseLeafRow& each) { return each.event.id >= next_id_; });
    next_id_ = row != rows_.end() ? row->event.id + 1 : first + width;
    if (row == rows_.end() || row->event.id > last_id_) continue;
    show(*row);
    return &leaf_;
  }
  return nullptr;
}

void ClickhouseLeaves::show(const ClickhouseLeafRow& row) {
  leaf_ = {.event = row.event,
           .recorded_at = row.recorded_at,
           .nonce = row.nonce,
           .commitments = {},
           .summary_redacted = !row.erased_summary.empty(),
           .detail_redacted = !row.erased_detail.empty()};
  const auto summary = row.commitment(SecretField::summary);
  const auto detail = row.commitment(SecretField::detail);
  // No leaf is all zeros: that of a damaged row is not the one that was shipped.
  if (!summary || !detail) return;
  leaf_.commitments = {.summary = *summary, .detail = *detail};
  entry_.clear();
  append_entry(entry_, row.event, row.recorded_at, leaf_.commitments);
  leaf_.hash = leaf_hash(entry_);
}

Result<void> ClickhouseLeaves::read_block(EventId first) {
  block_first_ = 0;
  rows_.clear();
  auto answer = client_->query("SELECT " + std::string(sql_columns::of_event) +
                                   std::string(ClickhouseLeafRow::more_columns) +
                                   clickhouse_sql::from_trail(client_->address(), "events") +
                                   " AND id >= " + int64(first) + " AND id < " +
                                   int64(first + static_cast<EventId>(tile_width)) +
                                   " ORDER BY id, leaf FORMAT RowBinary",
                               stop_);
  if (!answer) return fail(answer.error());
  answer_ = std::move(*answer);
  RowBinaryReader reader(answer_);
  while (!reader.at_end()) {
    const ClickhouseLeafRow row = ClickhouseLeafRow::read(reader);
    if (!reader.ok()) return fail(client_->unreadable());
    if (rows_.empty() || row.event.id != rows_.back().event.id) {
      rows_.push_back(row);
    } else if (row.leaf != rows_.back().leaf) {
      return fail(ErrorCode::corrupt, clickhouse_sql::forked_text(row.event.id));
    }
  }
  block_first_ = first;
  return {};
}

}  // namespace agentaudit
