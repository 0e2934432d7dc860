// FleetHubs over a server that does not answer.
#include "server/fleet_hubs.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "store/least_store.h"

namespace agentaudit {
namespace {

// A trail of a fleet whose server answers once it is told to.
class HangingStore final : public LeastStore {
 public:
  explicit HangingStore(std::string trail) : trail_(std::move(trail)) {}

  void answer() {
    const std::lock_guard guard(mutex_);
    answers_ = true;
    changed_.notify_all();
  }
  void wait_until_asked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_; });
  }

  Result<std::string> trail_id() override { return trail_; }
  Result<EventId> last_id() override {
    std::unique_lock lock(mutex_);
    asked_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return answers_; });
    return 7;
  }
  Result<ListResult> list(const ListOpts& /*opts*/, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, std::move(stop), [&] { return answers_; })) {
      return fail(ErrorCode::cancelled, "stopped");
    }
    return ListResult();
  }

 private:
  const std::string trail_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  bool asked_ = false;
  bool answers_ = false;
};

// Each wait of these ends on its own only where nobody else is held up.
class FleetHubsTest : public testing::Test {
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
