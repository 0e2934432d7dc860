// Conformance: evidence bundles, and the tree as files.

#include "agentaudit/ledger/bundle.h"
#include "store/error_code.h"
#include "store/store_conformance.h"
#include "store/test_keys.h"
#include "store/written_tiles.h"

namespace agentaudit {
namespace {

Verification verified(const Result<std::string>& json, bool with_key = true) {
  EXPECT_TRUE(json) << json.error().message;
  const auto result =
      verify_bundle(json.value_or(""), with_key ? std::vector{own_key().verifier().to_text()}
                                                : std::vector<std::string>());
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(Verification{});
}

std::vector<Event> odd_events() {
  std::vector<Event> events(6, event_at(at(1)));
  events[1].summary = std::string("NUL \0 and \xc3\x28", 12);
  events[1].agent = "\xff";
  events[2].timestamp = Timestamp::from_ns(-1);
  events[2].duration = std::chrono::milliseconds(-5);
  events[3].trace_id = "0af7651916cd43dd8448eb211c80319c";
  events[3].span_id = "of its own";
  events[4].detail = "\"\\ \u2028 {";
  events[5].summary = "";
  events[5].detail = "";
  events[5].status = "";
  return events;
}

std::vector<Event> some(std::size_t count) { return std::vector<Event>(count, event_at(at(1))); }

TEST_P(StoreConformance, EveryEventIsProved) {
  sign_with(own_key());
  insert_all(some(700));
  insert_all(odd_events());
  ASSERT_TRUE(store_->checkpoint());
  BundleOpts opts;
  opts.ids = {1, 256, 257, 512, 700, 701, 702, 703, 704, 705, 706};
  opts.query = R"({"agents":["ada"]})";
  const auto json = store_->bundle(opts);
  const Verification result = verified(json);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result.events, 11);
  EXPECT_EQ(result.leaves, 706);
  EXPECT_NE(json->find(R"("query":{"agents":["ada"]})"), std::string::npos);
}

TEST_P(StoreConformance, ABundleWithoutACheckpointIsUnsigned) {
  insert_all(some(10));
  const auto json = store_->bundle({.ids = {3}});
  const Verification result = verified(json, false);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::unsigned_tree);
  EXPECT_EQ(verified(json).verdict, Verdict::tampered);
}

TEST_P(StoreConformance, HiddenTextsAreNotInABundle) {
  sign_with(own_key());
  Event event = event_at(at(1));
  event.summary = "said aloud";
  event.detail = R"({"card":"4111 1111"})";
  insert(event);
  BundleOpts opts;
  opts.ids = {1};
  opts.hide_detail = true;
  const auto json = store_->bundle(opts);
  EXPECT_EQ(verified(json).verdict, Verdict::intact);
  EXPECT_EQ(json->find("4111"), std::string::npos);
  EXPECT_NE(json->find("said aloud"), std::string::npos);
  EXPECT_NE(json->find(R"("hidden":"undisclosed")"), std::string::npos);
}

TEST_P(StoreConformance, WhatCannotBeBundledIsSaid) {
  insert_all({event_at(at(1)), event_at(at(5)), event_at(at(5))});
  EXPECT_EQ(error_code(store_->bundle({})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->bundle({.ids = {4}})), ErrorCode::not_found);
  EXPECT_EQ(prune(at(3)), 1);
  EXPECT_EQ(error_code(store_->bundle({.ids = {1}})), ErrorCode::not_found);
  BundleOpts many;
  many.ids.assign(bundle_events_max + 1, 2);
  EXPECT_EQ(error_code(store_->bundle(many)), ErrorCode::too_large);
}

TEST_P(StoreConformance, ABundleThatNobodyWouldReadIsNotMade) {
  Event large = event_at(at(1));
  large.detail.assign(1'000'000, 'x');
  BundleOpts opts;
  for (int i = 0; i < 17; ++i) opts.ids.push_back(insert(large));
  EXPECT_EQ(error_code(store_->bundle(opts)), ErrorCode::too_large);
  opts.hide_detail = true;
  EXPECT_TRUE(store_->bundle(opts));
}

TEST_P(StoreConformance, EachTileIsWrittenOnceAndTheCheckpointLast) {
  sign_with(own_key());
  insert_all(some(300));
  const std::string first = store_->checkpoint().value();
  TileFiles files;
  EXPECT_EQ(write_tiles(*store_, files),
            (std::vector<std::string>{"tile/0/000", "tile/entries/000", "tile/0/001.p/44",
                                      "tile/entries/001.p/44", "tile/1/000.p/1", "checkpoint"}));
  EXPECT_EQ(files["checkpoint"], first);
  EXPECT_EQ(files["tile/0/000"].size(), 256 * 32);
  EXPECT_TRUE(write_tiles(*store_, files, first).empty());

  insert_all(some(300));
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_EQ(write_tiles(*store_, files, first),
            (std::vector<std::string>{"tile/0/001", "tile/entries/001", "tile/0/002.p/88",
                                      "tile/entries/002.p/88", "tile/1/000.p/2", "checkpoint"}));
}

TEST_P(StoreConformance, OneTileIsThatOfAllThatAreWritten) {
  sign_with(own_key());
  insert_all(some(600));
  ASSERT_TRUE(store_->checkpoint());
  TileFiles files;
  write_tiles(*store_, files);
  std::string one;
  TileOpts opts;
  opts.write = [&](const std::string& path, std::string_view bytes) -> Result<void> {
    EXPECT_EQ(path, opts.only);
    one = bytes;
    return {};
  };
  for (const auto& [path, bytes] : files) {
    if (path == "checkpoint") continue;
    opts.only = path;
    one.clear();
    ASSERT_TRUE(store_->tiles(opts, {})) << path;
    EXPECT_EQ(one, bytes) << path;
  }
  // What an earlier checkpoint had.
  opts.only = "tile/0/002.p/3";
  ASSERT_TRUE(store_->tiles(opts, {}));
  EXPECT_EQ(one, files["tile/0/002.p/88"].substr(0, 96));
  for (const char* path : {"tile/0/003", "tile/0/002.p/89", "tile/2/000", "tile/0/2", "checkpoint",
                           "tile/entries/002", "tile/0/-01"}) {
    opts.only = path;
    EXPECT_EQ(error_code(store_->tiles(opts, {})), ErrorCode::not_found) << path;
  }
}

TEST_P(StoreConformance, TilesThatCannotBeWrittenEndIt) {
  sign_with(own_key());
  TileOpts opts;
  opts.write = [](const std::string&, std::string_view) -> Result<void> {
    return fail(ErrorCode::full, "no space left");
  };
  EXPECT_EQ(error_code(store_->tiles(opts, {})), ErrorCode::not_found) << "no checkpoint";
  insert_all(some(10));
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_EQ(error_code(store_->tiles(opts, {})), ErrorCode::full);
  opts.write = {};
  EXPECT_EQ(error_code(store_->tiles(opts, {})), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
