// The commands on a fleet's trail in ClickHouse.
#include <gtest/gtest.h>

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

TEST_F(ClickhouseCommands, VerifySaysThatItNeedsOneTrail) {
  const Finished done = directory_.run({"verify", "--store", url_});
  EXPECT_EQ(done.status, 4) << done.out;
  EXPECT_NE(done.err.find("?trail=ID"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace agentaudit
