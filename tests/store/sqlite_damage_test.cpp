// A signed trail with flipped bits anywhere in its file: whatever verify says, it does not
// crash, and it does not call intact what answers otherwise than before.

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "ledger/note_signer.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteDamageTest : public SqliteTrail {
 protected:
  void SetUp() override {
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    const auto store = open(options);
    append(*store, 600);
    ASSERT_TRUE(store->prune_before(at(20)));
    ASSERT_TRUE(store->redact({.id = 50, .detail = true}));
    ASSERT_TRUE(store->close());
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    bytes_ = out.str();
    events_ = all_events(path_).value();
  }

  static Result<std::vector<Event>> all_events(const std::filesystem::path& path) {
    const auto store = SqliteStore::open(path, {.read_only = true});
    if (!store) return fail(store.error());
    const auto page = (*store)->list({.limit = 1'000, .order = Order::commit});
    if (!page) return fail(page.error());
    return page->events;
  }

  // Nothing: it could not be read as a trail.
  std::optional<Verdict> verdict_of(const std::string& bytes) {
    const auto path = scratch_ / "damaged.db";
    std::ofstream(path, std::ios::binary) << bytes;
    VerifyOpts opts;
    opts.keys = {key_.verifier().to_text()};
    opts.expect_signed = true;
    const auto store = SqliteStore::open(path, {.read_only = true, .query_threads = 1});
    if (!store) return std::nullopt;
    const auto result = (*store)->verify(opts, {});
    if (!result) return std::nullopt;
    if (result->verdict == Verdict::intact) {
      const auto events = all_events(path);
      EXPECT_TRUE(events && *events == events_) << "intact, and not what was recorded";
    }
    return result->verdict;
  }

  NoteSigner key_ = NoteSigner::generate("own.example").value();
  std::string bytes_;
  std::vector<Event> events_;
};

TEST_F(SqliteDamageTest, NoFlippedBitMakesAnotherTrailIntact) {
  ASSERT_EQ(verdict_of(bytes_), Verdict::intact);
  constexpr int flips = 1'500;
  constexpr unsigned seed = 4;
  std::mt19937 random(seed);
  int noticed = 0;
  for (int i = 0; i < flips && !HasFailure(); ++i) {
    std::string damaged = bytes_;
    std::size_t at = 0;
    for (auto bits = 1 + random() % 3; bits > 0; --bits) {
      at = random() % damaged.size();
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    }
    if (verdict_of(damaged) != Verdict::intact) ++noticed;
    ASSERT_FALSE(HasFailure()) << "byte " << at << ", try " << i;
  }
  // Much of a file is empty space in pages, and names and columns that nothing proves.
  EXPECT_GT(noticed, flips / 10);
}

TEST_F(SqliteDamageTest, ACutFileIsNeverIntact) {
  constexpr std::size_t page = 16'384;
  for (std::size_t kept = 0; kept + page <= bytes_.size(); kept += page / 2) {
    EXPECT_NE(verdict_of(bytes_.substr(0, kept)), Verdict::intact) << kept;
  }
}

}  // namespace
}  // namespace agentaudit
