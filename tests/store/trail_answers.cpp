#include "store/trail_answers.h"

#include <tuple>

#include "store/store_conformance.h"

namespace agentaudit {
namespace {

void expect_same_list(const ListResult& found, const ListResult& expected) {
  EXPECT_EQ(found.total, expected.total);
  EXPECT_TRUE(found.total_exact);
  EXPECT_EQ(found.events, expected.events);
}

void expect_same_stats(const Stats& found, const Stats& expected) {
  EXPECT_EQ(found.total, expected.total);
  EXPECT_EQ(found.events_last_hour, expected.events_last_hour);
  EXPECT_EQ(found.first, expected.first);
  EXPECT_EQ(found.last, expected.last);
  EXPECT_EQ(found.by_category, expected.by_category);
  EXPECT_EQ(found.by_status, expected.by_status);
  EXPECT_EQ(found.by_agent, expected.by_agent);
  EXPECT_EQ(found.by_source, expected.by_source);
  EXPECT_EQ(found.by_target, expected.by_target);
}

void expect_same_groups(const GroupsResult& found, const GroupsResult& expected) {
  EXPECT_EQ(found.total, expected.total);
  EXPECT_EQ(found.events, expected.events);
  ASSERT_EQ(found.groups.size(), expected.groups.size());
  const auto fields = [](const Group& group) {
    return std::tie(group.name, group.events, group.errors, group.denied, group.pending,
                    group.first, group.last);
  };
  for (std::size_t i = 0; i < expected.groups.size(); ++i) {
    EXPECT_EQ(fields(found.groups[i]), fields(expected.groups[i])) << expected.groups[i].name;
  }
}

}  // namespace

TrailQuestions questions_about_various() {
  TrailQuestions questions;
  questions.lists = {
      {},
      {.categories = {"llm_call"}, .order = Order::oldest_first},
      {.statuses = {"error", "denied"}, .agents = {"agent-1", "agent-6"}},
      {.exclude_sources = {"hook"}, .since = at(5'000), .until = at(60'000)},
      {.targets = {"src/File_26", "src/File_300"}, .offset = 7},
      {.conversation_id = "c25", .order = Order::commit},
      {.trace_id = "run 7"},
      {.search = "needle"},
      {.statuses = {"ok"}, .search = "SRC/file_26", .order = Order::oldest_first},
  };
  for (ListOpts& opts : questions.lists) {
    opts.limit = 20;
    opts.total = TotalMode::exact;
  }
  questions.stats = {
      {.now = at(15'000)},
      {.since = at(9'000), .until = at(55'000), .exclude_sources = {"hook"}, .now = at(50'000)},
  };
  questions.groups = {
      {.by = GroupBy::agent},
      {.by = GroupBy::target, .statuses = {"ok", "pending"}, .limit = 15},
  };
  return questions;
}

TrailQuestions few_questions_about_various() {
  return {
      .lists = {{.statuses = {"error", "denied"},
                 .agents = {"agent-1", "agent-6"},
                 .limit = 20,
                 .total = TotalMode::exact},
                {.search = "needle", .limit = 20, .total = TotalMode::exact}},
      .stats = {{.now = at(15'000)}},
      .groups = {{.by = GroupBy::conversation, .limit = 20}},
  };
}

TrailAnswers answers_of(Store& store, const TrailQuestions& questions) {
  TrailAnswers answers;
  const auto take = [](const auto& answer, auto& into) {
    EXPECT_TRUE(answer) << answer.error().message;
    into.push_back(answer ? *answer : typename std::decay_t<decltype(into)>::value_type());
  };
  for (const ListOpts& opts : questions.lists) take(store.list(opts), answers.lists);
  for (const StatsOpts& opts : questions.stats) take(store.stats(opts), answers.stats);
  for (const GroupsOpts& opts : questions.groups) take(store.groups(opts, {}), answers.groups);
  return answers;
}

TrailAnswers answers_of(const ModelStore& model, const TrailQuestions& questions) {
  TrailAnswers answers;
  for (const ListOpts& opts : questions.lists) answers.lists.push_back(model.list(opts));
  for (const StatsOpts& opts : questions.stats) answers.stats.push_back(model.stats(opts));
  for (const GroupsOpts& opts : questions.groups) answers.groups.push_back(model.groups(opts));
  return answers;
}

void expect_same(const TrailAnswers& found, const TrailAnswers& expected) {
  ASSERT_EQ(found.lists.size(), expected.lists.size());
  for (std::size_t i = 0; i < expected.lists.size(); ++i) {
    SCOPED_TRACE("list " + std::to_string(i));
    expect_same_list(found.lists[i], expected.lists[i]);
  }
  ASSERT_EQ(found.stats.size(), expected.stats.size());
  for (std::size_t i = 0; i < expected.stats.size(); ++i) {
    SCOPED_TRACE("stats " + std::to_string(i));
    expect_same_stats(found.stats[i], expected.stats[i]);
  }
  ASSERT_EQ(found.groups.size(), expected.groups.size());
  for (std::size_t i = 0; i < expected.groups.size(); ++i) {
    SCOPED_TRACE("groups " + std::to_string(i));
    expect_same_groups(found.groups[i], expected.groups[i]);
  }
}

}  // namespace agentaudit
