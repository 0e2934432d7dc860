// Which files of a tree are written, and when none is.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ledger/note_signer.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteTilesTest : public SqliteTrail {
 protected:
  std::shared_ptr<SqliteStore> open_signed() {
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    return open(options);
  }

  // Into files_; those that came.
  Result<TileCounts> write_tiles(SqliteStore& store, const std::string& written = "") {
    came_.clear();
    TileOpts opts;
    opts.written = written;
    opts.write = [this](const std::string& path, std::string_view bytes) -> Result<void> {
      came_.push_back(path);
      files_[path] = bytes;
      return {};
    };
    return store.tiles(opts, {});
  }

  // With these words at the start.
  void expect_refused(SqliteStore& store, ErrorCode code, const std::string& says,
                      const std::string& written = "") {
    const auto refused = write_tiles(store, written);
    ASSERT_EQ(error_code(refused), code);
    EXPECT_TRUE(refused.error().message.starts_with(says)) << refused.error().message;
  }

  void change(const std::string& sql) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(sql));
  }

  NoteSigner key_ = NoteSigner::generate("own.example").value();
  std::map<std::string, std::string> files_;
  std::vector<std::string> came_;
};

TEST_F(SqliteTilesTest, BundlesWithPrunedEventsAreLeftOut) {
  constexpr std::int64_t chunk = sqlite_schema::chunk_events;
  const auto store = open_signed();
  append(*store, chunk + 600);
  ASSERT_TRUE(store->prune_before(at(chunk + 101)));
  ASSERT_TRUE(store->checkpoint());
  const auto counts = write_tiles(*store);
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->size, chunk + 601);
  EXPECT_EQ(counts->tiles_missing, chunk / 256) << "of a chunk whose leaves are gone";
  EXPECT_EQ(counts->bundles_missing, chunk / 256 + 1);
  EXPECT_FALSE(files_.contains("tile/0/062"));
  EXPECT_TRUE(files_.contains("tile/0/063"));
  EXPECT_FALSE(files_.contains("tile/entries/063"));
  EXPECT_TRUE(files_.contains("tile/entries/064"));
}

TEST_F(SqliteTilesTest, WhatIsNotWhatWasSignedIsNotWritten) {
  struct Damage {
    std::string what;
    std::string says;
    std::vector<std::string> came{};
  };
  const auto store = open_signed();
  append(*store, 300);
  ASSERT_TRUE(store->checkpoint());
  const auto tree_with = [](const std::string& bytes) {
    return "UPDATE tree SET data = CAST(" + bytes + " AS BLOB) WHERE key = 0";
  };
  const std::string more = "; `agentaudit verify` tells more";
  for (const Damage& damage :
       {Damage{"UPDATE events SET duration_ms = 1 WHERE id = 7",
               "event 7 is not what was recorded" + more,
               {"tile/0/000"}},
        Damage{tree_with("zeroblob(32) || substr(data, 33)"),
               "the ledger's tree disagrees with itself at tile/0/000" + more},
        Damage{tree_with("substr(data, 1, 299 * 32) || zeroblob(32)"),
               "the trail is not what was signed" + more},
        Damage{"UPDATE checkpoints SET note = 'words'",
               "the trail's checkpoint cannot be read: "}}) {
    SCOPED_TRACE(damage.what);
    EXPECT_TRUE(write_tiles(*store));
    change(
        "CREATE TABLE kept AS SELECT * FROM tree; CREATE TABLE kept_event AS SELECT * FROM events"
        " WHERE id = 7");
    change(damage.what);
    expect_refused(*store, ErrorCode::corrupt, damage.says);
    EXPECT_EQ(came_, damage.came);
    change(
        "INSERT OR REPLACE INTO tree SELECT * FROM kept; INSERT OR REPLACE INTO events SELECT *"
        " FROM kept_event; DROP TABLE kept; DROP TABLE kept_event");
  }
}

TEST_F(SqliteTilesTest, WhatWasWrittenBeforeMustBeACheckpointOfTheTrail) {
  const auto store = open_signed();
  append(*store, 10);
  std::string other = store->checkpoint().value();
  other.replace(0, 3, "his");
  expect_refused(*store, ErrorCode::invalid_argument,
                 "what was written before is no checkpoint: ", "no note");
  expect_refused(*store, ErrorCode::invalid_argument, "what was written before is of his.example/",
                 other);
  EXPECT_EQ(came_, std::vector<std::string>());
}

TEST_F(SqliteTilesTest, WhetherItGrewOutOfATreeWhoseLeavesArePrunedCannotBeTold) {
  constexpr std::int64_t chunk = sqlite_schema::chunk_events;
  const auto store = open_signed();
  append(*store, 10);
  const std::string first = store->checkpoint().value();
  append(*store, chunk, 11);
  ASSERT_TRUE(store->prune_before(at(chunk + 1)));
  ASSERT_TRUE(store->checkpoint());
  expect_refused(
      *store, ErrorCode::corrupt,
      "whether the trail has grown out of what was written before cannot be told: ", first);
  EXPECT_TRUE(write_tiles(*store));
}

TEST_F(SqliteTilesTest, AShorterTrailOrOneOfAnotherHistoryIsRefused) {
  auto store = open_signed();
  append(*store, 10);
  ASSERT_TRUE(store->close());
  std::filesystem::copy_file(path_, scratch_ / "older.db");
  store = open_signed();
  append(*store, 10);
  const std::string newer = store->checkpoint().value();
  ASSERT_TRUE(store->close());
  path_ = scratch_ / "older.db";
  store = open_signed();
  EXPECT_EQ(write_tiles(*store, newer).error().code, ErrorCode::corrupt) << "shorter";
  append(*store, 20, 100);
  ASSERT_TRUE(store->checkpoint());
  EXPECT_EQ(write_tiles(*store, newer).error().code, ErrorCode::corrupt) << "another history";
}

}  // namespace
}  // namespace agentaudit
