// What `agentaudit schema clickhouse --cluster` makes, on two shards.
#include "store/clickhouse_cluster.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "store/clickhouse_fleet.h"
#include "store/clickhouse_schema.h"

namespace agentaudit {
namespace {

class ClickhouseClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = ClickhouseCluster::missing();
    if (!missing.empty()) GTEST_SKIP() << missing << " is not installed";
    cluster_ = std::make_unique<ClickhouseCluster>();
    for (std::size_t i = 0; i < 2; ++i) {
      auto address = ClickhouseAddress::parse(cluster_->shard(i).url("audit"));
      shards_.push_back(ClickhouseClient::make(*address).value());
    }
    const std::string ddl =
        clickhouse_schema::ddl({.database = "audit", .cluster = "fleet"}).value();
    std::string_view rest = ddl;
    while (!rest.empty()) {
      const auto end = rest.find(";\n");
      const std::string statement(rest.substr(0, end));
      if (statement.starts_with("CREATE")) ask(0, statement);
      rest.remove_prefix(end + 2);
    }
    writer_ = ClickhouseWriter::open(cluster_->shard(0).url("audit")).value();
  }

  std::string ask(std::size_t shard, const std::string& sql) {
    auto answer = shards_[shard]->query(sql);
    EXPECT_TRUE(answer) << answer.error().message << " to " << sql;
    return answer ? *answer : "";
  }

  std::unique_ptr<ClickhouseCluster> cluster_;
  std::vector<std::unique_ptr<ClickhouseClient>> shards_;
  std::unique_ptr<ClickhouseWriter> writer_;
};

// Trails are put on shards by their ids; these eight come to both.
std::string trail(int number) {
  std::string id(31, 'a');
  return id + static_cast<char>('0' + number);
}

TEST_F(ClickhouseClusterTest, AnswersOverBothShardsAsOneStoreDoes) {
  constexpr int trails = 8;
  constexpr int events = 30;
  std::int64_t pending = 0;
  for (int i = 0; i < trails; ++i) {
    auto some = some_events(events, static_cast<unsigned>(i));
    for (Event& event : some) {
      event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 + event.id);
      event.status = "ok";
      event.span_id = "";
      event.parent_span_id = "";
    }
    some[4].status = "pending";
    some[4].span_id = "s" + std::to_string(i);
    some[8].status = "pending";
    some[8].span_id = "ended";
    some[9].span_id = "ended";
    ++pending;
    const auto sent = writer_->insert(trail(i), recorded_events(some));
    ASSERT_TRUE(sent) << sent.error().message;
    const std::vector<Event> again(some.begin() + 20, some.end());
    ASSERT_TRUE(writer_->insert(trail(i), recorded_events(again))) << "an answer that was lost";
    EXPECT_EQ(writer_->position(trail(i))->last_id, events);
  }
  std::set<std::string> held;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string here =
        ask(i, "SELECT DISTINCT trail FROM audit.events_local ORDER BY trail FORMAT TSV");
    EXPECT_FALSE(here.empty()) << "shard " << i;
    std::istringstream lines(here);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(held.insert(line).second) << line << " is on both shards";
    }
  }
  EXPECT_EQ(held.size(), static_cast<std::size_t>(trails));
  for (std::size_t i = 0; i < 2; ++i) {
    const auto store = ClickhouseStore::open(cluster_->shard(i).url("audit"));
    ASSERT_TRUE(store) << store.error().message;
    const auto page = (*store)->list({.limit = 1'000, .order = Order::commit}, {});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->total, trails * events);
    ASSERT_EQ(page->events.size(), static_cast<std::size_t>(trails * events));
    EXPECT_EQ(page->trails.front(), trail(0));
    EXPECT_EQ(page->trails.back(), trail(trails - 1));
    const auto stats = (*store)->stats({});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_EQ(stats->total, trails * events);
    const auto fleet = (*store)->trails({}, std::chrono::hours(1));
    ASSERT_TRUE(fleet) << fleet.error().message;
    ASSERT_EQ(fleet->size(), static_cast<std::size_t>(trails));
    for (const FleetTrail& one : *fleet) {
      EXPECT_EQ(one.events, events);
      EXPECT_EQ(one.missing, 0);
      EXPECT_FALSE(one.forked);
    }
    const auto intents = (*store)->open_intents({}, {});
    ASSERT_TRUE(intents) << intents.error().message;
    EXPECT_EQ(intents->total, pending);
    ASSERT_EQ(intents->events.size(), static_cast<std::size_t>(pending));
    EXPECT_EQ(intents->events.front().id, 5);
    const auto one = ClickhouseStore::open(cluster_->shard(i).url("audit") + "?trail=" + trail(3));
    EXPECT_EQ((*one)->get(25)->id, 25);
    EXPECT_EQ((*one)->last_id().value(), events);
    const auto verified = (*one)->verify({}, {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->integrity.total, 0);
    EXPECT_EQ(verified->events, events);
  }
}

}  // namespace
}  // namespace agentaudit
