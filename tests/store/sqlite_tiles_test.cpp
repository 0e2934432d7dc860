// Which files of a tree are written, and when none is.

#include <gtest/gtest.h>

#include <map>

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
  const auto store = open_signed();
  append(*store, 300);
  const std::string first = store->checkpoint().value();
  const auto change = [&](const std::string& sql) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(sql));
  };
  EXPECT_EQ(write_tiles(*store, "no note").error().code, ErrorCode::invalid_argument);
  std::string other = first;
  other.replace(0, 3, "his");
  EXPECT_EQ(write_tiles(*store, other).error().code, ErrorCode::invalid_argument);
  change("UPDATE events SET duration_ms = 1 WHERE id = 7");
  EXPECT_EQ(write_tiles(*store).error().code, ErrorCode::corrupt);
  change("UPDATE events SET duration_ms = 0 WHERE id = 7");
  EXPECT_TRUE(write_tiles(*store));
  change("UPDATE tree SET data = zeroblob(32) || substr(data, 33) WHERE key = 0");
  EXPECT_EQ(write_tiles(*store).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(files_.empty());
  EXPECT_EQ(came_, std::vector<std::string>());
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
