// Connections of a PostgresStore that are cut at the worst moment.

#include <filesystem>
#include <utility>

#include <netinet/tcp.h>

#include <gtest/gtest.h>

#include "agentaudit/store/postgres_store.h"
#include "store/cutting_proxy.h"
#include "store/error_code.h"
#include "store/postgres_server.h"

namespace agentaudit {
namespace {

using Cut = CuttingProxy::Cut;

class PostgresFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    PostgresServer* const server = PostgresServer::shared();
    if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
    static int number = 0;
    const std::string schema = "fault_" + std::to_string(++number);
    direct_ = PostgresStore::open(server->url(schema)).value();
    proxy_ = std::make_unique<CuttingProxy>(server->port());
    PostgresStoreOptions options;
    options.retry_for = std::chrono::milliseconds(1'500);
    store_ =
        PostgresStore::open("postgres://tester:secret@127.0.0.1:" + std::to_string(proxy_->port()) +
                                "/postgres?options=-csearch_path%3D" + schema,
                            options)
            .value();
    event_.category = "llm";
    event_.summary = "once";
  }

  [[nodiscard]] std::int64_t stored() const { return direct_->list(ListOpts{})->total; }

  static Timestamp days_ago(int days) {
    return Timestamp::now().minus(std::chrono::hours(24 * days));
  }

  // Whose connection is cut at the commit after its first step.
  PruneOpts pruned_before(Timestamp cutoff, Cut where) {
    PruneOpts opts;
    opts.cutoff = cutoff;
    opts.progress = [this, where, cut = false](const PruneProgress&) mutable {
      if (!std::exchange(cut, true)) proxy_->cut(where, "COMMIT");
    };
    return opts;
  }

  std::shared_ptr<PostgresStore> direct_;
  std::unique_ptr<CuttingProxy> proxy_;
  std::shared_ptr<PostgresStore> store_;
  Event event_;
};

TEST_F(PostgresFaultTest, ABatchWhoseCommitWasNotAnsweredIsStoredOnce) {
  proxy_->cut(Cut::after, "COMMIT");
  EXPECT_EQ(store_->insert(event_), 1);
  EXPECT_TRUE(proxy_->has_cut());
  EXPECT_EQ(stored(), 1);
  EXPECT_EQ(store_->insert(event_), 2);
}

TEST_F(PostgresFaultTest, ABatchWhoseCommitNeverArrivedIsStoredOnce) {
  proxy_->cut(Cut::before, "COMMIT");
  EXPECT_EQ(store_->insert(event_), 1);
  EXPECT_TRUE(proxy_->has_cut());
  EXPECT_EQ(stored(), 1);
}

TEST_F(PostgresFaultTest, ABatchThatIsCutInTheMiddleIsStoredOnce) {
  const std::vector<EventView> batch(100, event_);
  for (const char* word : {"FOR UPDATE", "COPY agentaudit_events", "PGCOPY"}) {
    proxy_->cut(Cut::before, word);
    EXPECT_TRUE(store_->insert_batch(batch)) << word;
    EXPECT_TRUE(proxy_->has_cut()) << word;
  }
  EXPECT_EQ(stored(), 300);
  EXPECT_EQ(direct_->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresFaultTest, WhoTriesABatchInDoubtAgainGetsTheAnswerThatWasLost) {
  proxy_->cut(Cut::after, "COMMIT", true);
  const auto first = store_->insert(event_);
  ASSERT_EQ(error_code(first), ErrorCode::deadline);
  EXPECT_NE(first.error().message.find("try the same batch again"), std::string::npos);
  EXPECT_EQ(error_code(store_->insert(event_)), ErrorCode::deadline);
  proxy_->let_in();
  EXPECT_EQ(store_->insert(event_), 1);
  EXPECT_EQ(stored(), 1);
  EXPECT_EQ(store_->insert(event_), 2);
}

TEST_F(PostgresFaultTest, SoDoesWhoTriesABatchOfOriginsAgain) {
  const std::vector<KeyedView> batch = {{event_, "k1"}, {event_, ""}};
  proxy_->cut(Cut::after, "COMMIT", true);
  ASSERT_EQ(error_code(store_->insert_new(batch)), ErrorCode::deadline);
  proxy_->let_in();
  const auto again = store_->insert_new(batch);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->ids, (std::vector<EventId>{1, 2}));
  EXPECT_EQ(again->stored, 2);
  EXPECT_EQ(stored(), 2);
}

TEST_F(PostgresFaultTest, ABatchOfOtherOriginsIsAnotherThanTheOneInDoubt) {
  proxy_->cut(Cut::after, "COMMIT", true);
  ASSERT_EQ(error_code(store_->insert_new(std::vector<KeyedView>{{event_, "k1"}})),
            ErrorCode::deadline);
  proxy_->let_in();
  EXPECT_EQ(store_->insert_new(std::vector<KeyedView>{{event_, "k2"}})->ids,
            std::vector<EventId>{2});
  EXPECT_EQ(stored(), 2);
}

TEST_F(PostgresFaultTest, AnotherBatchAfterOneInDoubtIsStored) {
  proxy_->cut(Cut::after, "COMMIT", true);
  ASSERT_EQ(error_code(store_->insert(event_)), ErrorCode::deadline);
  proxy_->let_in();
  Event other = event_;
  other.summary = "another";
  EXPECT_EQ(store_->insert(other), 2);
  EXPECT_EQ(stored(), 2);
}

TEST_F(PostgresFaultTest, ABatchInDoubtThatWasNotCommittedIsStoredWhenItIsTriedAgain) {
  proxy_->cut(Cut::before, "COMMIT", true);
  ASSERT_EQ(error_code(store_->insert(event_)), ErrorCode::deadline);
  EXPECT_EQ(stored(), 0);
  proxy_->let_in();
  EXPECT_EQ(store_->insert(event_), 1);
  EXPECT_EQ(stored(), 1);
}

TEST_F(PostgresFaultTest, AnEventThatIsGoneSinceItsBatchWasInDoubtIsNotStoredAgain) {
  event_.timestamp = days_ago(100);
  proxy_->cut(Cut::after, "COMMIT", true);
  ASSERT_EQ(error_code(store_->insert(event_)), ErrorCode::deadline);
  EXPECT_EQ(direct_->prune_before(days_ago(50)), 1);
  proxy_->let_in();
  EXPECT_EQ(store_->insert(event_), 1);
  EXPECT_EQ(stored(), 1);  // the record of the prune
}

TEST_F(PostgresFaultTest, APruneCountsMonthsOnceThatWereDroppedWithoutAnAnswer) {
  for (const Cut where : {Cut::before, Cut::after}) {
    for (const int days : {150, 100}) {
      event_.timestamp = days_ago(days);
      ASSERT_TRUE(store_->insert_batch(std::vector<EventView>(10, event_)));
    }
    EXPECT_EQ(store_->prune_before(pruned_before(days_ago(50), where), {}), 20);
    EXPECT_TRUE(proxy_->has_cut());
  }
  EXPECT_EQ(direct_->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresFaultTest, APruneCountsEventsOnceThatWereDeletedWithoutAnAnswer) {
  event_.timestamp = days_ago(100);
  for (const Cut where : {Cut::before, Cut::after}) {
    ASSERT_TRUE(store_->insert_batch(std::vector<EventView>(5'000, event_)));
    PruneOpts opts = pruned_before(days_ago(50), where);
    opts.categories = {"llm"};  // no month goes whole
    EXPECT_EQ(store_->prune_before(opts, {}), 5'000);
    EXPECT_TRUE(proxy_->has_cut());
  }
  EXPECT_EQ(direct_->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresFaultTest, AQuestionWhoseConnectionIsCutIsAskedAgain) {
  ASSERT_TRUE(store_->insert(event_));
  proxy_->cut(Cut::before, "SELECT id, timestamp");
  const auto page = store_->list(ListOpts{});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->total, 1);
  EXPECT_TRUE(proxy_->has_cut());
}

// A host that lost its power tells nobody.
TEST_F(PostgresFaultTest, ASilentServerIsAskedWhetherItIsThere) {
  int sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
        peer.sin_family != AF_INET || ntohs(peer.sin_port) != proxy_->port()) {
      continue;
    }
    ++sockets;
    int asks = 0;
    int idle_seconds = 0;
    size = sizeof(int);
    EXPECT_EQ(getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &asks, &size), 0);
    EXPECT_EQ(getsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, &size), 0);
    EXPECT_EQ(asks, 1);
    EXPECT_EQ(idle_seconds, 10);
  }
  EXPECT_EQ(sockets, 1);
}

}  // namespace
}  // namespace agentaudit
