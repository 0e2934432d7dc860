// A signed trail with flipped bits anywhere in its file: whatever verify says, it does not
// crash, and it does not call intact what answers otherwise than before.
//
// AGENTAUDIT_DAMAGE_ROUNDS says how many files to damage (default 1,500), and
// AGENTAUDIT_DAMAGE_SEED which; runs with different seeds may go on side by side.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "agentaudit/core/event_json.h"
#include "ledger/note_signer.h"
#include "store/number_from_environment.h"
#include "store/sqlite_seal_trail.h"
#include "store/sqlite_trail.h"
#include "store/trail_answers.h"

namespace agentaudit {
namespace {

// What a trail answers: every event, and questions that go by names, columns and filters.
struct Answers {
  std::vector<Event> events{};
  std::vector<std::vector<Event>> lists{};
  std::vector<Stats> stats{};
  std::vector<GroupsResult> groups{};

  friend bool operator==(const Answers&, const Answers&) = default;
};

Result<Answers> answers_of_file(const std::filesystem::path& path) {
  const auto opened = SqliteStore::open(path, {.read_only = true, .query_threads = 1});
  if (!opened) return fail(opened.error());
  SqliteStore& store = **opened;
  Answers answers;
  ListOpts page{.limit = 1'000, .order = Order::commit};
  do {
    const auto found = store.list(page);
    if (!found) return fail(found.error());
    answers.events.insert(answers.events.end(), found->events.begin(), found->events.end());
    page.cursor = found->next_cursor;
  } while (!page.cursor.empty());
  const TrailQuestions questions = questions_about_various();
  for (const ListOpts& question : questions.lists) {
    const auto found = store.list(question);
    if (!found) return fail(found.error());
    answers.lists.push_back(found->events);
  }
  for (const StatsOpts& question : questions.stats) {
    const auto found = store.stats(question);
    if (!found) return fail(found.error());
    answers.stats.push_back(*found);
  }
  for (const GroupsOpts& question : questions.groups) {
    const auto found = store.groups(question, {});
    if (!found) return fail(found.error());
    answers.groups.push_back(*found);
  }
  return answers;
}

class SqliteDamageTest : public SqliteTrail {
 protected:
  // Some are pruned, and a text is erased.
  void make_trail(std::int64_t events) {
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    const auto store = open(options);
    fill(*store, events);
    ASSERT_TRUE(store->prune_before(at(20)));
    ASSERT_TRUE(store->redact({.id = 50, .detail = true}));
    ASSERT_TRUE(store->seal({.keep_pace = false}, {}));
    ASSERT_TRUE(store->close());
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    bytes_ = out.str();
    answers_ = answers_of_file(path_).value();
    ASSERT_EQ(verdict_of(bytes_), Verdict::intact);
  }

  // Nothing: it could not be read as a trail.
  std::optional<Verdict> verdict_of(const std::string& bytes) {
    const auto path = scratch_ / "damaged.db";
    std::ofstream(path, std::ios::binary) << bytes;
    VerifyOpts opts;
    opts.keys = {key_.verifier().to_text()};
    opts.expect_signed = true;
    opts.pending_max = std::chrono::hours(24 * 365 * 200);
    const auto store = SqliteStore::open(path, {.read_only = true, .query_threads = 1});
    if (!store) return std::nullopt;
    const auto result = (*store)->verify(opts, {});
    if (!result) return std::nullopt;
    if (result->verdict == Verdict::intact) expect_same_answers(path);
    return result->verdict;
  }

  // That a question cannot be answered is no lie.
  void expect_same_answers(const std::filesystem::path& path) const {
    const auto answers = answers_of_file(path);
    if (!answers) return;
    EXPECT_TRUE(answers->events == answers_.events)
        << "intact, and not what was recorded: " << first_difference(answers->events);
    EXPECT_TRUE(*answers == answers_) << "intact, and a question is answered otherwise";
  }

  [[nodiscard]] std::string first_difference(const std::vector<Event>& events) const {
    const auto [ours, theirs] =
        std::mismatch(answers_.events.begin(), answers_.events.end(), events.begin(), events.end());
    return std::to_string(events.size()) + " events of " + std::to_string(answers_.events.size()) +
           ", " + (ours == answers_.events.end() ? "more" : to_json(*ours)) + " was " +
           (theirs == events.end() ? "nothing" : to_json(*theirs));
  }

  void flip_bits(unsigned rounds) {
    const auto seed = static_cast<unsigned>(number_from_environment("AGENTAUDIT_DAMAGE_SEED", 4));
    std::mt19937 random(seed);
    unsigned noticed = 0;
    for (unsigned i = 0; i < rounds && !HasFailure(); ++i) {
      std::string damaged = bytes_;
      std::string where;
      for (auto bits = 1 + random() % 3; bits > 0; --bits) {
        const std::size_t at = random() % damaged.size();
        const unsigned bit = random() % 8;
        damaged[at] = static_cast<char>(damaged[at] ^ (1U << bit));
        where += " byte " + std::to_string(at) + " bit " + std::to_string(bit) + ',';
      }
      if (verdict_of(damaged) != Verdict::intact) ++noticed;
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ", round " << i << ':' << where;
    }
    // Much of a file is empty space in pages, and names and columns that nothing proves.
    EXPECT_GT(noticed, rounds / 10);
    RecordProperty("rounds", static_cast<int>(rounds));
    RecordProperty("noticed", static_cast<int>(noticed));
  }

  static unsigned rounds() {
    return static_cast<unsigned>(number_from_environment("AGENTAUDIT_DAMAGE_ROUNDS", 1'500));
  }

  NoteSigner key_ = NoteSigner::generate("own.example").value();
  std::string bytes_;
  Answers answers_;
};

TEST_F(SqliteDamageTest, NoFlippedBitMakesAnotherTrailIntact) {
  make_trail(600);
  flip_bits(rounds());
}

// Of a trail that is answered from columns. Its file is some thirty times as large.
TEST_F(SqliteDamageTest, NoFlippedBitMakesAnotherSealedTrailIntact) {
  make_trail(16'600);
  flip_bits(rounds() / 100);
}

TEST_F(SqliteDamageTest, ACutFileIsNeverIntact) {
  make_trail(600);
  constexpr std::size_t page = 16'384;
  for (std::size_t kept = 0; kept + page <= bytes_.size(); kept += page / 2) {
    EXPECT_NE(verdict_of(bytes_.substr(0, kept)), Verdict::intact) << kept;
  }
}

}  // namespace
}  // namespace agentaudit
