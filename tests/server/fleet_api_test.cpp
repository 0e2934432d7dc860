// What the API answers about a fleet in a real ClickHouse.

#include <algorithm>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "ledger/checkpoint.h"
#include "server/api.h"
#include "server/fleet_verifiers.h"
#include "store/clickhouse_fleet.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using nlohmann::json;

std::vector<Event> events(int count) {
  std::vector<Event> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].id = static_cast<EventId>(i) + 1;
    all[i].timestamp = Timestamp::now();
    all[i].category = "llm";
    all[i].status = "ok";
  }
  return all;
}

class FleetApiTest : public ClickhouseFleetTest {
 protected:
  void SetUp() override {
    ClickhouseFleetTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(send(trail_a, events(30)));
    ASSERT_TRUE(send(trail_b, events(20)));
    api_ = std::make_unique<Api>(std::shared_ptr<Store>(open()), ApiOptions{});
  }

  HttpResponse ask(const std::string& target) {
    HttpRequest request;
    request.method = "GET";
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    request.query = target.substr(std::min(mark + 1, target.size()));
    request.headers.push_back({.name = "Host", .value = "localhost"});
    return api_->handle(request);
  }
  json get(const std::string& target, int status = 200) {
    const HttpResponse response = ask(target);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body);
  }

  std::unique_ptr<Api> api_;
};

TEST_F(FleetApiTest, AQuestionIsAboutTheTrailsThatItNames) {
  EXPECT_EQ(get("/api/v1/audit/stats")["total"], 50);
  EXPECT_EQ(get("/api/v1/audit/stats?trail=" + trail_a)["total"], 30);
  EXPECT_EQ(get("/api/v1/audit/stats?trail=" + trail_a + "," + trail_b)["total"], 50);
  EXPECT_EQ(get("/api/v1/audit?limit=5&trail=" + trail_b)["total"], 20);
  EXPECT_EQ(get("/api/v1/audit/7?trail=" + trail_b)["id"], 7);
  get("/api/v1/audit/7", 400);  // it is in both
  get("/api/v1/audit/stats?trail=none", 400);
  get("/api/v1/audit/7?trail=" + trail_b + "&else=1", 400);
}

TEST_F(FleetApiTest, ItsTrailsAreListedAndThoseInTroubleFirst) {
  const std::vector<Event> late = events(3);
  const std::vector<RecordedEvent> recorded = recorded_events(late);
  const std::string gaps(32, 'c');
  ASSERT_TRUE(writer_->insert(gaps, std::span(recorded).subspan(1)));
  const json answer = get("/api/v1/audit/trails");
  EXPECT_EQ(answer["fleet"], true);
  ASSERT_EQ(answer["trails"].size(), 3U);
  EXPECT_EQ(answer["trails"][0]["trail"], gaps);
  EXPECT_EQ(answer["trails"][0]["state"], "gaps");
  EXPECT_EQ(answer["trails"][0]["missing"], 1);
}

TEST_F(FleetApiTest, AStoreOfSomeTrailsIsKeptUntilThereAreTooMany) {
  FleetStores stores{std::shared_ptr<Store>(open())};
  const auto first = stores.of({trail_a});
  ASSERT_TRUE(first);
  EXPECT_EQ(*stores.of({trail_a}), *first);
  for (std::size_t i = 0; i < FleetStores::kept_max; ++i) {
    std::string trail = std::to_string(i);
    trail.resize(32, 'e');
    ASSERT_TRUE(stores.of({trail}));
  }
  EXPECT_NE(*stores.of({trail_a}), *first);
  EXPECT_EQ((*first)->stats(StatsOpts{})->total, 30);
}

TEST_F(FleetApiTest, EachTrailIsVerifiedByItself) {
  const auto verdict = [&](const std::string& trail) {
    json answer;
    do {
      answer = get("/api/v1/audit/verify?trail=" + trail);
    } while (answer["running"]);
    return answer["verification"]["trail_id"];
  };
  EXPECT_EQ(verdict(trail_a), trail_a);
  EXPECT_EQ(verdict(trail_b), trail_b);
  EXPECT_EQ(verdict(trail_a), trail_a);
}

TEST_F(FleetApiTest, ATrailsNewestCheckpointIsTheOneThatWasShipped) {
  get("/checkpoint?trail=" + trail_a, 404);
  get("/checkpoint", 501);
  const auto signer = NoteSigner::generate("own.example").value();
  const std::string note =
      sign_checkpoint({.origin = "own.example/" + trail_a, .size = 30}, signer).value();
  ASSERT_TRUE(writer_->checkpoint(trail_a, note));
  EXPECT_EQ(ask("/checkpoint?trail=" + trail_a).body, note);
  get("/checkpoint?trail=" + trail_b, 404);
}

TEST_F(FleetApiTest, SoManyTrailsAreVerifiedAtATimeAndNotMore) {
  // Each run waits for the others to be asked for.
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  FleetVerifiers verifiers([gone](Store&) {
    gone.wait();
    return VerifyOpts{};
  });
  const std::shared_ptr<Store> fleet = open();
  const auto ask = [&](std::size_t number, bool fresh = false) {
    std::string trail = std::to_string(number);
    trail.resize(32, 'e');
    return verifiers.answer(*fleet->of_trails({trail}), fresh);
  };
  for (std::size_t i = 0; i < FleetVerifiers::running_max; ++i) ASSERT_TRUE(ask(i));
  EXPECT_EQ(error_code(ask(FleetVerifiers::running_max)), ErrorCode::busy);
  EXPECT_NE(ask(0)->find(R"("running":true)"), std::string::npos);
  EXPECT_TRUE(ask(0, true));
  go.set_value();
  for (std::size_t i = 0; i < FleetVerifiers::kept_max + 5; ++i) {
    while (error_code(ask(i)) == ErrorCode::busy) std::this_thread::yield();
  }
  verifiers.stop();
}

TEST_F(FleetApiTest, WhatAFleetCannotDoIsSaid) {
  get("/api/v1/audit/stream?trail=" + trail_a, 501);
  get("/api/v1/audit/verify?trail=" + trail_a + "," + trail_b, 501);
  get("/api/v1/audit/7/proof?trail=" + trail_a, 501);
  get("/readyz");
}

}  // namespace
}  // namespace agentaudit
