#include "render/verification_view.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace agentaudit {
namespace {

Verification sample() {
  Verification result;
  result.trail_id = "0123456789abcdef0123456789abcdef";
  result.events = 1'200;
  result.leaves = 1'234;
  return result;
}

TEST(VerificationView, SaysWhatTheVerdictRestsOn) {
  EXPECT_EQ(verification_view(sample(), {}),
            "intact  Nothing is changed, and nothing is known to be missing.\n"
            "\n"
            "  trail     0123456789abcdef0123456789abcdef\n"
            "  level     unsigned: whoever can write the file could have computed its tree anew\n"
            "  events    1,200 compared with their leaves\n"
            "  leaves    1,234\n");
  Verification result = sample();
  result.level = ProofLevel::anchored_checkpoint;
  result.pruned = 20;
  result.redacted = 3;
  result.absent = 10;
  result.waiting = 4;
  result.sealed = 1'000;
  result.root = "cm9vdA==";
  EXPECT_EQ(verification_view(result, {}),
            "intact  Nothing is changed, and nothing is known to be missing.\n"
            "\n"
            "  trail     0123456789abcdef0123456789abcdef\n"
            "  level     anchored: a checkpoint that was kept elsewhere agrees with the tree\n"
            "  events    1,200 compared with their leaves\n"
            "  pruned    20, as the trail records\n"
            "  redacted  3, as the trail records\n"
            "  absent    10 gone before the ledger began\n"
            "  waiting   4 without a leaf yet\n"
            "  leaves    1,234, 1,000 of them sealed\n"
            "  root      cm9vdA==\n");
}

TEST(VerificationView, HasASentenceAndAColourForEachVerdict) {
  for (const auto& [verdict, start] :
       {std::pair(Verdict::intact, "\x1b[32mintact\x1b[0m  Nothing is changed, and nothing is"),
        std::pair(Verdict::incomplete,
                  "\x1b[33mincomplete\x1b[0m  Nothing is changed, but the trail records"),
        std::pair(Verdict::tampered, "\x1b[31mtampered\x1b[0m  Something is changed, or gone"),
        std::pair(Verdict::rolled_back,
                  "\x1b[31mrolled_back\x1b[0m  The trail is shorter than its anchor")}) {
    Verification result = sample();
    result.verdict = verdict;
    const std::string view = verification_view(result, {.columns = 0, .colours = true});
    EXPECT_TRUE(view.starts_with(start)) << view;
  }
}

TEST(VerificationView, ShowsTheFirstTenFindingsAndMakesThemSafe) {
  Verification result = sample();
  result.integrity.total = 1;
  result.integrity.first = {{.id = 7, .what = "event 7 is \x1b[2Jgone"}};
  result.completeness.total = 1'500;
  for (int i = 1; i <= 12; ++i) {
    result.completeness.first.push_back({.id = i, .what = "intent " + std::to_string(i)});
  }
  const std::string view = verification_view(result, {});
  EXPECT_NE(view.find("\nIntegrity: 1 finding\n  event 7 is "), std::string::npos) << view;
  EXPECT_EQ(view.find('\x1b'), std::string::npos) << view;
  EXPECT_NE(view.find("\nCompleteness: 1,500 findings\n  intent 1\n"), std::string::npos) << view;
  EXPECT_TRUE(view.ends_with("  intent 10\n  and 1,490 more\n")) << view;
}

}  // namespace
}  // namespace agentaudit
