// LiveHub over a store that tells what is stored.

#include "server/live_hub.h"

#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "agentaudit/store/postgres_store.h"
#include "store/postgres_server.h"

namespace agentaudit {
namespace {

TEST(LiveHubTest, AFollowerHearsWhatAnotherStoreStoresWithoutLookingForIt) {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed (postgresql-15)";
  const std::string url = server->url("live");
  const std::shared_ptr<PostgresStore> store = *PostgresStore::open(url);
  const std::shared_ptr<PostgresStore> other = *PostgresStore::open(url);
  LiveHub hub(store, {.watched_look_interval = std::chrono::hours(1)});
  const auto follower = hub.follow({}, 0);
  ASSERT_TRUE(follower) << follower.error().message;
  Event event;
  event.category = "llm";
  event.summary = "from elsewhere";
  ASSERT_TRUE(other->insert(event));
  std::string text;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (text.find("from elsewhere") == std::string::npos &&
         std::chrono::steady_clock::now() < give_up) {
    (void)(*follower)->produce(text);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_NE(text.find("from elsewhere"), std::string::npos) << text;
}

}  // namespace
}  // namespace agentaudit
