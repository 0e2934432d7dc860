// tiles: what is in the directory after it, and which directories it leaves alone.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

constexpr std::string_view sample = R"({"category":"llm","summary":"one","target":"model"}
{"category":"tool_call","summary":"two"}
)";

std::set<std::string> files_below(const std::filesystem::path& directory) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(directory).native());
  }
  return files;
}

class Tiles : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(directory_.run({"key", "init", "--name", "own.example"}).status, 0);
    directory_.record(sample);
  }

  TrailDirectory directory_;
  std::string tiles_ = (directory_.path() / "www" / "tiles").native();
};

TEST_F(Tiles, AreWrittenAndLaterOnlyAddedTo) {
  const Finished written = directory_.run({"tiles", tiles_});
  EXPECT_EQ(written.status, 0);
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(written.err,
            "wrote 1 tile and 1 bundle of entries of the tree of 2 events to " + tiles_ + '\n');
  EXPECT_EQ(files_below(tiles_),
            (std::set<std::string>{"checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"}));
  const Finished again = directory_.run({"tiles", tiles_});
  EXPECT_EQ(again.err, tiles_ + " has the tree of 2 events already\n");
  directory_.record(sample);
  EXPECT_EQ(directory_.run({"tiles", tiles_}).status, 0);
  EXPECT_EQ(files_below(tiles_),
            (std::set<std::string>{"checkpoint", "tile/0/000.p/2", "tile/0/000.p/4",
                                   "tile/entries/000.p/2", "tile/entries/000.p/4"}));
  std::ifstream entries(std::filesystem::path(tiles_) / "tile/entries/000.p/4", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(entries), {});
  EXPECT_NE(bytes.find("model"), std::string::npos);
  EXPECT_EQ(bytes.find("two"), std::string::npos) << "texts are not in an entry";
}

TEST_F(Tiles, OfAnotherTrailAreLeftAlone) {
  ASSERT_EQ(directory_.run({"tiles", tiles_}).status, 0);
  const std::string other = (directory_.path() / "other.db").native();
  ASSERT_EQ(directory_.run({"record", "--store", other}, sample).status, 0);
  const Finished refused = directory_.run({"tiles", "--store", other, tiles_});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("is left as it is: what was written before is of own.example/"),
            std::string::npos)
      << refused.err;
  const auto words = directory_.file("checkpoint", "not a checkpoint");
  EXPECT_EQ(directory_.run({"tiles", words.parent_path().native()}).status, 2);
  EXPECT_EQ(files_below(tiles_).size(), 3);
}

TEST_F(Tiles, AreNotPutBesideWhatIsNoCheckpoint) {
  std::filesystem::create_directories(tiles_);
  const std::filesystem::path checkpoint = std::filesystem::path(tiles_) / "checkpoint";
  std::ofstream(checkpoint).close();
  for (const std::uintmax_t bytes : {0U, 1'000'001U}) {
    std::filesystem::resize_file(checkpoint, bytes);
    const Finished refused = directory_.run({"tiles", tiles_});
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.err,
              "agentaudit: " + checkpoint.native() + " is no checkpoint; name another directory\n");
  }
  std::filesystem::remove(checkpoint);
  std::filesystem::create_directory(checkpoint);
  const Finished unreadable = directory_.run({"tiles", tiles_});
  EXPECT_EQ(unreadable.status, 3);
  EXPECT_EQ(unreadable.err.find("agentaudit: cannot read " + checkpoint.native() + ": "), 0U)
      << unreadable.err;
  EXPECT_TRUE(files_below(tiles_).empty());
}

TEST_F(Tiles, LeaveOutWhatWasPruned) {
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    lines += R"({"category":"llm","timestamp":"2020-01-01T00:00:00Z"})"
             "\n";
  }
  directory_.record(lines);
  ASSERT_EQ(directory_.run({"prune", "--before", "2100-01-01", "--yes"}).status, 0);
  const Finished written = directory_.run({"tiles", tiles_});
  EXPECT_EQ(written.status, 0) << written.err;
  EXPECT_NE(written.err.find("0 tiles and 2 bundles are left out: events of them were pruned"),
            std::string::npos)
      << written.err;
}

TEST_F(Tiles, OfATrailThatWasRolledBackAreLeftAlone) {
  ASSERT_EQ(directory_.run({"checkpoint"}).status, 0);
  const auto older = directory_.path() / "older.db";
  std::filesystem::copy_file(directory_.trail(), older);
  directory_.record(sample);
  ASSERT_EQ(directory_.run({"tiles", tiles_}).status, 0);
  const auto before = files_below(tiles_);
  EXPECT_EQ(directory_.run({"tiles", "--store", older.native(), tiles_}).status, 3);
  EXPECT_EQ(files_below(tiles_), before);
}

TEST_F(Tiles, ThatCannotBeWrittenAreAnError) {
  const auto file = directory_.file("file", "no directory");
  EXPECT_EQ(directory_.run({"tiles", (file / "below").native()}).status, 3);
  EXPECT_EQ(directory_.run({"tiles"}).status, 2);
}

TEST(TilesWithoutAKey, SayHowToMakeOne) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished none = directory.run({"tiles", (directory.path() / "tiles").native()});
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("agentaudit key init"), std::string::npos) << none.err;
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "tiles"));
}

}  // namespace
}  // namespace agentaudit
