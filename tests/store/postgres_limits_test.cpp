// A PostgresStore where others are in the way, time is short, or the server is another than usual.

#include <array>
#include <atomic>
#include <string_view>
#include <thread>

#include "store/error_code.h"
#include "store/forked_child.h"
#include "store/loopback.h"
#include "store/postgres_connection.h"
#include "store/postgres_connections.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresLimitsTest : public PostgresTrailTest {};

TEST_F(PostgresLimitsTest, AChildOfForkIsToldThatTheStoreIsClosed) {
  insert(1);
  ForkedChild child([&] {
    const bool closed = error_code(store_->insert(event(Timestamp::now()))) == ErrorCode::closed &&
                        error_code(store_->list(ListOpts{})) == ErrorCode::closed &&
                        error_code(store_->close()) == ErrorCode::closed;
    store_.reset();
    return closed ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
  // The server still knows the parent.
  insert(1);
  EXPECT_EQ(store_->list(ListOpts{})->total, 2);
}

TEST_F(PostgresLimitsTest, ATrailIsNotMadeWhereThatIsNotWanted) {
  PostgresStoreOptions options;
  options.create = false;
  EXPECT_EQ(error_code(PostgresStore::open(server_->url("never_made"), options)),
            ErrorCode::not_found);
}

TEST_F(PostgresLimitsTest, ADatabaseThatKeepsNoUtf8IsRefused) {
  server_->run(
      "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
      " TEMPLATE template0");
  const auto refused = PostgresStore::open(server_->url_as("tester", "secret", "bytes"));
  ASSERT_EQ(error_code(refused), ErrorCode::unsupported);
  EXPECT_NE(refused.error().message.find("SQL_ASCII"), std::string::npos);
}

// Greets as a server of an older version does.
TEST_F(PostgresLimitsTest, AServerThatIsTooOldIsRefused) {
  using namespace std::string_view_literals;
  const Listening listening = listen_on_loopback();
  std::jthread server([&] {
    const int peer = accept(listening.descriptor, nullptr, nullptr);
    std::array<char, 4096> asked{};
    (void)!read(peer, asked.data(), asked.size());
    constexpr auto greeting =
        "R\0\0\0\x08\0\0\0\0"
        "S\0\0\0\x18server_version\x00"
        "12.4\0"
        "Z\0\0\0\5I"sv;
    (void)!send(peer, greeting.data(), greeting.size(), MSG_NOSIGNAL);
    while (read(peer, asked.data(), asked.size()) > 0) {
    }
    close(peer);
  });
  const std::string place = "127.0.0.1:" + std::to_string(listening.port);
  const auto refused =
      PostgresStore::open("postgres://u@" + place + "/d?sslmode=disable&gssencmode=disable");
  shutdown(listening.descriptor, SHUT_RDWR);  // should nobody have come
  server.join();
  close(listening.descriptor);
  ASSERT_EQ(error_code(refused), ErrorCode::unsupported);
  EXPECT_EQ(refused.error().message,
            "PostgreSQL at " + place + " is version 12; agentaudit needs 13 or later");
}

TEST_F(PostgresLimitsTest, SearchesHaveAnIndexWhereTheExtensionMayBeMadeAndDoWithoutElsewhere) {
  const auto indexes = [](const std::string& url) {
    return (*PostgresConnection::open(url, {}))
        ->number(
            "SELECT count(*) FROM pg_indexes WHERE indexname = 'agentaudit_events_text'"
            " AND schemaname = current_schema()")
        .value();
  };
  EXPECT_EQ(indexes(server_->url(schema_)), 1);
  server_->run("CREATE ROLE plain LOGIN PASSWORD 'p'");
  server_->run("CREATE DATABASE plain TEMPLATE template0");
  const auto admin = PostgresConnection::open(server_->url_as("tester", "secret", "plain"), {});
  ASSERT_TRUE((*admin)->run("CREATE SCHEMA s AUTHORIZATION plain"));
  const std::string url = server_->url_as("plain", "p", "plain") + "?options=-csearch_path%3Ds";
  const auto store = PostgresStore::open(url);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(indexes(url), 0);
  ASSERT_TRUE((*store)->insert(event(Timestamp::now(), "a NEEDLE in hay")));
  EXPECT_EQ((*store)->list({.search = "needle"}, {})->total, 1);
}

TEST_F(PostgresLimitsTest, TheTotalOfASearchThatTakesLongIsALowerBoundUnlessItMustBeExact) {
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(store_->insert(event(Timestamp::now(), "a needle")));
  // Of this schema, before that of the server: each text takes its time.
  change(
      "CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql VOLATILE"
      " AS 'SELECT $1 FROM pg_sleep(0.2)'");
  const auto slow = PostgresStore::open(server_->url(schema_) + "%2Cpg_catalog");
  ASSERT_TRUE(slow) << slow.error().message;
  ListOpts opts{.search = "needle", .limit = 1};
  const auto bound = (*slow)->list(opts, {});
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_FALSE(bound->total_exact);
  EXPECT_EQ(bound->total, 1);
  EXPECT_EQ(bound->events.size(), 1U);
  opts.total = TotalMode::exact;
  const auto exact = (*slow)->list(opts, {});
  EXPECT_TRUE(exact->total_exact);
  EXPECT_EQ(exact->total, 8);
}

TEST_F(PostgresLimitsTest, AMonthThatAReaderHoldsIsEmptiedInSteps) {
  PostgresStoreOptions options;
  options.busy_timeout = std::chrono::milliseconds(100);
  open(options);
  const Timestamp now = Timestamp::now();
  insert(50, now.minus(std::chrono::hours(24 * 100)));
  const auto reader = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*reader)->run("BEGIN; SELECT count(*) FROM agentaudit_events"));
  const auto pruned = store_->prune_before(now.minus(std::chrono::hours(24 * 50)));
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(*pruned, 50);
  ASSERT_TRUE((*reader)->run("COMMIT"));
  EXPECT_EQ((*reader)->number("SELECT count(*) FROM pg_inherits WHERE inhparent ="
                              " 'agentaudit_events'::regclass"),
            2);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresLimitsTest, AReaderDoesNotHoldUpTheFirstEventOfAMonth) {
  PostgresStoreOptions options;
  options.busy_timeout = std::chrono::seconds(20);
  open(options);
  const auto reader = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*reader)->run("BEGIN; SELECT count(*) FROM agentaudit_events"));
  insert(3);
  EXPECT_EQ(store_->list(ListOpts{})->total, 3);
  EXPECT_EQ((*reader)->number("SELECT count(*) FROM pg_inherits WHERE inhparent ="
                              " 'agentaudit_events'::regclass"),
            1);
  ASSERT_TRUE((*reader)->run("COMMIT"));
  // Another writer makes it, with what waited.
  open();
  insert(2);
  EXPECT_EQ((*reader)->number("SELECT count(*) FROM agentaudit_events_rest"), 0);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresLimitsTest, MoreQuestionsThanConnectionsWaitTheirTurnAndCanBeStopped) {
  insert(1);
  const auto holder = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*holder)->run("BEGIN; LOCK TABLE agentaudit_events"));
  std::vector<std::jthread> threads;
  std::atomic<int> answered = 0;
  for (std::size_t i = 0; i < PostgresConnections::connections_max + 4; ++i) {
    threads.emplace_back([&] { answered += store_->list(ListOpts{}) ? 1 : 0; });
  }
  const auto waiting = [&] {
    return (*holder)
        ->number(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
            " 'agentaudit_events'::regclass")
        .value();
  };
  while (waiting() < static_cast<std::int64_t>(PostgresConnections::connections_max)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(waiting(), static_cast<std::int64_t>(PostgresConnections::connections_max));
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  EXPECT_EQ(error_code(store_->list({}, stop.get_token())), ErrorCode::cancelled);
  EXPECT_EQ(answered, 0);
  ASSERT_TRUE((*holder)->run("COMMIT"));
  for (std::jthread& thread : threads) thread.join();
  EXPECT_EQ(answered, static_cast<int>(PostgresConnections::connections_max + 4));
}

}  // namespace
}  // namespace agentaudit
