// The commands and the daemon on a trail in PostgreSQL.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <string>

#include "cli/agentaudit_process.h"
#include "server/test_client.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_server.h"
#include "store/postgres_server.h"

namespace agentaudit {
namespace {

class PostgresCommands : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
    static int number = 0;
    url_ = server_->url("commands_" + std::to_string(++number));
  }

  [[nodiscard]] Finished run(std::vector<std::string> arguments,
                             std::string_view input = "") const {
    arguments.insert(arguments.end(), {"--store", url_});
    return directory_.run(arguments, input);
  }

  PostgresServer* server_ = nullptr;
  std::string url_;
  TrailDirectory directory_;
};

constexpr std::string_view two_events =
    "{\"category\":\"tool_call\",\"agent\":\"a\",\"summary\":\"first\",\"timestamp\":"
    "\"2020-01-02T03:04:05Z\"}\n"
    "{\"category\":\"llm\",\"agent\":\"b\",\"summary\":\"second\",\"status\":\"pending\","
    "\"span_id\":\"s\"}\n";

TEST_F(PostgresCommands, WhatIsRecordedIsListedAndVerified) {
  const Finished recorded = run({"record"}, two_events);
  ASSERT_EQ(recorded.status, 0) << recorded.err;
  EXPECT_NE(run({"list", "--agent", "a", "--json"}).out.find("\"summary\":\"first\""),
            std::string::npos);
  EXPECT_NE(run({"stats"}).out.find("2 events"), std::string::npos);
  EXPECT_NE(run({"show", "2"}).out.find("second"), std::string::npos);
  EXPECT_NE(run({"pending"}).out.find("second"), std::string::npos);
  EXPECT_NE(run({"tail", "-n", "1"}).out.find("second"), std::string::npos);
  const Finished verified = run({"verify"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_NE(verified.out.find("intact"), std::string::npos);
  EXPECT_NE(run({"export"}).out.find("second"), std::string::npos);
}

TEST_F(PostgresCommands, APruneSaysWhatItWouldDeleteAndDeletesIt) {
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  EXPECT_NE(run({"prune", "--before", "2021-01-01", "--dry-run"}).out.find("would delete 1 event"),
            std::string::npos);
  const Finished pruned = run({"prune", "--before", "2021-01-01", "--yes"});
  EXPECT_EQ(pruned.status, 0) << pruned.err;
  EXPECT_NE(pruned.out.find("deleted 1 event"), std::string::npos);
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(PostgresCommands, AHoldKeepsAnEventFromPruneAndRedactUntilItsRelease) {
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  const Finished added = run({"hold", "add", "--agent", "a", "--reason", "case 7"});
  EXPECT_EQ(added.out, "added hold 1\n") << added.err;
  EXPECT_NE(run({"hold", "list", "--json"}).out.find(R"("reason":"case 7")"), std::string::npos);
  const std::vector<std::string> prune = {"prune", "--before", "2021-01-01", "--yes"};
  EXPECT_EQ(run({"prune", "--before", "2021-01-01", "--dry-run", "--json"}).out,
            "{\"would_delete\":0,\"held\":1}\n");
  const std::vector<std::string> redact = {"redact",   "1",     "--field", "summary",
                                           "--reason", "asked", "--yes"};
  const Finished refused = run(redact);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("under hold 1"), std::string::npos) << refused.err;
  EXPECT_EQ(run({"hold", "release", "1", "--reason", "closed"}).out, "released hold 1\n");
  EXPECT_EQ(run(redact).out, "redacted event 1, as event 5 records\n");
  EXPECT_EQ(run({"search", "first"}).out.find("first"), std::string::npos);
  EXPECT_NE(run({"show", "1"}).out.find("[redacted]"), std::string::npos);
  EXPECT_EQ(run({"verify"}).status, 0);
  EXPECT_EQ(run(prune).out, "deleted 1 event\n");
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(PostgresCommands, RulesOfRetentionAreSetListedAndApplied) {
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  EXPECT_EQ(run({"retention", "set", "tool_call", "30d"}).status, 0);
  EXPECT_EQ(run({"retention", "list", "--json"}).out, "{\"category\":\"tool_call\",\"days\":30}\n");
  EXPECT_EQ(run({"retention", "set", "safety", "30d"}).status, 2);
  const Finished applied = run({"retention", "apply", "--yes"});
  EXPECT_EQ(applied.status, 0) << applied.err;
  EXPECT_NE(run({"stats"}).out.find("3 events"), std::string::npos) << run({"stats"}).out;
  EXPECT_EQ(run({"retention", "unset", "tool_call"}).status, 0);
  EXPECT_EQ(run({"retention", "list", "--json"}).out, "");
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(PostgresCommands, ARedactedEventIsShippedWithWhatProvesIt) {
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  ASSERT_EQ(run({"redact", "1", "--field", "summary", "--reason", "asked", "--yes"}).status, 0);
  const Finished shipped = run({"ship", "--to", "jsonl:-"});
  EXPECT_EQ(shipped.out.find("first"), std::string::npos);
  EXPECT_NE(shipped.out.find("[redacted]"), std::string::npos) << shipped.out << shipped.err;
}

TEST_F(PostgresCommands, AFileIsImported) {
  const std::string file = directory_.file("events.jsonl", two_events).native();
  const Finished imported = run({"import", file});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_NE(run({"stats"}).out.find("2 events"), std::string::npos);
}

TEST_F(PostgresCommands, TheDaemonServesIt) {
  Running daemon(directory_, {"serve", "--listen", "0", "--store", url_});
  const std::uint16_t port = port_of(daemon);
  const auto ask = [&](std::string_view method, std::string_view target,
                       const std::string& headers = "", std::string_view body = "") {
    return test_http::TestClient(port).ask(method, target, headers, body);
  };
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                R"({"category":"llm","summary":"by HTTP"})")
                .status,
            201);
  EXPECT_NE(ask("GET", "/api/v1/audit?limit=1").body.find("by HTTP"), std::string::npos);
  EXPECT_EQ(ask("GET", "/checkpoint").status, 404);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(), 0);
  EXPECT_NE(run({"list"}).out.find("by HTTP"), std::string::npos);
}

TEST_F(PostgresCommands, AHookWhoseServerIsAwayKeepsItsEventForTheNextOne) {
  constexpr std::string_view payload =
      R"({"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Bash",)"
      R"("tool_input":{"command":"ls"},"tool_use_id":"t"})";
  server_->kill();
  const Finished away = run({"hook"}, payload);
  server_->start();
  EXPECT_EQ(away.status, 0);
  EXPECT_NE(run({"hook"}, payload).status, 3);
  EXPECT_NE(run({"stats"}).out.find("2 events"), std::string::npos) << away.err;
}

TEST_F(PostgresCommands, WhatOnlyAFileCanDoSaysSoWithoutThePassword) {
  for (const std::string command : {"repair", "seal"}) {
    const Finished refused = run({command});
    EXPECT_NE(refused.status, 0) << command;
    EXPECT_NE(refused.err.find("postgres://"), std::string::npos) << refused.err;
    EXPECT_EQ(refused.err.find("secret"), std::string::npos) << refused.err;
  }
}

TEST_F(PostgresCommands, WithAKeyItIsSignedAnchoredAndProvedToOthers) {
  const std::string key = directory_.run({"key", "init", "--name", "own.example"}).out;
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  const Finished checkpoint = run({"checkpoint"});
  EXPECT_EQ(checkpoint.out.substr(0, 12), "own.example/") << checkpoint.err;
  const Finished verified = run({"verify"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_NE(verified.out.find("a checkpoint agrees with the tree"), std::string::npos)
      << verified.out;
  const std::string bundle = (directory_.path() / "bundle.json").native();
  ASSERT_EQ(run({"prove", "1", "-o", bundle}).status, 0);
  const Finished proved = directory_.run({"verify", bundle});
  EXPECT_EQ(proved.status, 0) << proved.out << proved.err;
  const std::filesystem::path tiles = directory_.path() / "tiles";
  EXPECT_EQ(run({"tiles", tiles.native()}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(tiles / "tile/entries/000.p/2"));
  const std::filesystem::path anchors = directory_.path() / "anchors";
  EXPECT_EQ(run({"anchor", "--to", anchors.native()}).status, 0);
  // What was signed is bound: an owner of the database rewrites history.
  server_->run("UPDATE " + url_.substr(url_.rfind("%3D") + 3) +
               ".agentaudit_tiles SET hashes = decode(repeat('ab', 64), 'hex') WHERE level = 0");
  EXPECT_NE(run({"verify"}).status, 0);
}

TEST_F(PostgresCommands, TheDoctorLooksAtServerRoleAndTables) {
  EXPECT_NE(run({"doctor"}).out.find("no trail in the database"), std::string::npos);
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  const Finished examined = run({"doctor"});
  // The test's server does not sync.
  EXPECT_EQ(examined.status, 1) << examined.out << examined.err;
  for (const char* const said :
       {"PostgreSQL 15", "not encrypted", "It runs with fsync or", "owner of the tables",
        "2 events, the last id is 2", "every event is what was recorded"}) {
    EXPECT_NE(examined.out.find(said), std::string::npos) << said << "\n" << examined.out;
  }
  EXPECT_EQ(examined.out.find("secret"), std::string::npos);
  server_->run("UPDATE " + url_.substr(url_.rfind("%3D") + 3) +
               ".agentaudit_events SET agent = 'x' WHERE id = 1");
  const Finished sick = run({"doctor", "--json"});
  EXPECT_EQ(sick.status, 1);
  EXPECT_NE(sick.out.find("event 1 is not what was recorded"), std::string::npos) << sick.out;
  server_->run("DROP TABLE " + url_.substr(url_.rfind("%3D") + 3) + ".agentaudit_tiles");
  const Finished torn = run({"doctor", "--json"});
  EXPECT_EQ(torn.status, 1);
  EXPECT_NE(torn.out.find(R"("name":"soundness","value":"PostgreSQL at )"), std::string::npos)
      << "why it could not be checked: " << torn.out;
  EXPECT_NE(torn.out.find("agentaudit_tiles\\\" does not exist"), std::string::npos) << torn.out;
}

TEST_F(PostgresCommands, TheDoctorSaysWhatARoleMayDo) {
  const std::string schema = url_.substr(url_.rfind("%3D") + 3);
  server_->run("DROP SCHEMA " + schema);
  server_->run(directory_.run({"schema", "postgres", "--schema", schema}).out);
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  for (const auto& [group, may] :
       {std::pair("reader", "may read"), std::pair("writer", "may write"),
        std::pair("pruner", "may write and delete")}) {
    const std::string role = schema + "_" + group;
    server_->run("CREATE ROLE " + role + " LOGIN PASSWORD 'secret' IN ROLE agentaudit_" + group);
    const Finished examined = directory_.run(
        {"doctor", "--json", "--store",
         server_->url_as(role, "secret", "postgres") + "?options=-csearch_path%3D" + schema});
    EXPECT_NE(examined.out.find("\"value\":\"" + role + ", " + may + "\""), std::string::npos)
        << examined.out << examined.err;
    server_->run("DROP ROLE " + role);
  }
}

TEST_F(PostgresCommands, TheDoctorFindsATrailInOrderOnAServerThatSyncs) {
  const PostgresServer syncing({.settings = {"fsync=on"}});
  const std::string url = syncing.url("synced");
  ASSERT_EQ(directory_.run({"record", "--store", url}, two_events).status, 0);
  const Finished examined = directory_.run({"doctor", "--store", url});
  EXPECT_EQ(examined.status, 0) << examined.out << examined.err;
  EXPECT_NE(examined.out.find("Off this machine, add sslmode=verify-full"), std::string::npos)
      << examined.out;
  EXPECT_NE(examined.out.find("The trail is in order."), std::string::npos) << examined.out;
}

TEST_F(PostgresCommands, AServerThatIsNotThereIsOneSentence) {
  const Finished refused = directory_.run({"list", "--store", "postgres://u:hidden@127.0.0.1:1/d"});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("Connection refused"), std::string::npos) << refused.err;
  EXPECT_EQ(refused.err.find("hidden"), std::string::npos);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
  EXPECT_EQ(refused.err.find("\\n"), std::string::npos);
}

TEST_F(PostgresCommands, AFilesTrailIsShippedIntoItAndOutOfIt) {
  ASSERT_EQ(directory_.run({"record"}, two_events).status, 0);
  const Finished shipped = directory_.run({"ship", "--to", url_});
  EXPECT_NE(shipped.err.find("shipped 2 events; 0 behind"), std::string::npos) << shipped.err;
  EXPECT_NE(
      directory_.run({"ship", "--to", url_, "--cursor", (directory_.path() / "again").native()})
          .err.find("shipped 2"),
      std::string::npos);
  EXPECT_NE(run({"stats"}).out.find("2 events"), std::string::npos);
  const Finished out = run({"ship", "--to", "jsonl:-"});
  EXPECT_EQ(std::count(out.out.begin(), out.out.end(), '\n'), 2) << out.err;
}

TEST_F(PostgresCommands, ItIsShippedIntoAFleetsClickhouse) {
  const ClickhouseServer* const clickhouse = ClickhouseServer::shared();
  if (clickhouse == nullptr) GTEST_SKIP() << "clickhouse-server is not installed";
  ASSERT_EQ(run({"record"}, two_events).status, 0);
  const auto address = ClickhouseAddress::parse(clickhouse->url("default"));
  const auto client = ClickhouseClient::make(*address);
  std::istringstream ddl(directory_.run({"schema", "clickhouse", "--database", "shipped"}).out);
  for (std::string statement; std::getline(ddl, statement, ';');) {
    if (statement.find("CREATE") == std::string::npos) continue;
    const auto made = (*client)->query(statement);
    EXPECT_TRUE(made) << made.error().message;
  }
  const std::string to = clickhouse->url("shipped");
  const std::string cursor = directory_.path() / "fleet";
  const Finished shipped = run({"ship", "--to", to, "--cursor", cursor});
  EXPECT_NE(shipped.err.find("shipped 2 events; 0 behind"), std::string::npos) << shipped.err;
  std::filesystem::remove(cursor);
  EXPECT_EQ(run({"ship", "--to", to, "--cursor", cursor}).status, 0);
  std::filesystem::remove(cursor);
  EXPECT_NE(directory_.run({"stats", "--store", to}).out.find("2 events"), std::string::npos);
  const Finished trails = directory_.run({"trails", "--store", to, "--json"});
  EXPECT_NE(trails.out.find(R"("state":"ok","events":2,"missing":0,"last_id":2)"),
            std::string::npos)
      << trails.out << trails.err;
  EXPECT_NE(directory_.run({"trails", "--store", to}).out.find("ok"), std::string::npos);
  EXPECT_NE(directory_.run({"trails", "--store", to, "--silent-after", "0s"}).status, 2);
  EXPECT_NE(run({"trails"}).err.find("only a fleet"), std::string::npos);
  EXPECT_NE(directory_.run({"list", "--store", to, "--search", "SECOND"}).out.find("second"),
            std::string::npos);
}

}  // namespace
}  // namespace agentaudit
