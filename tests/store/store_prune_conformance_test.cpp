// Conformance: prune deletes what is old, says so in the trail, and nothing else.

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

TEST_P(StoreConformance, PruneDeletesWhatIsBeforeTheCutoffAndNothingElse) {
  insert_all({event_at(at(10)), event_at(at(20)), event_at(at(30)), event_at(at(20)),
              event_at(at(5)), event_at(at(40))});
  EXPECT_EQ(prune(at(20)), 2);
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{2, 3, 4, 6, 7}));
  EXPECT_EQ(list().total, 5);
  EXPECT_EQ(stats().total, 5);
  EXPECT_EQ(error_code(store_->get(1)), ErrorCode::not_found);
  EXPECT_EQ(error_code(store_->get(5)), ErrorCode::not_found);
}

TEST_P(StoreConformance, PruneRecordsWhoWhenAndHowMany) {
  insert_all({event_at(at(10)), event_at(at(20)), event_at(at(30))});
  PruneOpts opts;
  opts.cutoff = at(25);
  opts.principal = "an auditor";
  opts.reason = "retention of \"20\" days";
  ASSERT_EQ(store_->prune_before(opts, {}).value(), 2);
  const Event record = store_->get(4).value();
  EXPECT_EQ(record.category, category::audit);
  EXPECT_EQ(record.action, action::pruned);
  EXPECT_EQ(record.status, "ok");
  EXPECT_EQ(record.principal, "an auditor");
  const std::string& detail = record.detail;
  EXPECT_TRUE(
      detail.starts_with(R"({"cutoff":"1970-01-01T00:00:25Z","events":2,"ids":"1-2","trail":")"))
      << detail;
  EXPECT_TRUE(detail.ends_with(R"(","reason":"retention of \"20\" days"})")) << detail;
}

TEST_P(StoreConformance, PruneNamesExactlyTheEventsThatGo) {
  insert_all(
      {event_at(at(10)), event_at(at(20)), event_at(at(11)), event_at(at(12)), event_at(at(30))});
  ASSERT_EQ(prune(at(11)), 1);
  ASSERT_EQ(prune(at(15)), 2);
  EXPECT_NE(store_->get(7)->detail.find(R"("ids":"3-4")"), std::string::npos);
}

Event of_category(std::string_view category, std::int64_t seconds) {
  Event event = event_at(at(seconds));
  event.category = category;
  return event;
}

TEST_P(StoreConformance, PruneOfCategoriesLeavesTheOthers) {
  insert_all({of_category("llm", 1), of_category("mcp", 2), of_category("approval", 3),
              of_category("", 4), of_category("llm", 99)});
  PruneOpts opts;
  opts.cutoff = at(50);
  opts.categories = {"llm", "", "of nobody"};
  EXPECT_EQ(store_->prune_before(opts, {}), 2);
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{2, 3, 5, 6}));
  const std::string detail = store_->get(6)->detail;
  EXPECT_NE(detail.find(R"("ids":"1,4",)"), std::string::npos) << detail;
  EXPECT_NE(detail.find(R"("categories":["llm","","of nobody"])"), std::string::npos) << detail;
  opts.categories = {};
  opts.exclude_categories = {"approval", "of nobody"};
  EXPECT_EQ(store_->prune_before(opts, {}), 1);
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{3, 5, 6, 7}));
  EXPECT_NE(store_->get(7)->detail.find(R"("exclude_categories":["approval","of nobody"])"),
            std::string::npos);
  opts.exclude_categories = {"approval"};
  EXPECT_EQ(store_->prune_before(opts, {}), 0);
}

TEST_P(StoreConformance, RecordsOfTheTrailAreNeverPruned) {
  for (const std::string_view name : action::records) {
    Event event = of_category(category::audit, 1);
    event.action = name;
    insert(event);
    event.category = category::llm;
    insert(event);
  }
  EXPECT_EQ(prune(at(50)), 5);
  PruneOpts opts;
  opts.cutoff = at(50);
  opts.categories = {std::string(category::audit)};
  EXPECT_EQ(store_->prune_before(opts, {}), 0);
}

TEST_P(StoreConformance, WithNothingToPruneNothingIsRecorded) {
  EXPECT_EQ(prune(at(99)), 0);
  insert(event_at(at(10)));
  EXPECT_EQ(prune(at(10)), 0);
  EXPECT_EQ(ids(), (Ids{1}));
}

TEST_P(StoreConformance, AnIdIsNeverGivenTwice) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(3))});
  EXPECT_EQ(prune(at(99)), 3);
  EXPECT_EQ(ids(), (Ids{4}));
  EXPECT_EQ(insert(event_at(at(5))), 5);
  // A cutoff in the future leaves the records of prunes.
  EXPECT_EQ(prune(Timestamp::from_ns(Timestamp::now().ns() + at(1'000).ns())), 1);
  EXPECT_EQ(ids(), (Ids{6, 4}));
  ASSERT_NO_FATAL_FAILURE(reopen());
  if (IsSkipped()) return;
  EXPECT_EQ(insert(event_at(at(5))), 7);
}

TEST_P(StoreConformance, PruneReportsItsProgress) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(30))});
  std::vector<PruneProgress> reports;
  PruneOpts opts;
  opts.cutoff = at(10);
  opts.progress = [&](const PruneProgress& progress) { reports.push_back(progress); };
  ASSERT_EQ(store_->prune_before(opts, {}).value(), 2);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back().deleted, 2);
  EXPECT_EQ(reports.back().scanned, reports.back().total);
}

TEST_P(StoreConformance, APruneThatWasStoppedIsFinishedByTheNext) {
  std::vector<Event> events(10'000, event_at(at(1)));
  events.back() = event_at(at(50));
  insert_all(events);
  std::stop_source stop;
  PruneOpts opts;
  opts.cutoff = at(50);
  opts.keep_pace = false;
  opts.progress = [&](const PruneProgress&) { stop.request_stop(); };
  EXPECT_EQ(error_code(store_->prune_before(opts, stop.get_token())), ErrorCode::cancelled);
  EXPECT_TRUE(store_->get(10'000));
  const std::int64_t left = list({.until = at(49)}).total;
  EXPECT_LT(left, 9'999);
  EXPECT_EQ(prune(at(50)), left);
  EXPECT_EQ(list({.until = at(49)}).total, 0);
  EXPECT_EQ(ids({.until = at(50)}), (Ids{10'000}));
}

TEST_P(StoreConformance, APruneThatIsStoppedBeforeItsStartDoesNothing) {
  insert_all({event_at(at(1)), event_at(at(2))});
  std::stop_source stop;
  stop.request_stop();
  PruneOpts opts;
  opts.cutoff = at(2);
  EXPECT_EQ(error_code(store_->prune_before(opts, stop.get_token())), ErrorCode::cancelled);
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{1, 2}));
}

TEST_P(StoreConformance, WhatIsWrittenDuringAPruneStays) {
  insert_all(std::vector<Event>(9'000, event_at(at(1))));
  std::int64_t written = 0;
  PruneOpts opts;
  opts.cutoff = at(10);
  // Old enough to go, but it came after the prune began.
  opts.progress = [&](const PruneProgress&) { written += insert(event_at(at(2))) > 0 ? 1 : 0; };
  EXPECT_EQ(store_->prune_before(opts, {}).value(), 9'000);
  EXPECT_GT(written, 0);
  EXPECT_EQ(list({.until = at(9)}).total, written);
}

TEST_P(StoreConformance, CursorsStayGoodWhenTheirEventIsPruned) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(3)), event_at(at(4))});
  const std::string cursor = list({.limit = 1, .order = Order::oldest_first}).next_cursor;
  EXPECT_EQ(prune(at(3)), 2);
  EXPECT_EQ(ids({.limit = 2, .cursor = cursor, .order = Order::oldest_first}), (Ids{3, 4}));
}

}  // namespace
}  // namespace agentaudit
