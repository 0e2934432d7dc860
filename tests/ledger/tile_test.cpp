// Tiles and bundles: where they belong and what is in them.
#include "ledger/tile.h"

#include <gtest/gtest.h>

#include "ledger/reference_tree.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using namespace std::string_literals;

// The examples of C2SP's page.
TEST(Tile, PathsAreThoseOfTlogTiles) {
  EXPECT_EQ(tile_path({.level = 0, .index = 0}), "tile/0/000");
  EXPECT_EQ(tile_path({.level = 1, .index = 67, .width = 8}), "tile/1/067.p/8");
  EXPECT_EQ(tile_path({.level = 0, .index = 999}), "tile/0/999");
  EXPECT_EQ(tile_path({.level = 0, .index = 1000}), "tile/0/x001/000");
  EXPECT_EQ(tile_path({.level = 0, .index = 1'234'067}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({.level = 0, .index = 1'234'067, .width = 255}),
            "tile/0/x001/x234/067.p/255");
  EXPECT_EQ(tile_path({.level = 7, .index = ~std::uint64_t{0}}),
            "tile/7/x018/x446/x744/x073/x709/x551/615");
  EXPECT_EQ(entry_bundle_path({.index = 1'234'067, .width = 1}), "tile/entries/x001/x234/067.p/1");
}

TEST(Tile, APathIsReadAsItIsWrittenAndInNoOtherWay) {
  for (const Tile& tile : {Tile{.level = 0, .index = 0}, Tile{.level = 63, .index = 999},
                           Tile{.level = 7, .index = 1'234'067, .width = 8}}) {
    const auto hashes = parse_tile_path(tile_path(tile));
    ASSERT_TRUE(hashes) << tile_path(tile);
    EXPECT_EQ(hashes->tile, tile);
    EXPECT_FALSE(hashes->is_entries);
    const auto entries = parse_tile_path(entry_bundle_path(tile));
    ASSERT_TRUE(entries) << entry_bundle_path(tile);
    EXPECT_EQ(entries->tile, (Tile{.level = 0, .index = tile.index, .width = tile.width}));
    EXPECT_TRUE(entries->is_entries);
  }
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/0000",
                           "tile/00/000",
                           "tile/64/000",
                           "tile/-1/000",
                           "tile/0/000.p/256",
                           "tile/0/000.p/0",
                           "tile/0/000.p/",
                           "tile/0/000.p/08",
                           "tile/0/x000/000",
                           "tile/0/001/002",
                           "tile/0/000/",
                           "/tile/0/000",
                           "tile/entries/",
                           "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/001"}) {
    EXPECT_FALSE(parse_tile_path(path)) << path;
  }
}

TEST(Tile, ATreeHasFullTilesAndPartialOnesOfEachLevel) {
  using Levels = std::vector<TileLevel>;
  EXPECT_EQ(tile_levels(0), Levels{});
  EXPECT_EQ(tile_levels(1), (Levels{{0, 0, 1}}));
  EXPECT_EQ(tile_levels(256), (Levels{{0, 1, 0}, {1, 0, 1}}));
  EXPECT_EQ(tile_levels(70'000), (Levels{{0, 273, 112}, {1, 1, 17}, {2, 0, 1}}));
  EXPECT_EQ(tile_levels(tree_size_max).size(), 8U);
}

TEST(Tile, HasTheHashesOfItsSubtrees) {
  const ReferenceTree tree(600);
  ReferenceReader reader(tree, tree.size());
  const auto partial = tile_bytes({.level = 1, .index = 0, .width = 2}, reader);
  ASSERT_TRUE(partial);
  const Hash first = tree.root(0, 256);
  const Hash second = tree.root(256, 512);
  std::string expected(first.begin(), first.end());
  expected.append(second.begin(), second.end());
  EXPECT_EQ(*partial, expected);
  const auto full = tile_bytes({.level = 0, .index = 1}, reader);
  ASSERT_TRUE(full);
  EXPECT_EQ(full->size(), 8192U);
  EXPECT_EQ(full->substr(0, 32), std::string(tree.leaf(256).begin(), tree.leaf(256).end()));
}

TEST(Tile, AWidthOrLevelThatNoTileHasIsRefused) {
  UniformReader reader;
  for (const Tile& tile : {Tile{.width = 0}, Tile{.width = 257}, Tile{.level = -1},
                           Tile{.level = 64}, Tile{.index = tree_size_max}}) {
    EXPECT_EQ(error_code(tile_bytes(tile, reader)), ErrorCode::invalid_argument);
  }
}

TEST(Tile, TheErrorOfTheReaderIsPassedOn) {
  const ReferenceTree tree(10);
  ReferenceReader reader(tree, tree.size());
  EXPECT_EQ(error_code(tile_bytes({.width = 11}, reader)), ErrorCode::not_found);
}

TEST(Tile, EntriesInABundleHaveTheirLengthBeforeThem) {
  std::string bundle;
  EXPECT_TRUE(append_to_bundle(bundle, "abc"));
  EXPECT_TRUE(append_to_bundle(bundle, ""));
  EXPECT_TRUE(append_to_bundle(bundle, std::string(258, 'x')));
  EXPECT_EQ(bundle, "\0\3abc\0\0\1\2"s + std::string(258, 'x'));
}

TEST(Tile, AnEntryThatABundleCannotCountIsTooLarge) {
  std::string bundle;
  EXPECT_TRUE(append_to_bundle(bundle, std::string(65'535, 'x')));
  const std::size_t bytes = bundle.size();
  EXPECT_EQ(error_code(append_to_bundle(bundle, std::string(65'536, 'x'))), ErrorCode::too_large);
  EXPECT_EQ(bundle.size(), bytes);
}

}  // namespace
}  // namespace agentaudit
