// What verify finds when it is asked about some of the events.

#include "store/sqlite_schema.h"
#include "store/sqlite_verify_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteVerifyRangeTest : public SqliteVerifyTrail {
 protected:
  // The findings of completeness of the first events, one a line.
  std::string open_ends_of_the_first() {
    const Verification result = verified({.last_id = 10});
    EXPECT_EQ(result.integrity.total, 0);
    std::string all;
    for (const VerifyFinding& finding : result.completeness.first) all += finding.what + '\n';
    return all;
  }
};

TEST_F(SqliteVerifyRangeTest, ARangeLooksAtItsChunksAlone) {
  append(*open(), 3 * chunk_events);
  change("UPDATE events SET summary = 'x' WHERE id = 5");
  const Verification later = verified({.first_id = chunk_events + 1});
  EXPECT_EQ(later.verdict, Verdict::intact);
  EXPECT_EQ(later.events, 2 * chunk_events);
  EXPECT_EQ(verified({.last_id = 10}).verdict, Verdict::tampered);
}

TEST_F(SqliteVerifyRangeTest, ARangeKnowsOfPrunesThatAreRecordedElsewhere) {
  const auto store = open();
  append(*store, 2 * chunk_events);
  ASSERT_TRUE(store->prune_before(at(10)));
  EXPECT_EQ(verified({.last_id = 100}).verdict, Verdict::intact);
}

constexpr const char* intent = "b7ad6b7169203331";
constexpr const char* asked = "b7ad6b7169203332";

TEST_F(SqliteVerifyRangeTest, AnIntentMayEndInWhatComesAfterTheRange) {
  const auto store = open();
  ASSERT_TRUE(store->insert(act("pending", intent)));
  ASSERT_TRUE(store->insert(act("pending", asked, "", "approval")));
  append(*store, chunk_events);
  EXPECT_EQ(open_ends_of_the_first(),
            "event 1 is pending since 1970-01-01T00:00:01Z and never ended\n"
            "event 2 is pending since 1970-01-01T00:00:01Z and never ended\n");
  ASSERT_TRUE(store->insert(act("pending", "b7ad6b7169203333")));
  ASSERT_TRUE(store->insert(act("error", intent)));
  ASSERT_TRUE(store->insert(act("ok", "not hex", asked)));
  EXPECT_EQ(open_ends_of_the_first(), "");
}

TEST_F(SqliteVerifyRangeTest, WhatTheRangeDeniedMustNotBeDoneAfterIt) {
  const auto store = open();
  ASSERT_TRUE(store->insert(act("denied", intent)));
  ASSERT_TRUE(store->insert(act("denied", asked, "", "approval")));
  append(*store, chunk_events);
  ASSERT_TRUE(store->insert(act("error", intent)));
  EXPECT_EQ(open_ends_of_the_first(), "");
  const EventId done = store->insert(act("ok", intent)).value();
  const EventId done_too = store->insert(act("ok", "b7ad6b7169203333", asked)).value();
  EXPECT_EQ(open_ends_of_the_first(),
            "event " + std::to_string(done) + " was done after event 1 had denied it\n" + "event " +
                std::to_string(done_too) + " was done after event 2 had denied it\n");
}

}  // namespace
}  // namespace agentaudit
