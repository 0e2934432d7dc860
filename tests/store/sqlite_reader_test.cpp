// A reader beside a writer that seals: every answer is about whole batches.

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

constexpr std::int64_t batch_events = 1'000;
constexpr std::int64_t batches = chunk_events * 3 / batch_events + 1;

// What can be said of the first events of sqlite_seal_trail.h, however many they are.
class Prefixes {
 public:
  Prefixes() {
    Counts agents;
    Counts statuses;
    for (std::int64_t i = 0; i < batches * batch_events; ++i) {
      if (i % batch_events == 0) {
        by_agent_.push_back(agents);
        by_status_.push_back(statuses);
      }
      const Event event = various(i);
      ++agents[event.agent];
      ++statuses[event.status];
      if (event.detail.find("NEEDLE") != std::string::npos) needles_.push_back(i + 1);
    }
    by_agent_.push_back(agents);
    by_status_.push_back(statuses);
  }

  using Counts = std::map<std::string, std::int64_t>;

  [[nodiscard]] const Counts& by_agent(std::int64_t events) const {
    return by_agent_.at(static_cast<std::size_t>(events / batch_events));
  }
  [[nodiscard]] const Counts& by_status(std::int64_t events) const {
    return by_status_.at(static_cast<std::size_t>(events / batch_events));
  }
  [[nodiscard]] std::vector<EventId> needles(std::int64_t events) const {
    return {needles_.begin(), std::upper_bound(needles_.begin(), needles_.end(), events)};
  }

 private:
  std::vector<Counts> by_agent_;   // at each batch's beginning and at the end
  std::vector<Counts> by_status_;  // likewise
  std::vector<EventId> needles_;
};

class SqliteReaderTest : public SqliteSealTrail {
 protected:
  // One question of each kind, in a row; each must be as after some batch, and none of
  // before the one before it. Returns how many events the last was about.
  std::int64_t ask(Store& store, std::int64_t events_before) {
    std::int64_t events = expect_stats(store, events_before);
    events = expect_groups(store, events);
    events = expect_last_page(store, events);
    expect_search(store, events);
    return expect_total(store, events);
  }

 private:
  static void expect_whole(std::int64_t events, std::int64_t events_before) {
    EXPECT_EQ(events % batch_events, 0) << events;
    EXPECT_GE(events, events_before);
  }

  std::int64_t expect_stats(Store& store, std::int64_t events_before) {
    const Stats stats = store.stats({}).value();
    expect_whole(stats.total, events_before);
    Prefixes::Counts statuses;
    for (const NameCount& status : stats.by_status) statuses[status.name] = status.count;
    EXPECT_EQ(statuses, prefixes_.by_status(stats.total));
    return stats.total;
  }

  std::int64_t expect_groups(Store& store, std::int64_t events_before) {
    const GroupsResult groups = store.groups({.by = GroupBy::agent}, {}).value();
    expect_whole(groups.events, events_before);
    Prefixes::Counts agents;
    for (const Group& group : groups.groups) agents[group.name] = group.events;
    EXPECT_EQ(agents, prefixes_.by_agent(groups.events));
    return groups.events;
  }

  // Its page holds what its total says.
  static std::int64_t expect_last_page(Store& store, std::int64_t events_before) {
    const ListResult page = store
                                .list({.limit = limits::page_events_max,
                                       .cursor = std::to_string(events_before),
                                       .order = Order::commit,
                                       .total = TotalMode::exact})
                                .value();
    EventId next = events_before + 1;
    for (const Event& event : page.events) {
      EXPECT_EQ(event.id, next++);
      EXPECT_EQ(event.summary, various(event.id - 1).summary);
    }
    expect_whole(page.total, events_before);
    if (page.next_cursor.empty()) {
      EXPECT_EQ(page.total, next - 1);
    }
    return page.total;
  }

  void expect_search(Store& store, std::int64_t events_before) {
    const ListResult found =
        store.list({.search = "a needle", .order = Order::commit, .total = TotalMode::exact})
            .value();
    std::vector<EventId> ids;
    for (const Event& event : found.events) ids.push_back(event.id);
    EXPECT_EQ(found.total, static_cast<std::int64_t>(ids.size()));
    EXPECT_GE(ids.size(), prefixes_.needles(events_before).size());
    const auto all = prefixes_.needles(batches * batch_events);
    ASSERT_LE(ids.size(), all.size());
    EXPECT_TRUE(std::equal(ids.begin(), ids.end(), all.begin()));
  }

  std::int64_t expect_total(Store& store, std::int64_t events_before) const {
    const ListResult found =
        store.list({.agents = {"agent-2"}, .limit = 1, .total = TotalMode::exact}).value();
    const Prefixes::Counts& before = prefixes_.by_agent(events_before);
    EXPECT_GE(found.total, before.contains("agent-2") ? before.at("agent-2") : 0);
    const ListResult all = store.list({.limit = 1}).value();
    expect_whole(all.total, events_before);
    const Prefixes::Counts& after = prefixes_.by_agent(all.total);
    EXPECT_LE(found.total, after.contains("agent-2") ? after.at("agent-2") : 0);
    return all.total;
  }

  Prefixes prefixes_;
};

TEST_F(SqliteReaderTest, BesideAWriterThatSealsSeesWholeBatches) {
  for (const bool own_store : {true, false}) {
    SCOPED_TRACE(own_store);
    path_ = scratch_ / (own_store ? "own.db" : "same.db");
    const auto writer = open();
    std::atomic<int> rounds = 0;
    std::atomic<bool> done = false;
    std::set<std::int64_t> seen;
    std::thread asking([&] {
      const auto reader = own_store ? open({.read_only = true}) : writer;
      std::int64_t events = 0;
      for (bool last = false; !last;) {
        last = done;
        seen.insert(events = ask(*reader, events));
        ++rounds;
        rounds.notify_one();
      }
    });
    for (std::int64_t batch = 0; batch < batches; ++batch) {
      fill(*writer, batch_events, batch * batch_events);
      // However slow the questions are, some fall between any four batches.
      const int before = rounds;
      if (batch % 4 == 3) rounds.wait(before);
    }
    done = true;
    asking.join();
    EXPECT_GE(seen.size(), static_cast<std::size_t>(batches) / 4);
    EXPECT_EQ(*seen.rbegin(), batches * batch_events);
    EXPECT_EQ(chunks(), "0 sealed, 1 sealed, 2 sealed");
    EXPECT_TRUE(writer->check({}));
  }
}

}  // namespace
}  // namespace agentaudit
