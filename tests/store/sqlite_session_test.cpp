// What writers record of themselves: opened, closed, an end without either, a clock that
// was set back.

#include <sys/wait.h>
#include <unistd.h>

#include "agentaudit/core/names.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteSessionTest : public SqliteTrail {
 protected:
  std::shared_ptr<SqliteStore> open_recording() {
    SqliteStoreOptions options;
    options.record_sessions = true;
    return open(options);
  }

  // The actions of the trail's own events, and `-` for every other, in commit order.
  std::string actions() {
    std::string all;
    const auto page = open({.read_only = true})->list({.order = Order::commit}).value();
    for (const Event& event : page.events) {
      all += (all.empty() ? "" : " ") + (event.category == category::audit ? event.action : "-");
    }
    return all;
  }

  Verification verified() { return open({.read_only = true})->verify({}, {}).value(); }

  // A writer that is killed after one event.
  void write_and_die() {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SqliteStoreOptions options;
      options.record_sessions = true;
      const auto store = SqliteStore::open(path_, options);
      const bool written = store && (*store)->insert(event_at(at(1)));
      if (written) ::kill(::getpid(), SIGKILL);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
};

TEST_F(SqliteSessionTest, AWriterOpensWithItsFirstEventAndCloses) {
  auto store = open_recording();
  EXPECT_EQ(store->insert(event_at(at(1))), 2);
  EXPECT_EQ(store->insert(event_at(at(1))), 3);
  ASSERT_TRUE(store->close());
  EXPECT_EQ(actions(), "opened - - closed");
  EXPECT_EQ(open()->get(4)->detail, R"({"opened":1})");
  EXPECT_EQ(raw().integer("SELECT count(*) FROM sessions"), 0);
  EXPECT_EQ(verified().verdict, Verdict::intact);
}

TEST_F(SqliteSessionTest, OneThatOnlyReadsOrWritesNothingLeavesNoTrace) {
  open()->insert(event_at(at(1))).value();
  ASSERT_TRUE(open_recording()->close());
  EXPECT_EQ(actions(), "-");
}

TEST_F(SqliteSessionTest, ByDefaultNothingIsRecorded) {
  open()->insert(event_at(at(1))).value();
  EXPECT_EQ(actions(), "-");
}

TEST_F(SqliteSessionTest, OneThatWasKilledIsToldByTheNext) {
  write_and_die();
  EXPECT_EQ(actions(), "opened -");
  auto store = open_recording();
  EXPECT_EQ(store->insert(event_at(at(1))), 5);
  ASSERT_TRUE(store->close());
  EXPECT_EQ(actions(), "opened - unclean_end opened - closed");
  EXPECT_EQ(open()->get(3)->detail, R"({"opened":1})");
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::incomplete);
  ASSERT_EQ(result.completeness.total, 1);
  EXPECT_EQ(result.completeness.first[0].id, 3);
  // Once is enough.
  store = open_recording();
  ASSERT_TRUE(store->insert(event_at(at(1))));
  ASSERT_TRUE(store->close());
  EXPECT_EQ(actions(), "opened - unclean_end opened - closed opened - closed");
}

TEST_F(SqliteSessionTest, SeveralThatLiveAreNotTakenForDead) {
  const auto first = open_recording();
  ASSERT_TRUE(first->insert(event_at(at(1))));
  const auto second = open_recording();
  ASSERT_TRUE(second->insert(event_at(at(1))));
  ASSERT_TRUE(first->insert(event_at(at(1))));
  ASSERT_TRUE(second->close());
  ASSERT_TRUE(first->close());
  EXPECT_EQ(actions(), "opened - opened - - closed closed");
  EXPECT_EQ(open()->get(6)->detail, R"({"opened":3})");
}

TEST_F(SqliteSessionTest, AFailedFirstWriteOpensNothing) {
  open()->insert(event_at(at(1))).value();
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.id = 3"
                        " BEGIN SELECT raise(ABORT, 'no'); END"));
  auto store = open_recording();
  EXPECT_FALSE(store->insert(event_at(at(1))));
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec("DROP TRIGGER refuse"));
  EXPECT_EQ(actions(), "-");
  EXPECT_EQ(store->insert(event_at(at(1))), 3);
  ASSERT_TRUE(store->close());
  EXPECT_EQ(actions(), "- opened - closed");
}

TEST_F(SqliteSessionTest, AClockThatWasSetBackIsToldOnce) {
  open()->insert(event_at(at(1))).value();
  // As if the last event had been recorded an hour from now.
  const std::int64_t later = Timestamp::now().ns() + 3'600'000'000'000;
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("DELETE FROM tree; UPDATE trail SET value = 1 WHERE key = 'ledger_backlog';"
                        "UPDATE events SET recorded_at = " +
                        std::to_string(later)));
  const auto store = open();
  EXPECT_EQ(store->insert(event_at({})), 3);
  EXPECT_LE(store->get(3)->timestamp, Timestamp::now()) << "the time that the clock shows";
  EXPECT_EQ(store->insert(event_at(at(1))), 4);
  EXPECT_EQ(open()->insert(event_at(at(1))), 5);
  EXPECT_EQ(actions(), "- clock - - -");
  EXPECT_EQ(
      raw().integer("SELECT count(*) FROM events WHERE recorded_at = " + std::to_string(later)), 5);
  const Verification result = verified();
  EXPECT_EQ(result.integrity.total, 0);
  EXPECT_EQ(result.completeness.total, 1);
}

}  // namespace
}  // namespace agentaudit
