// FleetHubs over a server that does not answer.
#include "server/fleet_hubs.h"

#include <future>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "emit/sinks.h"
#include "store/least_store.h"

namespace agentaudit {
namespace {

// A trail of a fleet whose server answers once it is told to.
class HangingStore final : public LeastStore {
 public:
  explicit HangingStore(std::string trail) : trail_(std::move(trail)) {}

  void answer() { gate_.open(); }
  void wait_until_asked() { gate_.wait_for_visitor(); }

  Result<std::string> trail_id() override { return trail_; }
  Result<EventId> last_id() override {
    gate_.pass();
    return 7;
  }
  Result<ListResult> list(const ListOpts& /*opts*/, std::stop_token /*stop*/) override {
    return ListResult();
  }

 private:
  const std::string trail_;
  testing::Gate gate_;
};

// Each wait of these ends on its own only where nobody else is held up.
class FleetHubsTest : public ::testing::Test {
 protected:
  using Follower = Result<std::unique_ptr<BodySource>>;

  std::future<Follower> follow_hanging() {
    auto following =
        std::async(std::launch::async, [this] { return hubs_.follow(hanging_, {}, {}); });
    hanging_->wait_until_asked();
    return following;
  }

  const std::shared_ptr<HangingStore> hanging_ = std::make_shared<HangingStore>("hanging");
  const std::shared_ptr<HangingStore> other_ = std::make_shared<HangingStore>("other");
  FleetHubs hubs_{{}};
};

TEST_F(FleetHubsTest, AServerThatHangsHoldsUpNoOtherTrail) {
  auto following = follow_hanging();
  EXPECT_EQ(hubs_.followers(), 1U) << "who is about to follow counts";
  other_->answer();
  const Follower of_other = hubs_.follow(other_, {}, {});
  EXPECT_TRUE(of_other);
  EXPECT_EQ(hubs_.followers(), 2U);
  hanging_->answer();
  const Follower late = following.get();
  EXPECT_TRUE(late) << late.error().message;
  EXPECT_EQ(hubs_.followers(), 2U);
}

TEST_F(FleetHubsTest, AServerThatHangsDoesNotHoldUpTheEnd) {
  auto following = follow_hanging();
  hubs_.stop();
  hanging_->answer();
  EXPECT_EQ(following.get().error().code, ErrorCode::closed);
}

}  // namespace
}  // namespace agentaudit
