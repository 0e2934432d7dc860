// Questions between and during the steps of a prune: each is answered from whole steps.

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"
#include "store/trail_answers.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqlitePruneAnswerTest : public SqliteSealTrail {
 protected:
  void fill_both(Store& store, std::int64_t count) {
    fill(store, count);
    for (std::int64_t i = 0; i < count; ++i) model_.insert(various(i));
  }

  ModelStore model_;
};

// One question of each kind but the groups', another ones each time, as all of them take long.
TrailQuestions some_of(const TrailQuestions& all, std::size_t turn) {
  TrailQuestions some;
  some.lists.push_back(all.lists[turn % all.lists.size()]);
  if (turn % 2 == 0) some.stats.push_back(all.stats[turn / 2 % all.stats.size()]);
  if (turn % 2 == 1) some.groups.push_back(all.groups[turn / 2 % all.groups.size()]);
  return some;
}

TEST_F(SqlitePruneAnswerTest, IsThatOfTheRowsThatAreThereAfterEachStep) {
  constexpr std::int64_t events = chunk_events * 6 + 100;
  const auto store = open();
  fill_both(*store, events);
  ASSERT_TRUE(store->close());
  const auto size_before = std::filesystem::file_size(path_);

  const auto pruner = open();
  const auto reader = open({.read_only = true});
  const TrailQuestions questions = questions_about_various();

  // Three chunks go whole; what came late goes from the others.
  std::size_t steps = 0;
  std::int64_t pruned = 0;
  PruneOpts opts{.cutoff = at(chunk_events * 3 + 1), .keep_pace = false};
  opts.progress = [&](const PruneProgress& progress) {
    SCOPED_TRACE(progress.scanned);
    if (steps == 0) model_.insert(reader->get(events + 1).value());
    pruned += model_.prune(opts.cutoff, progress.scanned);
    EXPECT_EQ(progress.deleted, pruned);
    EXPECT_EQ(orphans_of(raw()), 0);
    const TrailQuestions some = some_of(questions, steps++);
    expect_same(answers_of(*reader, some), answers_of(model_, some));
  };
  EXPECT_EQ(pruner->prune_before(opts, {}), pruned);
  EXPECT_GT(pruned, chunk_events * 3);
  EXPECT_GE(steps, 24U);
  EXPECT_EQ(model_.prune(opts.cutoff), 0);

  expect_same(answers_of(*reader, questions), answers_of(model_, questions));
  EXPECT_EQ(chunks(), "3 sealed with deletions, 4 sealed with deletions, 5 sealed with deletions");
  SqliteConnection connection = raw();
  EXPECT_EQ(connection.text("SELECT group_concat(DISTINCT key & 0xFFFFFFFFFF) FROM columns"),
            "3,4,5");
  EXPECT_EQ(connection.text("SELECT group_concat(chunk) FROM grams"), "3,4,5");
  EXPECT_EQ(connection.text("PRAGMA integrity_check"), "ok");
  (void)connection.close();
  EXPECT_TRUE(reader->check({}));
  EXPECT_EQ(pruner->repair({.keep_pace = false}, {}).value(), 0);
  ASSERT_TRUE(reader->close());
  ASSERT_TRUE(pruner->close());
  EXPECT_LT(std::filesystem::file_size(path_), size_before * 6 / 10);
}

// Questions that are answered from the rows of chunks, from dictionaries, from codes and from
// the texts of rows.
const TrailQuestions quick_questions = {
    .lists = {{.limit = 1},
              {.categories = {"llm_call"}, .limit = 1},
              {.statuses = {"ok"}, .agents = {"agent-1", "agent-6"}, .limit = 1},
              {.since = at(7'000), .until = at(20'000), .limit = 1},
              {.search = "src/file_26", .limit = 1, .total = TotalMode::exact}},
    .stats = {{.now = at(9'000)}, {.exclude_sources = {"hook"}, .now = at(9'000)}},
};

std::string numbers_of(const ListResult& list) { return std::to_string(list.total); }

std::string numbers_of(const Stats& stats) {
  std::string numbers = std::to_string(stats.total);
  for (const auto* counts : {&stats.by_status, &stats.by_agent, &stats.by_source}) {
    for (const NameCount& count : *counts) {
      numbers += ", " + count.name + " " + std::to_string(count.count);
    }
  }
  return numbers;
}

template <typename T>
std::string numbers_of(const Result<T>& answer) {
  return answer ? numbers_of(*answer) : answer.error().message;
}

// What was answered to each of them.
using Seen = std::vector<std::set<std::string>>;

template <typename Asked>
void ask_all(Asked& asked, Seen& seen) {
  seen.resize(quick_questions.lists.size() + quick_questions.stats.size());
  auto into = seen.begin();
  for (const ListOpts& opts : quick_questions.lists) {
    (into++)->insert(numbers_of(asked.list(opts)));
  }
  for (const StatsOpts& opts : quick_questions.stats) {
    (into++)->insert(numbers_of(asked.stats(opts)));
  }
}

TEST_F(SqlitePruneAnswerTest, OneThatIsAskedDuringAStepIsOfBeforeOrAfterIt) {
  constexpr std::int64_t events = chunk_events * 2 + 100;
  const auto pruner = open();
  fill_both(*pruner, events);
  Seen allowed;
  ask_all(model_, allowed);

  Seen seen;
  std::atomic<int> rounds = 0;
  std::atomic<bool> done = false;
  std::thread asking([&] {
    const auto reader = open({.read_only = true});
    while (!done) {
      ask_all(*reader, seen);
      ++rounds;
      rounds.notify_one();
    }
  });
  bool recorded = false;
  PruneOpts opts{.cutoff = at(chunk_events + 1), .keep_pace = false};
  opts.progress = [&](const PruneProgress& progress) {
    if (!recorded) {
      model_.insert(pruner->get(events + 1).value());
      ask_all(model_, allowed);
      recorded = true;
    }
    model_.prune(opts.cutoff, progress.scanned);
    ask_all(model_, allowed);
    // Some are asked between two steps too.
    const int before = rounds;
    rounds.wait(before);
  };
  EXPECT_TRUE(pruner->prune_before(opts, {}));
  done = true;
  asking.join();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_GE(seen[i].size(), 2U);
    for (const std::string& numbers : seen[i]) EXPECT_TRUE(allowed[i].contains(numbers)) << numbers;
  }
}

}  // namespace
}  // namespace agentaudit
