#include "store/recorded_ahead.h"

#include <gtest/gtest.h>

#include "agentaudit/store/sqlite_store.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

std::shared_ptr<SqliteStore> trail_of(int events) {
  auto store = SqliteStore::in_memory().value();
  Event event;
  event.category = "llm";
  for (int i = 0; i < events; ++i) EXPECT_TRUE(store->insert(event));
  return store;
}

TEST(RecordedAheadTest, GivesEveryEventOnceAndThenNone) {
  const auto store = trail_of(7);
  RecordedAhead ahead(*store, 1, 3, {});
  std::vector<EventId> ids;
  while (true) {
    const auto batch = ahead.next();
    ASSERT_TRUE(batch) << batch.error().message;
    if (batch->empty()) break;
    EXPECT_LE(batch->size(), 3U);
    for (const RecordedEvent& recorded : *batch) ids.push_back(recorded.event.id);
  }
  EXPECT_EQ(ids, (std::vector<EventId>{2, 3, 4, 5, 6, 7}));
  // What comes later is read the next time.
  Event event;
  event.category = "llm";
  ASSERT_TRUE(store->insert(event));
  EXPECT_EQ(ahead.next()->size(), 1U);
}

TEST(RecordedAheadTest, AnErrorOfTheStoreComesThrough) {
  const auto store = trail_of(4);
  RecordedAhead ahead(*store, 0, 2, {});
  ASSERT_TRUE(ahead.next());
  ASSERT_TRUE(store->close());
  // One batch may have been read before.
  auto next = ahead.next();
  if (next) next = ahead.next();
  EXPECT_EQ(error_code(next), ErrorCode::closed);
}

}  // namespace
}  // namespace agentaudit
