// How to test an agent by its trail: the code under test gets an emitter whose store
// lives in memory, the test asks the store what happened.
#include <agentaudit/agentaudit.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

// The code under test: an agent that must not delete anything without an approval.
void delete_file(agentaudit::Emitter& emitter, const std::string& path, bool approved) {
  agentaudit::Event event;
  event.category = approved ? agentaudit::category::tool_call : agentaudit::category::approval;
  event.action = approved ? "execute" : "request";
  event.status = approved ? agentaudit::status::ok : agentaudit::status::denied;
  event.agent = "janitor";
  event.target = "delete_file";
  event.summary = "delete_file " + path;
  emitter.emit(event);
}

class JanitorTest : public testing::Test {
 protected:
  // What the trail holds of one status, oldest first.
  std::vector<agentaudit::Event> recorded(std::string_view status) {
    EXPECT_TRUE(emitter_.flush(std::chrono::seconds(5)));
    agentaudit::ListOpts opts;
    opts.statuses = {std::string(status)};
    opts.order = agentaudit::Order::oldest_first;
    return store_->list(opts).value().events;
  }

  std::shared_ptr<agentaudit::SqliteStore> store_ = agentaudit::SqliteStore::in_memory().value();
  agentaudit::BufferedEmitter emitter_{store_};

  void SetUp() override { ASSERT_TRUE(emitter_.start()); }
};

TEST_F(JanitorTest, DeletesWhatWasApproved) {
  delete_file(emitter_, "old.log", true);
  const auto events = recorded("ok");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].target, "delete_file");
  EXPECT_EQ(events[0].summary, "delete_file old.log");
}

TEST_F(JanitorTest, RecordsWhatWasDenied) {
  delete_file(emitter_, "payroll.db", false);
  const auto events = recorded("denied");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].category, "approval");
  EXPECT_TRUE(recorded("ok").empty());
}

}  // namespace
