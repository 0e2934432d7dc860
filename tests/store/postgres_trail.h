// A PostgresStore of a test's own, in a schema of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/store/postgres_store.h"
#include "store/postgres_connection.h"
#include "store/postgres_server.h"

namespace agentaudit {

class PostgresTrailTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
    static int number = 0;
    schema_ = "store_" + std::to_string(++number);
    open();
  }

  void open(const PostgresStoreOptions& options = {}) {
    auto opened = PostgresStore::open(server_->url(schema_), options);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  // Another store, of the printed schema of that name, by who has a role of it.
  std::shared_ptr<PostgresStore> open_as(const std::string& role, const std::string& schema) {
    const std::string user = schema + "_" + role;
    server_->run("CREATE ROLE " + user + " LOGIN PASSWORD 'r' IN ROLE agentaudit_" + role);
    auto opened = PostgresStore::open(server_->url_as(user, "r", "postgres") +
                                      "?options=-csearch_path%3D" + schema);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  static Event event(Timestamp timestamp, const std::string& summary = "a summary") {
    Event event;
    event.timestamp = timestamp;
    event.category = "tool_call";
    event.action = "execute";
    event.agent = "researcher";
    event.summary = summary;
    event.status = "ok";
    return event;
  }

  void insert(std::size_t count, Timestamp timestamp = Timestamp::now()) {
    const Event one = event(timestamp);
    const std::vector<EventView> events(count, one);
    const auto ids = store_->insert_batch(events);
    ASSERT_TRUE(ids) << ids.error().message;
  }

  void change(const std::string& sql) {
    server_->run("SET search_path = \"" + schema_ + "\"; " + sql);
  }

  std::int64_t number(const std::string& sql) {
    const auto connection = PostgresConnection::open(server_->url(schema_), {});
    return (*connection)->number(sql).value();
  }

  // As the tables of an older format were.
  void make_format(int format) {
    change(
        "DROP FUNCTION agentaudit_recount(); DROP TABLE agentaudit_checkpoints,"
        " agentaudit_holds, agentaudit_retention, agentaudit_status_counts;"
        " ALTER TABLE agentaudit_trail DROP sealed_by, DROP last_hold;"
        " ALTER TABLE agentaudit_events DROP erased_summary, DROP erased_detail");
    if (format < 2) {
      change(
          "DROP TABLE agentaudit_counts, agentaudit_series;"
          " DROP FUNCTION agentaudit_series_of");
    }
    change("UPDATE agentaudit_trail SET format = " + std::to_string(format));
  }

  Verification verify() {
    auto verified = store_->verify({}, {});
    EXPECT_TRUE(verified) << verified.error().message;
    return verified.value_or(Verification{});
  }

  std::string first_finding() {
    const Verification found = verify();
    EXPECT_EQ(found.verdict, Verdict::tampered);
    return found.integrity.first.empty() ? "nothing" : found.integrity.first[0].what;
  }

  PostgresServer* server_ = nullptr;
  std::string schema_;
  std::shared_ptr<PostgresStore> store_;
};

}  // namespace agentaudit
