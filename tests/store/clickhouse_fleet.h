// A fleet's tables in a ClickHouse of the test's own, and events to send there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/store/clickhouse_store.h"
#include "store/clickhouse_server.h"
#include "store/clickhouse_writer.h"

namespace agentaudit {

inline const std::string trail_a(32, 'a');
inline const std::string trail_b(32, 'b');

// Events with ids from 1, the same for the same seed.
[[nodiscard]] std::vector<Event> some_events(int count, unsigned seed);

// Each recorded at its timestamp, with its leaf.
[[nodiscard]] std::vector<RecordedEvent> recorded_events(const std::vector<Event>& events);

class ClickhouseFleetTest : public testing::Test {
 protected:
  // A database of its own for each test.
  void SetUp() override;

  [[nodiscard]] std::unique_ptr<ClickhouseStore> open(const std::string& query = "") const;
  [[nodiscard]] Result<void> send(const std::string& trail, const std::vector<Event>& events) const;
  // Runs a statement; what it answers.
  std::string run(const std::string& sql) const;

  ClickhouseServer* server_ = nullptr;
  std::string database_;
  std::string url_;
  std::unique_ptr<ClickhouseClient> client_;
  std::unique_ptr<ClickhouseWriter> writer_;
};

}  // namespace agentaudit
