// What is proved of trails of a file that were shipped.
#include <algorithm>

#include "agentaudit/ledger/bundle.h"
#include "store/clickhouse_shipped.h"
#include "store/error_code.h"
#include "store/written_tiles.h"

namespace agentaudit {
namespace {

class ClickhouseProofTest : public ClickhouseShippedTest {
 protected:
  [[nodiscard]] Verification proved(const Result<std::string>& json) const {
    EXPECT_TRUE(json) << json.error().message;
    const auto result = verify_bundle(json.value_or(""), {key_.verifier().to_text()});
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Verification{});
  }
  // More of them, so that there are several tiles.
  void record(int count) {
    auto events = some_events(count, 4);
    for (const Event& event : events) ASSERT_TRUE(file_->insert(event));
  }
};

TEST_F(ClickhouseProofTest, EveryEventIsProvedByTheCheckpointThatWasShipped) {
  record(700);
  ship();
  const auto store = open("?trail=" + trail_);
  BundleOpts opts;
  for (EventId id = 1; id <= 720; ++id) opts.ids.push_back(id);
  const auto json = store->bundle(opts);
  const Verification result = proved(json);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result.events, 720);
  EXPECT_EQ(result.leaves, 720);
  // As its own trail proves it, but for when.
  const auto without_time = [](const std::string& text) {
    const std::size_t at = text.find("\"created\":");
    return text.substr(0, at) + text.substr(text.find(',', at));
  };
  EXPECT_EQ(without_time(*json), without_time(*file_->bundle(opts)));
}

TEST_F(ClickhouseProofTest, ATrailThatGrewIsProvedAnewByTheSameStore) {
  ship();
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(proved(store->bundle({.ids = {7}})).leaves, 20);
  record(600);
  ship();  // what was there comes again
  EXPECT_EQ(proved(store->bundle({.ids = {7, 20, 21, 256, 257, 512, 513, 620}})).leaves, 620);
}

TEST_F(ClickhouseProofTest, WhatIsAheadOfTheNewestCheckpointIsNotSigned) {
  ship();
  record(5);
  ASSERT_TRUE(writer_->insert(trail_, *file_->recorded(20, 10, {})));
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(proved(store->bundle({.ids = {3}})).leaves, 20);
  const auto newest = verify_bundle(*store->bundle({.ids = {25}}), {});
  EXPECT_EQ(newest->level, ProofLevel::unsigned_tree);
  EXPECT_EQ(newest->leaves, 25);
}

TEST_F(ClickhouseProofTest, ACheckpointOverEventsThatAreOnTheirWayIsNotTaken) {
  ship();
  record(5);
  ASSERT_TRUE(writer_->checkpoint(trail_, *file_->checkpoint()));
  EXPECT_EQ(proved(open("?trail=" + trail_)->bundle({.ids = {3}})).leaves, 20);
}

TEST_F(ClickhouseProofTest, TilesAreThoseOfItsOwnTrail) {
  record(600);
  ship();
  const auto store = open("?trail=" + trail_);
  TileFiles files;
  TileFiles of_file;
  write_tiles(*store, files);
  write_tiles(*file_, of_file);
  EXPECT_EQ(files.count("tile/1/000.p/2"), 1U);
  EXPECT_EQ(files, of_file);
}

TEST_F(ClickhouseProofTest, NothingIsProvedWhereAnEventIsMissing) {
  ship([](auto& events) { events.erase(events.begin() + 4); });
  const auto store = open("?trail=" + trail_);
  const auto json = store->bundle({.ids = {7}});
  EXPECT_EQ(error_code(json), ErrorCode::not_found);
  EXPECT_NE(json.error().message.find("event 5 is not here"), std::string::npos)
      << json.error().message;
}

TEST_F(ClickhouseProofTest, AnEventThatWasChangedIsNotProved) {
  ship([](auto& events) { events[6].event.agent = "another"; });
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(error_code(store->bundle({.ids = {7}})), ErrorCode::corrupt);
  EXPECT_EQ(proved(store->bundle({.ids = {8}})).verdict, Verdict::intact);
}

TEST_F(ClickhouseProofTest, AForkedTrailProvesNothing) {
  ship();
  ship([](auto& events) { std::ranges::fill(events[6].leaf, 'x'); });
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(error_code(store->bundle({.ids = {3}})), ErrorCode::corrupt);
}

TEST_F(ClickhouseProofTest, AnEventThatIsForkedAfterItsTreeWasReadIsNotProved) {
  ship();
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(proved(store->bundle({.ids = {3}})).verdict, Verdict::intact);
  ship([](auto& events) { std::ranges::fill(events[6].leaf, 'x'); });
  const auto json = store->bundle({.ids = {7}});
  ASSERT_EQ(error_code(json), ErrorCode::corrupt);
  EXPECT_EQ(json.error().message, "event 7 is there in two versions: the trail was forked");
}

TEST_F(ClickhouseProofTest, ATreeOfThreeLevelsIsThatOfItsOwnTrail) {
  constexpr EventId more = 66'000;
  const auto some = some_events(6'000, 4);
  const std::vector<EventView> views(some.begin(), some.end());
  for (EventId stored = 0; stored < more; stored += std::ssize(views)) {
    ASSERT_TRUE(file_->insert_batch(views));
  }
  for (EventId shipped = 0; shipped < 20 + more;) {
    const auto events = file_->recorded(shipped, 8'000, {});
    ASSERT_TRUE(events) << events.error().message;
    ASSERT_TRUE(writer_->insert(trail_, *events));
    shipped = events->back().event.id;
  }
  ASSERT_TRUE(writer_->checkpoint(trail_, *file_->checkpoint()));
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(proved(store->bundle({.ids = {1, 300, 65'536, 66'020}})).leaves, 20 + more);
  TileFiles files;
  TileFiles of_file;
  for (const auto& [from, to] : {std::pair(static_cast<Store*>(store.get()), &files),
                                 std::pair(static_cast<Store*>(file_.get()), &of_file)}) {
    TileOpts opts;
    opts.only = "tile/2/000.p/1";
    opts.write = [&, into = to](const std::string& path, std::string_view bytes) -> Result<void> {
      (*into)[path] = bytes;
      return {};
    };
    ASSERT_TRUE(from->tiles(opts, {}));
  }
  EXPECT_EQ(files.size(), 1U);
  EXPECT_EQ(files, of_file);
}

TEST_F(ClickhouseProofTest, WhatCannotBeBundledIsSaid) {
  ship();
  const auto store = open("?trail=" + trail_);
  EXPECT_EQ(error_code(store->bundle({})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store->bundle({.ids = {21}})), ErrorCode::not_found);
  EXPECT_EQ(error_code(open()->bundle({.ids = {1}})), ErrorCode::unsupported);
  EXPECT_EQ(error_code(open()->tiles({}, {})), ErrorCode::unsupported);
  EXPECT_EQ(error_code(open("?trail=" + trail_b)->bundle({.ids = {1}})), ErrorCode::not_found);
}

}  // namespace
}  // namespace agentaudit
