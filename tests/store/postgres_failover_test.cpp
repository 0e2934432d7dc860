// A trail on a primary with a synchronous standby, which takes over.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/store/postgres_store.h"
#include "store/cutting_proxy.h"
#include "store/error_code.h"
#include "store/postgres_connection.h"
#include "store/postgres_server.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Cut = CuttingProxy::Cut;

class PostgresFailoverTest : public testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::shared() == nullptr) {
      GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
    }
    PostgresServerOptions options;
    options.settings = {"autovacuum=off", "wal_retrieve_retry_interval=100ms"};
    primary_ = std::make_unique<PostgresServer>(options);
    options.standby_of = primary_.get();
    standby_ = std::make_unique<PostgresServer>(options);
    // What is acknowledged is on both from here on. The standby, once promoted, waits for none.
    primary_->run("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary_->run("SELECT pg_reload_conf()");
    primary_->wait_until("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");
    event_.category = "llm";
    event_.summary = "once";
  }

  // Whichever takes writes.
  [[nodiscard]] std::string url(int first_port) const {
    return "postgres://tester:secret@127.0.0.1:" + std::to_string(first_port) +
           ",127.0.0.1:" + std::to_string(standby_->port()) +
           "/postgres?target_session_attrs=read-write";
  }
  [[nodiscard]] std::string url() const { return url(primary_->port()); }

  static std::shared_ptr<PostgresStore> open(const std::string& url,
                                             std::chrono::milliseconds retry_for = 60s) {
    PostgresStoreOptions options;
    options.retry_for = retry_for;
    auto opened = PostgresStore::open(url, options);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  void promote() { standby_->run("SELECT pg_promote()"); }

  static constexpr const char* waits_for_a_standby =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  std::unique_ptr<PostgresServer> primary_;
  std::unique_ptr<PostgresServer> standby_;
  Event event_;
};

// First id, last id, events.
using Stored = std::tuple<EventId, EventId, std::int64_t>;

// Stores batch after batch, each with a summary of its own, as long as it lives.
class Writer {
 public:
  static constexpr std::int64_t batch_events = 20;

  Writer(std::shared_ptr<PostgresStore> store, std::string name)
      : store_(std::move(store)),
        name_(std::move(name)),
        thread_([this](const std::stop_token& s) { run(s); }) {}

  [[nodiscard]] int batches() const { return batches_; }
  // What was acknowledged, by its summary.
  std::map<std::string, Stored> finish() {
    thread_.request_stop();
    thread_.join();
    return acknowledged_;
  }

 private:
  void run(const std::stop_token& stop) {
    Event event;
    event.category = "llm";
    while (!stop.stop_requested()) {
      event.summary = name_ + std::to_string(batches_);
      const std::vector<EventView> batch(batch_events, event);
      const auto ids = store_->insert_batch(batch);
      ASSERT_TRUE(ids) << ids.error().message;
      acknowledged_[event.summary] = {ids->first, ids->last, batch_events};
      ++batches_;
    }
  }

  std::shared_ptr<PostgresStore> store_;
  std::string name_;
  std::map<std::string, Stored> acknowledged_;
  std::atomic<int> batches_ = 0;
  std::jthread thread_;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto give_up = Clock::now() + 60s;
  while (!condition()) {
    if (Clock::now() > give_up) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

std::map<std::string, Stored> stored_at(const PostgresServer& server) {
  const auto connection =
      PostgresConnection::open(server.url_as("tester", "secret", "postgres"), {});
  const auto rows =
      (*connection)
          ->ask(
              "SELECT summary, min(id), max(id), count(*) FROM agentaudit_events GROUP BY summary");
  EXPECT_TRUE(rows) << rows.error().message;
  std::map<std::string, Stored> stored;
  for (int i = 0; i < rows->size(); ++i) {
    PostgresRows::Row columns = rows->row(i);
    const std::string summary = columns.text();
    const EventId first = columns.number();
    const EventId last = columns.number();
    stored[summary] = {first, last, columns.number()};
  }
  return stored;
}

TEST_F(PostgresFailoverTest, WhatWasAcknowledgedIsThereOnceWhenTheStandbyTookOver) {
  const auto reader = open(url());
  std::atomic<int> told = 0;
  const auto watch = reader->watch([&] { ++told; });
  std::vector<std::unique_ptr<Writer>> writers;
  for (const char* const name : {"a", "b", "c"}) {
    writers.push_back(std::make_unique<Writer>(open(url()), name));
  }
  std::jthread reading([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto page = reader->list(ListOpts{});
      ASSERT_TRUE(page || page.error().code == ErrorCode::io) << page.error().message;
    }
  });
  const auto each_stored = [&](int batches) {
    return comes_true([&] {
      return std::ranges::all_of(writers, [&](const auto& w) { return w->batches() >= batches; });
    });
  };
  ASSERT_TRUE(each_stored(10));
  primary_->crash();
  const int told_before = told;
  promote();
  const auto promoted = Clock::now();
  int most = 0;
  for (const auto& writer : writers) most = std::max(most, writer->batches());
  ASSERT_TRUE(each_stored(most + 5));
  EXPECT_TRUE(comes_true([&] { return told > told_before + 1; }));
  EXPECT_TRUE(reader->list(ListOpts{}));
  EXPECT_LT(Clock::now() - promoted, 15s);

  std::map<std::string, Stored> acknowledged;
  for (const auto& writer : writers) acknowledged.merge(writer->finish());
  EXPECT_EQ(stored_at(*standby_), acknowledged);
  EXPECT_EQ(reader->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresFailoverTest, ABatchWhoseAnswerDiedWithThePrimaryIsStoredOnce) {
  auto proxy = std::make_unique<CuttingProxy>(primary_->port());
  const auto store = open(url(proxy->port()));
  proxy->cut(Cut::after, "COMMIT", true);
  auto stored = std::async(std::launch::async, [&] { return store->insert(event_); });
  standby_->wait_until("SELECT count(*) FROM agentaudit_events");
  primary_->crash();
  proxy.reset();
  promote();
  EXPECT_EQ(stored.get(), 1);
  EXPECT_EQ(store->insert(event_), 2);
  EXPECT_EQ(store->list(ListOpts{})->total, 2);
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

// The next transaction of a server where none runs.
std::int64_t next_transaction(const PostgresServer& server) {
  return server.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
}

std::int64_t last_writer(const PostgresServer& server) {
  return server.number("SELECT xmin::text::bigint FROM agentaudit_trail");
}

TEST_F(PostgresFailoverTest, ATransactionIdThatTheNewPrimaryGivesAgainIsNotTakenForTheBatch) {
  auto proxy = std::make_unique<CuttingProxy>(primary_->port());
  const auto store = open(url(proxy->port()), 300ms);
  ASSERT_EQ(store->insert(event_), 1);
  standby_->wait_until("SELECT count(*) FROM agentaudit_events");
  standby_->kill();  // it never hears of the next
  const std::int64_t transaction = next_transaction(*primary_);
  proxy->cut(Cut::before, "COMMIT", true);
  ASSERT_EQ(error_code(store->insert(event_)), ErrorCode::deadline);
  primary_->crash();
  proxy.reset();
  standby_->start();
  promote();
  const auto other = open(url());
  event_.summary = "another";
  EXPECT_EQ(other->insert(event_), 2);
  EXPECT_EQ(last_writer(*standby_), transaction);
  event_.summary = "once";
  EXPECT_EQ(store->insert(event_), 3);
  EXPECT_EQ(store->get(3)->summary, "once");
  EXPECT_EQ(store->list(ListOpts{})->total, 3);
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresFailoverTest, ATransactionIdThatAServerGivesAgainAfterACrashIsNotTakenForTheBatch) {
  CuttingProxy proxy(primary_->port());
  const auto store = open(url(proxy.port()), 300ms);
  ASSERT_EQ(store->insert(event_), 1);
  const std::int64_t transaction = next_transaction(*primary_);
  // Nothing of what is not committed is written.
  const auto wal_writer = static_cast<pid_t>(primary_->number(
      "SELECT pid::bigint FROM pg_stat_activity WHERE backend_type = 'walwriter'"));
  ASSERT_EQ(::kill(wal_writer, SIGSTOP), 0);
  proxy.cut(Cut::before, "COMMIT", true);
  ASSERT_EQ(error_code(store->insert(event_)), ErrorCode::deadline);
  primary_->crash();
  primary_->start();
  const auto other = open(url());
  event_.summary = "another";
  EXPECT_EQ(other->insert(event_), 2);
  EXPECT_EQ(last_writer(*primary_), transaction);
  proxy.let_in();
  event_.summary = "once";
  EXPECT_EQ(store->insert(event_), 3);
  EXPECT_EQ(store->list(ListOpts{})->total, 3);
}

TEST_F(PostgresFailoverTest, ABatchThatIsFoundAfterACrashIsAcknowledgedWhenTheStandbyHasIt) {
  const auto store = open(url());
  standby_->kill();
  auto stored = std::async(std::launch::async, [&] { return store->insert(event_); });
  primary_->wait_until(waits_for_a_standby);
  primary_->crash();
  primary_->start();
  // It is there, and would be lost with this server.
  EXPECT_EQ(primary_->number("SELECT count(*) FROM agentaudit_events"), 1);
  primary_->wait_until(waits_for_a_standby);
  EXPECT_NE(stored.wait_for(0s), std::future_status::ready);
  standby_->start();
  EXPECT_EQ(stored.get(), 1);
  primary_->crash();
  promote();
  EXPECT_EQ(store->list(ListOpts{})->total, 1);
}

TEST_F(PostgresFailoverTest, AWriterLeavesAServerThatTakesNoWritesAnyMore) {
  const auto store = open(url());
  ASSERT_EQ(store->insert(event_), 1);
  primary_->run("ALTER SYSTEM SET default_transaction_read_only = on");
  primary_->run("SELECT pg_reload_conf()");
  primary_->wait_until("SELECT (current_setting('default_transaction_read_only') = 'on')::int");
  standby_->wait_until("SELECT count(*) FROM agentaudit_events");
  promote();
  EXPECT_EQ(store->insert(event_), 2);
  EXPECT_EQ(standby_->number("SELECT count(*) FROM agentaudit_events"), 2);
}

}  // namespace
}  // namespace agentaudit
