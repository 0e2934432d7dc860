// ClickhouseWriter: brings trails to a ClickHouse that holds a fleet.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "agentaudit/store/proof.h"
#include "store/clickhouse_client.h"

namespace agentaudit {

struct FleetPosition {
  EventId last_id = 0;         // the greatest that is held; 0: none
  std::string leaf{};          // of that event, 32 bytes
  std::int64_t tree_size = 0;  // of the greatest checkpoint that is held; 0: none
  std::string root{};          // that it names, 32 bytes

  friend bool operator==(const FleetPosition&, const FleetPosition&) = default;
};

// One for each process that ships; safe from any thread. Two that ship one trail at a time do
// no harm: the same row twice is one row, to every question.
class ClickhouseWriter {
 public:
  // Looks whether the tables are there, and what they should be. Errors: invalid_argument (the
  // URL), and those of open_clickhouse_tables.
  [[nodiscard]] static Result<std::unique_ptr<ClickhouseWriter>> open(std::string_view url);
  [[nodiscard]] static Result<std::unique_ptr<ClickhouseWriter>> open(ClickhouseAddress address);

  // What is held of a trail. Ask first and send what comes after it.
  [[nodiscard]] Result<FleetPosition> position(std::string_view trail) const;

  // One block, in the order of ids. All of it is there on return, or the same block may be
  // sent again. Each block is one statement, and a part or more for the server to merge: send
  // large ones. Errors:
  // invalid_argument (a trail id, a leaf, an id below 1 or out of order), and those of query.
  [[nodiscard]] Result<void> insert(std::string_view trail,
                                    std::span<const RecordedEvent> events) const;

  // A signed note of the trail; it may come again. Errors: parse (no checkpoint).
  [[nodiscard]] Result<void> checkpoint(std::string_view trail, std::string_view note) const;

 private:
  explicit ClickhouseWriter(std::unique_ptr<ClickhouseClient> client)
      : client_(std::move(client)) {}

  std::unique_ptr<ClickhouseClient> client_;
};

}  // namespace agentaudit
