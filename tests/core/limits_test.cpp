#include "agentaudit/core/limits.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

// The documents name these numbers.
TEST(Limits, AreTheDocumentedOnes) {
  EXPECT_EQ(limits::event_bytes_max, 1'048'576U);
  EXPECT_EQ(limits::line_bytes_max, 16'777'216U);
  EXPECT_EQ(limits::batch_events_max, 10'000U);
  EXPECT_EQ(limits::page_events_default, 50);
  EXPECT_EQ(limits::page_events_max, 1'000);
}

}  // namespace
}  // namespace agentaudit
