// PostgresLeaves: the rows of agentaudit_events as leaves of the ledger.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/store/proof.h"
#include "store/postgres_connection.h"
#include "store/stored_leaf.h"

namespace agentaudit {

namespace postgres_leaf {

// What a question about recorded events takes after the columns of an event.
inline constexpr std::string_view columns =
    ", recorded_at, nonce, erased_summary, erased_detail FROM agentaudit_events WHERE ";
// A row of such a question. One that is damaged rather than redacted gets no leaf.
[[nodiscard]] RecordedEvent read(PostgresRows::Row row);

}  // namespace postgres_leaf

// Not thread-safe; belongs to one connection, which must outlive it.
class PostgresLeaves final : public LeafReader {
 public:
  explicit PostgresLeaves(PostgresConnection& connection) : connection_(&connection) {}

  void seek(EventId first, EventId last) override;
  [[nodiscard]] Result<const StoredLeaf*> next() override;
  void end() noexcept override { rows_.clear(); }

 private:
  [[nodiscard]] Result<void> read_rows();

  PostgresConnection* connection_;
  struct Row {
    RecordedEvent recorded;
    Commitments commitments;
  };
  std::vector<Row> rows_;
  std::size_t at_ = 0;  // of the next one in rows_
  // Of those that were not read yet.
  EventId next_id_ = 1;
  EventId last_id_ = 0;
  StoredLeaf leaf_;
};

}  // namespace agentaudit
