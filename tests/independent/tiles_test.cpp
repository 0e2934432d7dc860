// The tiles of a real trail are enough for software of others: golang.org/x/mod proves
// entries and beginnings from them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "independent/independent_verifier.h"
#include "ledger/note_signer.h"

namespace agentaudit {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(out).str();
}

class IndependentTiles : public IndependentVerifier {
 protected:
  void SetUp() override {
    IndependentVerifier::SetUp();
    if (IsSkipped()) return;
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    store_ = SqliteStore::open(scratch_ / "audit.db", options).value();
  }

  void append(std::size_t count) {
    std::vector<Event> events(count);
    for (std::size_t i = 0; i < count; ++i) {
      events[i].category = "tool_call";
      events[i].target = "file " + std::to_string(i);
      events[i].summary = "call " + std::to_string(i);
    }
    for (std::size_t i = 0; i < count; i += 10'000) {
      const auto some = std::span(events).subspan(i, std::min<std::size_t>(count - i, 10'000));
      ASSERT_TRUE(store_->insert_batch(std::vector<EventView>(some.begin(), some.end())));
    }
  }

  // Adds what is new; returns the checkpoint.
  std::string write_tiles() {
    EXPECT_TRUE(store_->checkpoint());
    TileOpts opts;
    opts.written = content_of(tiles_ / "checkpoint");
    opts.write = [this](const std::string& path, std::string_view bytes) -> Result<void> {
      std::filesystem::create_directories((tiles_ / path).parent_path());
      std::ofstream(tiles_ / path, std::ios::binary) << bytes;
      return {};
    };
    const auto written = store_->tiles(opts, {});
    EXPECT_TRUE(written) << written.error().message;
    return content_of(tiles_ / "checkpoint");
  }

  [[nodiscard]] Json document(const std::vector<int>& leaves, const std::string& old) const {
    return {
        {"vkey", key_.verifier().to_text()},
        {"tiles", {{"directory", tiles_.native()}, {"leaves", leaves}, {"old_checkpoint", old}}}};
  }

  ScratchDirectory scratch_;
  std::filesystem::path tiles_ = scratch_ / "tiles";
  NoteSigner key_ = NoteSigner::generate("build-7.example").value();
  std::shared_ptr<SqliteStore> store_;
};

TEST_F(IndependentTiles, AreEnoughToProveEntriesAndBeginnings) {
  append(3);
  const std::string first = write_tiles();
  EXPECT_EQ(objection(document({0, 1, 2}, first)), "");
  append(600);
  ASSERT_TRUE(store_->redact({.id = 300, .summary = true}));
  const std::string second = write_tiles();
  EXPECT_EQ(objection(document({0, 255, 256, 299, 602, 603}, first)), "");
  append(69'000);
  write_tiles();
  for (const std::string& old : {first, second}) {
    EXPECT_EQ(objection(document({0, 299, 603, 65'535, 65'536, 69'603}, old)), "");
  }
}

TEST_F(IndependentTiles, AreRejectedWhereverOneIsChanged) {
  append(300);
  const std::string first = write_tiles();
  append(700);
  write_tiles();
  const Json proof = document({0, 5, 999}, first);
  ASSERT_EQ(objection(proof), "");
  struct Change {
    const char* file;
    std::size_t byte;
    std::string_view objection;  // how it begins
  };
  constexpr std::size_t hash = 32;
  for (const auto& [file, byte, expected] :
       {Change{"tile/0/000", 0, "entry 0"}, Change{"tile/0/000", 4 * hash, "inclusion of 0"},
        Change{"tile/0/003.p/232", 5 * hash, "tiles"}, Change{"tile/1/000.p/3", hash, "tiles"},
        Change{"tile/entries/000", 40, "entry 0"}, Change{"checkpoint", 70, "checkpoint"}}) {
    const std::string good = content_of(tiles_ / file);
    ASSERT_GT(good.size(), byte) << file;
    std::string changed = good;
    changed[byte] = static_cast<char>(changed[byte] ^ 1);
    std::ofstream(tiles_ / file, std::ios::binary) << changed;
    EXPECT_EQ(objection(proof).substr(0, expected.size()), expected) << file << ' ' << byte;
    std::ofstream(tiles_ / file, std::ios::binary) << good;
  }
  EXPECT_EQ(objection(proof), "");
}

}  // namespace
}  // namespace agentaudit
