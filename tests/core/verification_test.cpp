#include "agentaudit/core/verification.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

TEST(Verification, EveryVerdictHasItsWord) {
  EXPECT_EQ(to_string(Verdict::intact), "intact");
  EXPECT_EQ(to_string(Verdict::incomplete), "incomplete");
  EXPECT_EQ(to_string(Verdict::tampered), "tampered");
  EXPECT_EQ(to_string(Verdict::rolled_back), "rolled_back");
}

TEST(Verification, EveryLevelOfProofHasItsWord) {
  EXPECT_EQ(to_string(ProofLevel::unsigned_tree), "unsigned");
  EXPECT_EQ(to_string(ProofLevel::signed_checkpoint), "signed");
  EXPECT_EQ(to_string(ProofLevel::anchored_checkpoint), "anchored");
}

TEST(Verification, AValueThatIsNoneIsUnknown) {
  EXPECT_EQ(to_string(static_cast<Verdict>(200)), "unknown");
  EXPECT_EQ(to_string(static_cast<ProofLevel>(200)), "unknown");
}

}  // namespace
}  // namespace agentaudit
