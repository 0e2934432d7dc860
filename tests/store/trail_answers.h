// TrailAnswers: what a store, or the model, says to a set of questions.
#pragma once

#include <vector>

#include "agentaudit/store/store.h"
#include "store/model_store.h"

namespace agentaudit {

struct TrailQuestions {
  std::vector<ListOpts> lists{};
  std::vector<StatsOpts> stats{};
  std::vector<GroupsOpts> groups{};
};

struct TrailAnswers {
  std::vector<ListResult> lists{};
  std::vector<Stats> stats{};
  std::vector<GroupsResult> groups{};
};

// Some of every kind about the events of sqlite_seal_trail.h: by names, by time, by text,
// with totals from dictionaries, from codes and from rows.
[[nodiscard]] TrailQuestions questions_about_various();
// One of each kind, for tests that ask often.
[[nodiscard]] TrailQuestions few_questions_about_various();

[[nodiscard]] TrailAnswers answers_of(Store& store, const TrailQuestions& questions);
[[nodiscard]] TrailAnswers answers_of(const ModelStore& model, const TrailQuestions& questions);

// Cursors and quantiles, which the model does not know as a store does, are left out.
void expect_same(const TrailAnswers& found, const TrailAnswers& expected);

}  // namespace agentaudit
