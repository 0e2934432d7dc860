// What the API answers about a fleet in a real ClickHouse.

#include <algorithm>
#include <chrono>
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
#include "server/fleet_hubs.h"
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

  // What a stream says until it says this, for ten seconds at most.
  static std::string read_until(BodySource& source, std::string_view wanted) {
    std::string text;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (text.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < give_up) {
      if (source.produce(text) == BodySource::State::wait) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    EXPECT_NE(text.find(wanted), std::string::npos) << text;
    return text;
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

TEST_F(FleetApiTest, ATrailIsFollowedAsItsEventsArrive) {
  HttpResponse of_a = ask("/api/v1/audit/stream?last_event_id=28&trail=" + trail_a);
  HttpResponse of_b = ask("/api/v1/audit/stream?trail=" + trail_b);
  ASSERT_EQ(of_a.status, 200) << of_a.body;
  ASSERT_EQ(of_b.status, 200) << of_b.body;
  const std::vector<Event> more = events(32);
  ASSERT_TRUE(send(trail_a, {more.begin() + 30, more.end()}));
  const std::string text = read_until(*of_a.source, "id: 32\n");
  for (const char* const id : {"id: 29\n", "id: 30\n", "id: 31\n", "id: 32\n"}) {
    EXPECT_NE(text.find(id), std::string::npos) << id << text;
  }
  EXPECT_EQ(text.find("id: 28\n"), std::string::npos) << "it was seen before";
  ASSERT_TRUE(send(trail_b, {more.begin() + 20, more.begin() + 21}));
  const std::string other = read_until(*of_b.source, "id: 21\n");
  EXPECT_EQ(other.find("id: 3"), std::string::npos) << "that is of the other trail: " << other;
  api_->stop();
  std::string rest;
  EXPECT_EQ(of_a.source->produce(rest), BodySource::State::end);
}

TEST_F(FleetApiTest, AnExportHasTheEventsOfAllTrailsAndNamesThem) {
  const HttpResponse answer = ask("/api/v1/audit/export");
  ASSERT_EQ(answer.status, 200) << answer.body;
  std::string lines;
  while (answer.source->produce(lines) == BodySource::State::more) continue;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 50);
  EXPECT_NE(lines.find("{\"trail\":\"" + trail_b + "\",\"id\":20,"), std::string::npos) << lines;
}

TEST_F(FleetApiTest, ATrailsEventsAreProved) {
  EXPECT_EQ(get("/api/v1/audit/7/proof?trail=" + trail_a)["tree"]["size"], 30);
  const json bundle = get("/api/v1/audit/bundle?category=llm&trail=" + trail_b);
  EXPECT_EQ(bundle["tree"]["trail_id"], trail_b);
  EXPECT_EQ(bundle["events"].size(), 20U);
}

TEST_F(FleetApiTest, SoManyFollowSoManyTrailsAndNotMore) {
  const std::shared_ptr<Store> fleet = open();
  FleetHubs hubs({.followers_max = FleetHubs::hubs_max + 1});
  const auto follow = [&](std::size_t number) {
    std::string trail = std::to_string(number);
    trail.resize(32, 'e');
    return hubs.follow(*fleet->of_trails({trail}), {}, {});
  };
  std::vector<std::unique_ptr<BodySource>> followers;
  for (std::size_t i = 0; i < FleetHubs::hubs_max; ++i) {
    auto follower = follow(i);
    ASSERT_TRUE(follower) << follower.error().message;
    followers.push_back(std::move(*follower));
  }
  EXPECT_EQ(error_code(follow(FleetHubs::hubs_max)), ErrorCode::full) << "so many trails";
  {
    const auto second = follow(0);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(hubs.followers(), FleetHubs::hubs_max + 1);
    EXPECT_EQ(error_code(follow(0)), ErrorCode::full) << "so many clients";
  }
  followers.erase(followers.begin());
  EXPECT_TRUE(follow(FleetHubs::hubs_max)) << "one is followed no longer";
  hubs.stop();
  EXPECT_EQ(error_code(follow(0)), ErrorCode::closed);
}

TEST_F(FleetApiTest, WhatAFleetCannotDoIsSaid) {
  get("/api/v1/audit/stream", 501);
  get("/api/v1/audit/stream?trail=" + trail_a + "," + trail_b, 501);
  get("/api/v1/audit/verify", 501);
  get("/api/v1/audit/verify?trail=" + trail_a + "," + trail_b, 501);
  get("/api/v1/audit/7/proof", 501);
  get("/api/v1/audit/bundle?trail=" + trail_a + "," + trail_b, 501);
  get("/readyz");
}

}  // namespace
}  // namespace agentaudit
