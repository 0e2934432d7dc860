// A trail on a server that is spoken to over TLS alone.

#include <atomic>
#include <fstream>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "agentaudit/store/postgres_store.h"
#include "cli/self_signed.h"
#include "store/error_code.h"
#include "store/postgres_connection.h"
#include "store/postgres_server.h"

namespace agentaudit {
namespace {

class PostgresTlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (PostgresServer::shared() == nullptr) return;
    const SelfSigned pair = self_signed("DNS:localhost");
    PostgresServerOptions options;
    options.settings = {"ssl=on"};
    options.files = {{"server.crt", pair.certificate},
                     {"server.key", pair.private_key},
                     {"pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n"}};
    server_ = std::make_unique<PostgresServer>(options);
    std::ofstream(root()) << pair.certificate;
    std::ofstream(other_root()) << self_signed("DNS:localhost").certificate;
  }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
    event_.category = "llm";
    event_.summary = "over TLS";
  }

  static std::string root() { return server_->directory() + "/root.pem"; }
  static std::string other_root() { return server_->directory() + "/other_root.pem"; }

  static std::string url(const std::string& host, const std::string& parameters) {
    return "postgres://tester:secret@" + host + ':' + std::to_string(server_->port()) +
           "/postgres?" + parameters;
  }
  static std::string verified_url() { return url("localhost", verify_full + root()); }

  // Why it is refused, in one line without the password.
  static std::string refusal(const std::string& url, ErrorCode code) {
    const auto opened = PostgresStore::open(url);
    EXPECT_EQ(error_code(opened), code) << url;
    if (opened) return "nothing";
    EXPECT_EQ(opened.error().message.find("secret"), std::string::npos) << opened.error().message;
    EXPECT_EQ(opened.error().message.find('\n'), std::string::npos) << opened.error().message;
    return opened.error().message;
  }

  static constexpr const char* verify_full = "sslmode=verify-full&sslrootcert=";
  inline static std::unique_ptr<PostgresServer> server_;
  Event event_;
};

TEST_F(PostgresTlsTest, ATrailIsWrittenReadAndVerified) {
  const auto store = PostgresStore::open(verified_url());
  ASSERT_TRUE(store) << store.error().message;
  const auto id = (*store)->insert(event_);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ((*store)->get(*id)->summary, "over TLS");
  EXPECT_EQ((*store)->list(ListOpts{})->total, *id);
  EXPECT_EQ((*store)->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresTlsTest, WritesQuestionsAndTheWatchAllGoOverIt) {
  const auto store = PostgresStore::open(verified_url());
  ASSERT_TRUE(store) << store.error().message;
  std::atomic<int> told = 0;
  const auto watch = (*store)->watch([&] { ++told; });
  ASSERT_TRUE((*store)->insert(event_));
  ASSERT_TRUE((*store)->list(ListOpts{}));
  const std::string sessions =
      "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
      " WHERE ssl AND query LIKE ";
  server_->wait_until(sessions + "'LISTEN agentaudit'");
  EXPECT_EQ(server_->number(sessions + "'INSERT INTO agentaudit_tiles%'"), 1);
  EXPECT_EQ(server_->number(sessions + "'ROLLBACK'"), 1);
  const int before = told;
  ASSERT_TRUE((*store)->insert(event_));
  for (int i = 0; i < 1'000 && told == before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(told, before);
}

TEST_F(PostgresTlsTest, ALostConnectionIsMadeAgainWithIt) {
  const auto store = PostgresStore::open(verified_url());
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_TRUE((*store)->insert(event_));
  server_->kill();
  server_->start();
  const auto again = (*store)->insert(event_);
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_TRUE((*store)->list(ListOpts{}));
}

TEST_F(PostgresTlsTest, AQuestionCanBeStopped) {
  const auto store = PostgresStore::open(verified_url());
  ASSERT_TRUE(store) << store.error().message;
  const auto other = PostgresConnection::open(verified_url(), {});
  ASSERT_TRUE((*other)->run("BEGIN; LOCK TABLE agentaudit_events"));
  std::stop_source stop;
  std::jthread later([&] {
    server_->wait_until("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    stop.request_stop();
  });
  EXPECT_EQ(error_code((*store)->list({}, stop.get_token())), ErrorCode::cancelled);
}

TEST_F(PostgresTlsTest, WhoComesWithoutItIsRefused) {
  const std::string why = refusal(url("localhost", "sslmode=disable"), ErrorCode::permission);
  EXPECT_NE(why.find("no encryption"), std::string::npos) << why;
}

TEST_F(PostgresTlsTest, ACertificateThatSomebodyElseSignedIsRefused) {
  const std::string why = refusal(url("localhost", verify_full + other_root()), ErrorCode::io);
  EXPECT_NE(why.find("certificate verify failed"), std::string::npos) << why;
}

TEST_F(PostgresTlsTest, ACertificateOfAnotherHostIsRefused) {
  const std::string why = refusal(url("127.0.0.1", verify_full + root()), ErrorCode::io);
  EXPECT_NE(why.find("does not match host name \"127.0.0.1\""), std::string::npos) << why;
}

TEST_F(PostgresTlsTest, ARootThatIsNotThereIsNamed) {
  const std::string why = refusal(url("localhost", verify_full + root() + ".gone"), ErrorCode::io);
  EXPECT_NE(why.find("root.pem.gone"), std::string::npos) << why;
}

// A host that is tried first and is away must not hide why the next one refused.
TEST_F(PostgresTlsTest, WhatEachHostSaidIsTold) {
  const std::string port = std::to_string(server_->port());
  const std::string why = refusal("postgres://tester:secret@127.0.0.1:1,localhost:" + port +
                                      "/postgres?" + verify_full + other_root(),
                                  ErrorCode::io);
  EXPECT_NE(why.find("Connection refused"), std::string::npos) << why;
  EXPECT_NE(why.find("certificate verify failed"), std::string::npos) << why;
}

}  // namespace
}  // namespace agentaudit
