// What verify finds in a trail in PostgreSQL that somebody changed who may write its tables.

#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "ledger/merkle_tree.h"
#include "store/error_code.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresVerifyTest : public PostgresTrailTest {
 protected:
  std::string findings() {
    const Verification found = verify();
    EXPECT_EQ(found.verdict, Verdict::tampered);
    std::string all;
    for (const VerifyFinding& finding : found.integrity.first) all += finding.what + '\n';
    return all;
  }
};

TEST_F(PostgresVerifyTest, AnEventThatIsThereTwiceIsFoundAndNotProved) {
  insert(5);
  change(
      "CREATE TABLE copy AS SELECT * FROM agentaudit_events WHERE id = 3;"
      "UPDATE copy SET timestamp = timestamp + 1; INSERT INTO agentaudit_events SELECT * FROM "
      "copy");
  EXPECT_NE(findings().find("event 3 is there twice\n"), std::string::npos) << findings();
  EXPECT_EQ(verify().events, 5);
  const auto bundle = store_->bundle({.ids = {3}});
  ASSERT_EQ(error_code(bundle), ErrorCode::corrupt);
  EXPECT_EQ(bundle.error().message, "event 3 is there twice");
}

TEST_F(PostgresVerifyTest, ATimeOfRecordingThatGoesBackIsFound) {
  insert(3);
  insert(3);
  change("UPDATE agentaudit_events SET recorded_at = 5 WHERE id = 4");
  EXPECT_EQ(findings(),
            "event 4 was recorded before the one that precedes it\n"
            "event 4 is not what was recorded\n");
}

TEST_F(PostgresVerifyTest, ANodeThatIsNotWhatIsBelowItIsFound) {
  constexpr auto leaves = static_cast<std::int64_t>(tile_width * tile_width);
  for (std::int64_t stored = 0; stored < leaves; stored += 8'192) insert(8'192);
  ASSERT_EQ(verify().verdict, Verdict::intact);
  const std::string wrong = "the ledger's tree disagrees with itself at level 2, hash 0\n";
  change("UPDATE agentaudit_tiles SET hashes = decode(repeat('00', 32), 'hex') WHERE level = 2");
  EXPECT_TRUE(findings().starts_with(wrong)) << findings();
  change("DELETE FROM agentaudit_tiles WHERE level = 2");
  EXPECT_TRUE(findings().starts_with(wrong)) << findings();
}

// The clock of whoever recorded the last event was ahead.
TEST_F(PostgresVerifyTest, AClockThatWasSetBackIsRecordedOnce) {
  insert(1);
  const Timestamp ahead = Timestamp::from_ns(Timestamp::now().ns() + 3'600'000'000'000);
  change("UPDATE agentaudit_trail SET last_recorded_at = " + std::to_string(ahead.ns()));
  insert(1);
  insert(1);
  const auto records = store_->list(ListOpts{.categories = {std::string(category::audit)}});
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->total, 1);
  EXPECT_EQ(records->events[0].action, action::clock);
  EXPECT_EQ(records->events[0].id, 2);
  const auto all = store_->recorded(1, 10, {});
  ASSERT_TRUE(all) << all.error().message;
  for (const RecordedEvent& recorded : *all) {
    EXPECT_EQ(recorded.recorded_at, ahead) << "no event was recorded before the last";
  }
  EXPECT_EQ(verify().integrity.total, 0);
}

}  // namespace
}  // namespace agentaudit
