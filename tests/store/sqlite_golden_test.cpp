// A trail written by an earlier version opens and answers forever. To add the file of a
// version, write `golden_events` with it and keep the files before.

#include <fstream>

#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

const std::filesystem::path golden =
    std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests" / "golden" / "store";

std::vector<Event> golden_events() {
  std::vector<Event> events(4);
  Event& call = events[0];
  call.timestamp = Timestamp::parse("2026-03-01T12:00:00.5Z").value();
  call.category = "tool_call";
  call.action = "execute";
  call.agent = "researcher";
  call.summary = "web_search: weather in Lisbon";
  call.detail = R"({"arguments":{"query":"weather in Lisbon"}})";
  call.status = "pending";
  call.source = "engine";
  call.conversation_id = "c-1";
  call.target = "web_search";
  call.principal = "ana";
  call.trace_id = "0af7651916cd43dd8448eb211c80319c";
  call.span_id = "b7ad6b7169203331";
  call.parent_span_id = "00f067aa0ba902b7";
  Event& effect = events[1];
  effect = call;
  effect.timestamp = Timestamp::parse("2026-03-01T12:00:02Z").value();
  effect.action = "complete";
  effect.status = "ok";
  effect.duration = std::chrono::milliseconds(1'500);
  Event& odd = events[2];
  odd.timestamp = Timestamp::parse("1900-01-01T00:00:00.000000001Z").value();
  odd.category = std::string("\0\xff", 2);
  odd.summary = "NUL \0 and \xc3\x28";
  odd.detail = std::string("\0{", 2);
  odd.status = "of its own";
  odd.duration = std::chrono::milliseconds(-7);
  odd.trace_id = "0AF7651916CD43DD8448EB211C80319C";
  odd.span_id = "open";
  Event& open = events[3];
  open = call;
  open.timestamp = Timestamp::parse("2026-03-01T12:00:01Z").value();
  open.span_id = "00f067aa0ba902b8";
  for (std::size_t i = 0; i < events.size(); ++i) events[i].id = static_cast<EventId>(i) + 1;
  return events;
}

struct GoldenTrail {
  std::string file;
  std::string trail_id;

  friend std::ostream& operator<<(std::ostream& out, const GoldenTrail& trail) {
    return out << trail.file;
  }
};

class SqliteGoldenTest : public SqliteTrail, public testing::WithParamInterface<GoldenTrail> {
 protected:
  void SetUp() override { std::filesystem::copy_file(golden / GetParam().file, path_); }

  static void expect_golden(Store& store) {
    const ListResult all = store.list({.order = Order::commit}).value();
    EXPECT_EQ(all.events, golden_events());
    EXPECT_EQ(store.list({.search = "LISBON"})->total, 3);
    EXPECT_EQ(store.list({.trace_id = "0af7651916cd43dd8448eb211c80319c"})->total, 3);
    EXPECT_EQ(store.open_intents({}, {})->events.at(0).id, 4);
    EXPECT_EQ(store.stats({})->total, 4);
  }
};

TEST_P(SqliteGoldenTest, AReaderReadsIt) { expect_golden(*open({.read_only = true})); }

TEST_P(SqliteGoldenTest, AWriterGoesOnWithIt) {
  const auto store = open();
  expect_golden(*store);
  EXPECT_EQ(store->info()->trail_id, GetParam().trail_id);
  EXPECT_EQ(store->insert(golden_events()[0]), 5);
  EXPECT_TRUE(store->check({}));
}

INSTANTIATE_TEST_SUITE_P(
    Versions, SqliteGoldenTest,
    testing::Values(GoldenTrail{.file = "v1.db", .trail_id = "ded9728562f92b1bbdca1902b253d8f3"},
                    GoldenTrail{.file = "v2.db", .trail_id = "ee1fc07e601684cdc1b3c5a5222b2487"},
                    GoldenTrail{.file = "v3.db", .trail_id = "f0503b8a7c819b9fa629d5a0b7588109"}),
    [](const auto& golden_trail) { return golden_trail.param.file.substr(0, 2); });

}  // namespace
}  // namespace agentaudit
