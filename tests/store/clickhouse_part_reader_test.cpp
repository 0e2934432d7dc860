#include "store/clickhouse_part_reader.h"

#include <atomic>
#include <stop_token>
#include <thread>

#include "store/clickhouse_fleet.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using Of = ClickhouseSums::Of;

std::vector<Event> between(EventId first, EventId last) {
  std::vector<Event> events = some_events(static_cast<int>(last), 4);
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(first - 1));
  return events;
}

class ClickhousePartReaderTest : public ClickhouseFleetTest {
 protected:
  void SetUp() override {
    ClickhouseFleetTest::SetUp();
    if (IsSkipped()) return;
    run("SYSTEM STOP MERGES");
  }
  void TearDown() override {
    if (client_) run("SYSTEM START MERGES");
  }

  [[nodiscard]] std::optional<ClickhousePartList> distinct(ClickhousePartReader& reader) const {
    auto parts = reader.distinct({});
    EXPECT_TRUE(parts) << parts.error().message;
    return parts ? *parts : std::nullopt;
  }
};

TEST_F(ClickhousePartReaderTest, BlocksThatFollowOneAnotherAreDistinct) {
  ClickhousePartReader reader(*client_);
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(11, 20)));
  ASSERT_TRUE(send(trail_b, between(1, 15)));
  const auto parts = distinct(reader);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->size(), 3U);
}

TEST_F(ClickhousePartReaderTest, ABlockThatCameTwiceIsNotUntilItIsMerged) {
  ClickhousePartReader reader(*client_);
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(10, 20)));
  EXPECT_FALSE(distinct(reader));
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  EXPECT_TRUE(distinct(reader));
}

TEST_F(ClickhousePartReaderTest, BeyondItsLimitsThereIsNoTelling) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_b, between(1, 10)));
  ClickhousePartReader enough(*client_, {.parts = 2, .ranges = 2});
  EXPECT_TRUE(distinct(enough));
  ClickhousePartReader few_parts(*client_, {.parts = 1, .ranges = 2});
  EXPECT_FALSE(distinct(few_parts));
  ClickhousePartReader few_ranges(*client_, {.parts = 2, .ranges = 1});
  EXPECT_FALSE(distinct(few_ranges));
}

TEST_F(ClickhousePartReaderTest, SumsAreThoseOfTheTrailsAndStayThroughAMerge) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(11, 30)));
  ASSERT_TRUE(send(trail_b, between(1, 7)));
  const auto client = ClickhouseClient::make(*ClickhouseAddress::parse(url_ + "?trail=" + trail_a));
  ClickhousePartReader reader(**client);
  const auto total = [&] { return reader.sums(*distinct(reader), Of::names, {}).value().value(); };
  const ClickhouseSums sums = total();
  EXPECT_EQ(sums.events, 30);
  std::int64_t counted = 0;
  for (const auto& [name, count] : sums.names[0]) counted += count;
  EXPECT_EQ(counted, 30);
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  EXPECT_EQ(total().events, 30);
  ASSERT_TRUE(send(trail_a, between(31, 35)));
  EXPECT_EQ(total().events, 35);
}

TEST_F(ClickhousePartReaderTest, SumsOfTooManyNamesAreNotKept) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ClickhousePartReader enough(*client_, {.names = 100});
  EXPECT_TRUE(*enough.sums(*distinct(enough), Of::names, {}));
  ClickhousePartReader few(*client_, {.names = 2});
  EXPECT_FALSE(*few.sums(*distinct(few), Of::names, {}));
  EXPECT_EQ(few.sums(*distinct(few), Of::extent, {}).value()->events, 10);
}

TEST_F(ClickhousePartReaderTest, SumsOfMoreThanASmallNumberOfPartsAreThoseOfAll) {
  for (EventId i = 1; i <= 20; ++i) ASSERT_TRUE(send(trail_a, between(i, i)));
  ClickhousePartReader reader(*client_);
  const ClickhouseSums sums = reader.sums(*distinct(reader), Of::names, {}).value().value();
  EXPECT_EQ(sums.events, 20);
  for (const ClickhouseSums::Counts& counts : sums.names) {
    std::int64_t counted = 0;
    for (const auto& [name, count] : counts) counted += count;
    EXPECT_EQ(counted, 20);
  }
  const ClickhouseSums extent = reader.sums(*distinct(reader), Of::extent, {}).value().value();
  EXPECT_EQ(extent.events, 20);
  EXPECT_EQ(extent.first, sums.first);
  EXPECT_EQ(extent.last, sums.last);
  EXPECT_EQ(extent.size(), 0U);
}

TEST_F(ClickhousePartReaderTest, SumsOfAPartThatIsGoneAreNone) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(11, 20)));
  ClickhousePartReader reader(*client_);
  const auto before = distinct(reader);
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  EXPECT_FALSE(*reader.sums(*before, Of::names, {}));
}

TEST_F(ClickhousePartReaderTest, CubesAreReadFromTheSecondQuestionOnAndStayThroughAMerge) {
  for (EventId i = 1; i <= 20; ++i) ASSERT_TRUE(send(trail_a, between(i, i)));
  ASSERT_TRUE(send(trail_a, between(21, 30)));
  ClickhousePartReader reader(*client_);
  EXPECT_FALSE(*reader.cubes(*distinct(reader), {})) << "it is the first question";
  const auto total = [&] {
    const ClickhouseCubes cubes = reader.cubes(*distinct(reader), {}).value().value();
    ClickhouseSums sums;
    for (const auto& cube : cubes) cube->add_to(sums, {}, {});
    return sums;
  };
  const ClickhouseSums before = total();
  const ClickhouseSums expected = reader.sums(*distinct(reader), Of::names, {}).value().value();
  EXPECT_EQ(before.events, 30);
  EXPECT_EQ(before.first, expected.first);
  EXPECT_EQ(before.last, expected.last);
  EXPECT_EQ(before.names, expected.names);
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  EXPECT_EQ(total().names, expected.names);
  ASSERT_TRUE(send(trail_a, between(31, 35)));
  EXPECT_EQ(total().events, 35);
}

TEST_F(ClickhousePartReaderTest, CubesThatAreTooLargeAreNotKept) {
  ASSERT_TRUE(send(trail_a, between(1, 30)));
  ClickhousePartReader enough(*client_, {.questions_before_cubes = 0});
  EXPECT_TRUE(*enough.cubes(*distinct(enough), {}));
  ClickhousePartReader few_cells(*client_, {.cells = 2, .questions_before_cubes = 0});
  EXPECT_FALSE(*few_cells.cubes(*distinct(few_cells), {}));
  ClickhousePartReader few_rows(*client_, {.cube_rows = 29, .questions_before_cubes = 0});
  EXPECT_FALSE(*few_rows.cubes(*distinct(few_rows), {}));
}

TEST_F(ClickhousePartReaderTest, ReadersThatShareKeepNoMoreTogetherThanOne) {
  ASSERT_TRUE(send(trail_a, between(1, 30)));
  ClickhousePartReader::Limits limits{.questions_before_cubes = 0};
  const auto shared = std::make_shared<ClickhousePartReader::Shared>();
  {
    ClickhousePartReader first(*client_, limits, shared);
    EXPECT_TRUE(*first.cubes(*distinct(first), {}));
    EXPECT_TRUE(*first.sums(*distinct(first), Of::names, {}));
    limits.cells = shared->cells;
    limits.names = shared->names;
    EXPECT_GT(limits.cells, 0U);
    EXPECT_GT(limits.names, 0U);
    ClickhousePartReader second(*client_, limits, shared);
    EXPECT_FALSE(*second.cubes(*distinct(second), {}));
    EXPECT_FALSE(*second.sums(*distinct(second), Of::names, {}));
    EXPECT_EQ(shared->cells, limits.cells) << "it keeps none";
  }
  EXPECT_EQ(shared->cells, 0U);
  EXPECT_EQ(shared->names, 0U);
  ClickhousePartReader third(*client_, limits, shared);
  EXPECT_TRUE(*third.cubes(*distinct(third), {})) << "there is room again";
}

TEST_F(ClickhousePartReaderTest, QuestionsAtATimeGetWholeCubesOrNone) {
  for (EventId i = 1; i <= 20; ++i) ASSERT_TRUE(send(trail_a, between(i, i)));
  ClickhousePartReader reader(*client_, {.questions_before_cubes = 0});
  const ClickhousePartList parts = distinct(reader).value();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
      askers.emplace_back([&] {
        const auto cubes = reader.cubes(parts, {});
        ASSERT_TRUE(cubes) << cubes.error().message;
        if (!*cubes) return;
        ClickhouseSums sums;
        for (const auto& cube : **cubes) cube->add_to(sums, {}, {});
        EXPECT_EQ(sums.events, 20);
        ++answered;
      });
    }
  }
  EXPECT_GE(answered, 1);
  EXPECT_TRUE(*reader.cubes(parts, {}));
}

TEST_F(ClickhousePartReaderTest, CubesThatCannotBeReadAreNone) {
  ASSERT_TRUE(send(trail_a, between(1, 30)));
  ClickhousePartReader reader(*client_, {.questions_before_cubes = 0});
  const auto parts = distinct(reader);
  run("ALTER TABLE " + database_ + ".events DROP COLUMN target");
  EXPECT_FALSE(*reader.cubes(*parts, {}));
  std::stop_source stop;
  stop.request_stop();
  ClickhousePartReader stopped(*client_, {.questions_before_cubes = 0});
  EXPECT_EQ(error_code(stopped.cubes(*parts, stop.get_token())), ErrorCode::cancelled);
}

TEST_F(ClickhousePartReaderTest, OnlyTheTrailsOfTheUrlCount) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_b, between(1, 10)));
  ClickhousePartReader all(*client_);
  EXPECT_FALSE(distinct(all));
  const auto client = ClickhouseClient::make(*ClickhouseAddress::parse(url_ + "?trail=" + trail_b));
  ClickhousePartReader one(**client);
  EXPECT_TRUE(distinct(one));
}

TEST_F(ClickhousePartReaderTest, AnAnswerStandsWhereWhatCameSinceIsDistinct) {
  ClickhousePartReader reader(*client_);
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  const auto before = distinct(reader);
  ASSERT_TRUE(before);
  EXPECT_TRUE(*reader.is_still_distinct(*before, {}));
  ASSERT_TRUE(send(trail_a, between(11, 20)));
  EXPECT_TRUE(*reader.is_still_distinct(*before, {}));
  ASSERT_TRUE(send(trail_a, between(11, 20)));
  EXPECT_FALSE(*reader.is_still_distinct(*before, {}));
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  EXPECT_FALSE(*reader.is_still_distinct(*before, {})) << "the question may have seen them twice";
}

TEST_F(ClickhousePartReaderTest, AnAnswerStandsWhereWhatWasThereWasMerged) {
  ClickhousePartReader reader(*client_);
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ASSERT_TRUE(send(trail_a, between(11, 20)));
  const auto before = distinct(reader);
  ASSERT_TRUE(before);
  run("SYSTEM START MERGES");
  run("OPTIMIZE TABLE " + database_ + ".events FINAL");
  ASSERT_EQ(distinct(reader)->size(), 1U);
  EXPECT_TRUE(*reader.is_still_distinct(*before, {}));
}

TEST_F(ClickhousePartReaderTest, OfATableThatIsNotThisServersAloneThereIsNoTelling) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  run("RENAME TABLE " + database_ + ".events TO " + database_ + ".events_local");
  run("CREATE VIEW " + database_ + ".events AS SELECT * FROM " + database_ + ".events_local");
  ClickhousePartReader reader(*client_);
  EXPECT_FALSE(distinct(reader));
}

TEST_F(ClickhousePartReaderTest, OfPartsThatCannotBeReadThereIsNoTelling) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  auto address = ClickhouseAddress::parse(url_);
  ASSERT_TRUE(address);
  address->answer_bytes_max = 60;  // the list of the parts, and not what is in them
  const auto client = ClickhouseClient::make(*address);
  ClickhousePartReader reader(**client);
  EXPECT_FALSE(distinct(reader));
  ClickhousePartReader other(*client_);
  EXPECT_TRUE(distinct(other));
}

TEST_F(ClickhousePartReaderTest, IsStopped) {
  ASSERT_TRUE(send(trail_a, between(1, 10)));
  ClickhousePartReader reader(*client_);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_code(reader.distinct(stop.get_token())), ErrorCode::cancelled);
}

// How often the server was asked for what is in the table, by what it keeps of statements.
class ClickhouseFinalTest : public ClickhousePartReaderTest {
 protected:
  int asked(const std::string& how) const {
    run("SYSTEM FLUSH LOGS");
    return std::stoi(run("SELECT count() FROM system.query_log WHERE type = 2 AND query LIKE '%" +
                         database_ + ".events" + how + " WHERE%' AND query NOT LIKE '%_part%'"));
  }
};

TEST_F(ClickhouseFinalTest, ATrailThatCameOnceIsAskedWithout) {
  const auto store = open("?trail=" + trail_a);
  ASSERT_TRUE(send(trail_a, between(1, 50)));
  ASSERT_TRUE(send(trail_a, between(51, 100)));
  EXPECT_EQ(store->stats({})->total, 100);
  EXPECT_EQ(store->list({})->total, 100);
  EXPECT_GE(asked(""), 2);
  EXPECT_EQ(asked(" FINAL"), 0);
}

TEST_F(ClickhouseFinalTest, ATrailThatCameTwiceIsAskedWith) {
  const auto store = open("?trail=" + trail_a);
  ASSERT_TRUE(send(trail_a, between(1, 50)));
  EXPECT_EQ(store->stats({})->total, 50);
  const int without = asked("");
  ASSERT_TRUE(send(trail_a, between(41, 100)));
  EXPECT_EQ(store->stats({})->total, 100);
  EXPECT_EQ(store->list({})->total, 100);
  EXPECT_EQ(asked(""), without);
  EXPECT_GE(asked(" FINAL"), 3);
  // One event of two copies, for which nothing need be merged.
  EXPECT_EQ(store->get(45)->id, 45);
  EXPECT_EQ(store->last_id(), 100);
}

}  // namespace
}  // namespace agentaudit
