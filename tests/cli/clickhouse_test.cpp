// The commands on a fleet's trail in ClickHouse.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>

#include "cli/agentaudit_process.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_server.h"

namespace agentaudit {
namespace {

class ClickhouseCommands : public testing::Test {
 protected:
  void SetUp() override {
    server_ = ClickhouseServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "clickhouse-server is not installed";
    static int number = 0;
    const std::string database = "commands_" + std::to_string(++number);
    auto client = ClickhouseClient::make(*ClickhouseAddress::parse(server_->url(database)));
    client_ = std::move(*client);
    std::istringstream ddl(directory_.run({"schema", "clickhouse", "--database", database}).out);
    for (std::string statement; std::getline(ddl, statement, ';');) {
      if (statement.find("CREATE") != std::string::npos) run_sql(statement);
    }
    url_ = server_->url(database);
    events_ = database + ".events";
    ASSERT_EQ(directory_
                  .run({"record"},
                       "{\"category\":\"tool_call\",\"agent\":\"a\",\"summary\":\"first\"}\n"
                       "{\"category\":\"tool_call\",\"agent\":\"b\",\"summary\":\"second\"}\n")
                  .status,
              0);
    const Finished shipped = directory_.run({"ship", "--to", url_});
    ASSERT_EQ(shipped.status, 0) << shipped.err;
    trail_ = run_sql("SELECT DISTINCT trail FROM " + events_);
    trail_.resize(32);
  }

  std::string run_sql(const std::string& sql) const {
    const auto answer = client_->query(sql);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : "";
  }

  // Events of a trail of their own.
  void ship_another(const std::string& lines) const {
    const TrailDirectory other;
    ASSERT_EQ(other.run({"record"}, lines).status, 0);
    const Finished shipped = other.run({"ship", "--to", url_});
    ASSERT_EQ(shipped.status, 0) << shipped.err;
  }

  [[nodiscard]] Finished verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"verify", "--store", url_ + "?trail=" + trail_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return directory_.run(arguments);
  }

  ClickhouseServer* server_ = nullptr;
  std::unique_ptr<ClickhouseClient> client_;
  TrailDirectory directory_;
  std::string url_;
  std::string events_;
  std::string trail_;
};

TEST_F(ClickhouseCommands, VerifySaysThatAShippedTrailIsIntact) {
  const Finished done = verify();
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_NE(done.out.find("intact"), std::string::npos) << done.out;
  const Finished json = verify({"--json"});
  EXPECT_NE(json.out.find("\"verdict\":\"intact\""), std::string::npos) << json.out;
  EXPECT_NE(json.out.find(trail_), std::string::npos) << json.out;
}

TEST_F(ClickhouseCommands, VerifyNamesAnEventThatWasChanged) {
  const std::string database = events_.substr(0, events_.find('.'));
  const std::string columns = run_sql(
      "SELECT arrayStringConcat(groupArray(name), ', ') FROM system.columns WHERE database = '" +
      database + "' AND table = 'events' AND default_kind = '' FORMAT TSVRaw");
  std::string changed = columns;
  changed.replace(changed.find(" agent,"), 7, " if(id = 2, 'c', agent),");
  run_sql("RENAME TABLE " + events_ + " TO " + events_ + "_kept");
  run_sql("CREATE TABLE " + events_ + " AS " + events_ + "_kept");
  run_sql("INSERT INTO " + events_ + " (" + columns + ") SELECT " + changed + " FROM " + events_ +
          "_kept");
  const Finished done = verify();
  EXPECT_EQ(done.status, 2) << done.out << done.err;
  EXPECT_NE(done.out.find("event 2 is not what was recorded"), std::string::npos) << done.out;
}

TEST_F(ClickhouseCommands, TheDoctorSaysWhereToLookInstead) {
  const Finished refused = directory_.run({"doctor", "--store", url_});
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("agentaudit trails"), std::string::npos) << refused.err;
}

TEST_F(ClickhouseCommands, ATraceOverAllTrailsHasTheEventsOfEach) {
  ship_another(R"({"category":"llm","summary":"asked","trace_id":"t1","span_id":"s1"}
{"category":"llm","summary":"elsewhere"}
)");
  ship_another(R"({"category":"tool_call","summary":"served","trace_id":"t1","span_id":"s2",)"
               R"("parent_span_id":"s1"})"
               "\n");
  const Finished trace = directory_.run({"trace", "t1", "--store", url_});
  EXPECT_EQ(trace.status, 0) << trace.err;
  const std::size_t asked = trace.out.find("asked");
  ASSERT_NE(asked, std::string::npos) << trace.out;
  EXPECT_NE(trace.out.find("served", asked), std::string::npos) << trace.out;
  EXPECT_EQ(trace.out.find("elsewhere"), std::string::npos) << trace.out;
}

TEST_F(ClickhouseCommands, ExportOfAllTrailsNamesEach) {
  std::string lines;
  for (int i = 0; i < 250; ++i) lines += "{\"category\":\"llm\",\"summary\":\"other\"}\n";
  ship_another(lines);
  const Finished done = directory_.run({"export", "--store", url_});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 252);
  EXPECT_NE(done.out.find("{\"trail\":\"" + trail_ + "\",\"id\":2,"), std::string::npos);
  const Finished one = directory_.run({"export", "--store", url_ + "?trail=" + trail_});
  EXPECT_EQ(std::count(one.out.begin(), one.out.end(), '\n'), 2) << one.err;
  EXPECT_EQ(one.out.find("trail"), std::string::npos) << "it is the one that was asked for";
}

TEST_F(ClickhouseCommands, WhatIsOpenAndWhatIsNewNameTheirTrails) {
  ship_another(
      R"({"category":"tool_call","status":"pending","summary":"waits","trace_id":"t","span_id":"s"})"
      "\n");
  const Finished pending = directory_.run({"pending", "--store", url_});
  EXPECT_TRUE(pending.out.starts_with("TRAIL")) << pending.out << pending.err;
  const Finished json = directory_.run({"pending", "--store", url_, "--json"});
  EXPECT_NE(json.out.find("\"trail\":\""), std::string::npos) << json.out;
  const Finished tail = directory_.run({"tail", "--store", url_});
  EXPECT_EQ(tail.status, 0) << tail.err;
  EXPECT_TRUE(tail.out.starts_with("TRAIL")) << tail.out;
  EXPECT_NE(tail.out.find(trail_.substr(0, 8)), std::string::npos) << tail.out;
  const Finished following = directory_.run({"tail", "--follow", "--store", url_});
  EXPECT_NE(following.err.find("?trail=ID"), std::string::npos) << following.err;
}

TEST_F(ClickhouseCommands, PruneSaysWhatToDoInstead) {
  const Finished done = directory_.run({"prune", "--before", "1d", "--store", url_});
  EXPECT_EQ(done.status, 3);
  EXPECT_NE(done.err.find("drop its partitions"), std::string::npos) << done.err;
}

TEST_F(ClickhouseCommands, ATrailThatWasRolledBackIsNotShippedThoughTheCursorIsLost) {
  const std::string more = "{\"category\":\"llm\",\"summary\":\"more\"}\n";
  std::filesystem::copy_file(directory_.trail(), directory_.path() / "old.db");
  ASSERT_EQ(directory_.run({"record"}, more).status, 0);
  const auto ship = [&](const std::string& cursor) {
    return directory_.run({"ship", "--to", url_, "--cursor", directory_.path() / cursor});
  };
  EXPECT_EQ(ship("first").status, 0);
  std::filesystem::copy_file(directory_.path() / "old.db", directory_.trail(),
                             std::filesystem::copy_options::overwrite_existing);
  for (const char* log : {"-wal", "-shm"}) {
    std::filesystem::remove(directory_.trail().native() + log);
  }
  const Finished shorter = ship("second");
  EXPECT_EQ(shorter.status, 3);
  EXPECT_NE(shorter.err.find("it was rolled back"), std::string::npos) << shorter.err;
  ASSERT_EQ(directory_.run({"record"}, more).status, 0);
  const Finished forked = ship("third");
  EXPECT_EQ(forked.status, 3);
  EXPECT_NE(forked.err.find("event 3: it was forked"), std::string::npos) << forked.err;
  EXPECT_EQ(run_sql("SELECT uniqExact(leaf) FROM " + events_), "3\n") << "nothing was sent";
}

TEST_F(ClickhouseCommands, EvidenceIsThatOfTheTrail) {
  const std::string trail = url_ + "?trail=" + trail_;
  const std::string file = directory_.path() / "evidence.json";
  EXPECT_EQ(directory_.run({"prove", "--store", trail, "2", "-o", file}).status, 0);
  const Finished checked = directory_.run({"verify", file});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_NE(checked.out.find(trail_), std::string::npos) << checked.out;
  const Finished several = directory_.run({"prove", "--store", url_, "2"});
  EXPECT_EQ(several.status, 3);
  EXPECT_NE(several.err.find("?trail=ID"), std::string::npos) << several.err;
}

TEST_F(ClickhouseCommands, TheCheckpointsOfASignedTrailGoWithIt) {
  const TrailDirectory own;
  std::string key = own.run({"key", "init", "--name", "own.example"}).out;
  key.pop_back();
  own.record("{\"category\":\"llm\"}\n{\"category\":\"llm\"}\n");
  const std::string note = own.run({"checkpoint"}).out;
  ASSERT_EQ(own.run({"ship", "--to", url_}).status, 0);
  const std::string trail = note.substr(note.find('/') + 1, 32);
  const Finished verified =
      directory_.run({"verify", "--store", url_ + "?trail=" + trail, "--key", key, "--json"});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  EXPECT_NE(verified.out.find(R"("level":"signed")"), std::string::npos) << verified.out;
  EXPECT_NE(verified.out.find(R"("sealed":2)"), std::string::npos) << verified.out;
}

TEST_F(ClickhouseCommands, AFleetWithoutATrailSaysSo) {
  run_sql("TRUNCATE TABLE " + events_);
  const Finished none = directory_.run({"trails", "--store", url_});
  EXPECT_EQ(none.status, 0);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "no trail has arrived\n");
  const Finished refused = directory_.run({"trails", "--silent-after", "soon", "--store", url_});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.err.find("agentaudit: --silent-after: "), 0U) << refused.err;
}

TEST_F(ClickhouseCommands, VerifySaysThatItNeedsOneTrail) {
  const Finished done = directory_.run({"verify", "--store", url_});
  EXPECT_EQ(done.status, 4) << done.out;
  EXPECT_NE(done.err.find("?trail=ID"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace agentaudit
