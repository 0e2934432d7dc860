// What every store has to do, whatever keeps its events. A store takes part with one
// line in a file of its own:
//
//   INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance, testing::Values(postgres_factory()),
//                            store_name);
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/core/names.h"
#include "agentaudit/store/store.h"
#include "ledger/note_signer.h"
#include "store/scratch_directory.h"

namespace agentaudit {

struct StoreFactory {
  using Open = std::function<Result<std::shared_ptr<Store>>(const std::filesystem::path& scratch,
                                                            const OpenStoreOptions& options)>;

  std::string name;
  // A store without events. `scratch` is the test's own directory; its path is unique.
  Open make;
  // Opens again what `make` made. Empty: the events end with the store.
  Open reopen;

  friend std::ostream& operator<<(std::ostream& out, const StoreFactory& factory) {
    return out << factory.name;
  }
};

inline std::string store_name(const testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
}

// An instant in seconds, for tests to which only the order matters.
constexpr Timestamp at(std::int64_t seconds) { return Timestamp::from_ns(seconds * 1'000'000'000); }

// A plain event; what a test is about is set on it.
inline Event event_at(Timestamp timestamp, std::string summary = "a summary") {
  Event event;
  event.timestamp = timestamp;
  event.category = "tool_call";
  event.action = "execute";
  event.agent = "researcher";
  event.summary = std::move(summary);
  event.detail = "{}";
  event.status = "ok";
  event.source = "engine";
  return event;
}

class StoreConformance : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    auto made = GetParam().make(home_, options_);
    ASSERT_TRUE(made) << made.error().message;
    store_ = std::move(*made);
  }

  // Takes another store without events, one that signs.
  void sign_with(const NoteSigner& key) {
    home_ = scratch_ / "signed";
    std::filesystem::create_directory(home_);
    options_.signing_key = *key.private_text();
    options_.checkpoint_directory = scratch_ / "checkpoints";
    SetUp();
  }

  // Closes the store and opens it again. Skips the test where nothing would be left.
  void reopen() {
    if (!GetParam().reopen) GTEST_SKIP() << "its events end with the store";
    ASSERT_TRUE(store_->close());
    auto opened = GetParam().reopen(home_, options_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  EventId insert(const Event& event) {
    const auto id = store_->insert(event);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(0);
  }

  void insert_all(const std::vector<Event>& events) {
    const std::vector<EventView> views(events.begin(), events.end());
    const auto range = store_->insert_batch(views);
    ASSERT_TRUE(range) << range.error().message;
  }

  ListResult list(const ListOpts& opts = {}) {
    auto result = store_->list(opts);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(ListResult{});
  }

  // The ids of one page, as they came.
  std::vector<EventId> ids(const ListOpts& opts = {}) {
    std::vector<EventId> ids;
    for (const Event& event : list(opts).events) ids.push_back(event.id);
    return ids;
  }

  // The ids that match, on one page. Every order must find the same, and the total agree.
  std::vector<EventId> found(ListOpts opts) {
    std::vector<EventId> first;
    for (const Order order : {Order::commit, Order::oldest_first, Order::newest_first}) {
      opts.order = order;
      const ListResult page = list(opts);
      std::vector<EventId> ids;
      for (const Event& event : page.events) ids.push_back(event.id);
      std::sort(ids.begin(), ids.end());
      if (order == Order::commit) first = ids;
      EXPECT_EQ(ids, first);
      EXPECT_EQ(page.total, static_cast<std::int64_t>(ids.size()));
      EXPECT_TRUE(page.total_exact);
    }
    return first;
  }

  std::vector<EventId> open_ids(const OpenIntentsOpts& opts = {}) {
    const auto result = store_->open_intents(opts, {});
    EXPECT_TRUE(result) << result.error().message;
    std::vector<EventId> ids;
    for (const Event& event : result->events) ids.push_back(event.id);
    return ids;
  }

  // The events that are no records of the trail.
  std::vector<EventId> own_ids() {
    std::vector<EventId> ids;
    for (const Event& event : list({.limit = 1'000, .order = Order::commit}).events) {
      if (event.category != category::audit) ids.push_back(event.id);
    }
    return ids;
  }

  Event last_event() {
    const ListResult page = list({.limit = 1, .order = Order::newest_first});
    return page.events.empty() ? Event{} : page.events.front();
  }

  void expect_intact() {
    const auto verified = store_->verify({}, {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->verdict, Verdict::intact);
    for (const VerifyFinding& finding : verified->integrity.first) ADD_FAILURE() << finding.what;
  }

  Stats stats(const StatsOpts& opts = {}) {
    auto result = store_->stats(opts);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Stats{});
  }

  std::int64_t prune(Timestamp cutoff) {
    const auto deleted = store_->prune_before(cutoff);
    EXPECT_TRUE(deleted) << deleted.error().message;
    return deleted.value_or(-1);
  }

  ScratchDirectory scratch_;
  std::filesystem::path home_ = scratch_.path();
  OpenStoreOptions options_;
  std::shared_ptr<Store> store_;
};

using Ids = std::vector<EventId>;

}  // namespace agentaudit
