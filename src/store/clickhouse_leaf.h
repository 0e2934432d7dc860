// The events of a trail in a fleet as leaves of its ledger.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentaudit/core/event.h"
#include "ledger/hash.h"
#include "ledger/leaf.h"
#include "store/clickhouse_client.h"
#include "store/row_binary.h"
#include "store/stored_leaf.h"

namespace agentaudit {

// A row with what its leaf is made of; views of the answer that it was read from.
struct ClickhouseLeafRow {
  // What a question takes for read() after sql_columns::of_event.
  static constexpr std::string_view more_columns =
      ", recorded_at, leaf, nonce, erased_summary, erased_detail";
  [[nodiscard]] static ClickhouseLeafRow read(RowBinaryReader& reader);

  // The text's, or the one that was kept when it was erased; none: the row is damaged.
  [[nodiscard]] std::optional<Hash> commitment(SecretField field) const;

  EventView event;
  Timestamp recorded_at{};
  Hash leaf{};
  std::string_view nonce;
  std::string_view erased_summary;
  std::string_view erased_detail;
};

// Of the client's one trail. Not thread-safe; the client must outlive it. An event that came more
// than once is read once. Errors besides: corrupt (an event in two versions), and those of
// ClickhouseClient::query.
class ClickhouseLeaves final : public LeafReader {
 public:
  ClickhouseLeaves(const ClickhouseClient& client, std::stop_token stop)
      : client_(&client), stop_(std::move(stop)) {}

  void seek(EventId first, EventId last) override;
  [[nodiscard]] Result<const StoredLeaf*> next() override;
  void end() noexcept override { last_id_ = 0; }

 private:
  // The rows of 256 ids, which a server reads no faster one by one.
  [[nodiscard]] Result<void> read_block(EventId first);
  void show(const ClickhouseLeafRow& row);

  const ClickhouseClient* client_;
  std::stop_token stop_;
  EventId block_first_ = 0;  // none: nothing was read yet
  std::string answer_;
  std::vector<ClickhouseLeafRow> rows_;  // of it
  // Of those that were not shown yet.
  EventId next_id_ = 1;
  EventId last_id_ = 0;
  StoredLeaf leaf_;
  std::string entry_;
};

}  // namespace agentaudit
