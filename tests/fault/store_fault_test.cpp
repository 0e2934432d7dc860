// A store on a disk that fails: after a fault in any call, and after a power cut at any
// call, the trail is what was acknowledged, and takes more.
//
// AGENTAUDIT_FAULT_STRIDE says how many calls lie between two faults (1: every call fails
// once), AGENTAUDIT_POWER_CUTS how many power cuts there are, AGENTAUDIT_FAULT_SEED where to
// begin and what each cut leaves.

#include <gtest/gtest.h>

#include <set>

#include "fault/fault_trail.h"
#include "fault/fault_vfs.h"
#include "store/number_from_environment.h"
#include "store/scratch_directory.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

std::uint64_t seed() {
  return static_cast<std::uint64_t>(number_from_environment("AGENTAUDIT_FAULT_SEED", 1));
}

class StoreFaultTest : public testing::Test {
 protected:
  // How many calls an undisturbed recording makes.
  std::int64_t calls() {
    const ScratchDirectory scratch;
    faults_.mend();
    FaultTrail trail(scratch / "audit.db");
    trail.record();
    EXPECT_TRUE(trail.errors().empty()) << trail.errors().front();
    const std::int64_t calls = faults_.calls();
    EXPECT_EQ(trail.complaint(), "");
    return calls;
  }

  // Fails `count` calls from each n-th on, in a recording of its own. Which kinds of calls
  // were the first to fail is returned.
  std::set<std::string> fail_everywhere(std::int64_t count) {
    std::set<std::string> kinds;
    const std::int64_t all = calls();
    const std::int64_t stride = number_from_environment("AGENTAUDIT_FAULT_STRIDE", 2);
    for (std::int64_t n = 1 + static_cast<std::int64_t>(seed()) % stride; n <= all; n += stride) {
      const ScratchDirectory scratch;
      FaultTrail trail(scratch / "audit.db");
      faults_.mend();
      faults_.fail(n, count);
      trail.record();
      const std::string failed = faults_.failed();
      kinds.insert(failed);
      faults_.mend();
      EXPECT_EQ(trail.complaint(), "")
          << "after a fault in call " << n << " (" << failed << ")"
          << (trail.errors().empty() ? "" : ", told as " + trail.errors().front());
      if (HasFailure()) break;
      for (const std::string& error : trail.errors()) {
        EXPECT_NE(error.find("audit.db"), std::string::npos) << error << " names no file";
      }
    }
    RecordProperty("calls", static_cast<int>(all));
    return kinds;
  }

  FaultVfs faults_{seed()};
};

TEST_F(StoreFaultTest, OneFailedCallLosesNothingThatWasAcknowledged) {
  const std::set<std::string> kinds = fail_everywhere(1);
  for (const char* kind : {"read", "write", "sync", "shm_lock"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind << " never failed";
  }
}

TEST_F(StoreFaultTest, ADiskThatFailsFromThenOnLosesNothingThatWasAcknowledged) {
  EXPECT_FALSE(fail_everywhere(FaultVfs::never / 2).empty());
}

TEST_F(StoreFaultTest, APowerCutAtAnyCallLosesNothingThatWasAcknowledged) {
  const std::int64_t all = calls();
  const std::int64_t cuts = number_from_environment("AGENTAUDIT_POWER_CUTS", 400);
  std::size_t acknowledged = 0;
  for (std::int64_t cut = 0; cut < cuts; ++cut) {
    // Spread over the recording, and on in further rounds with other sectors lost.
    const std::int64_t n = 1 + (cut * all / cuts + static_cast<std::int64_t>(seed())) % all;
    const ScratchDirectory scratch;
    FaultTrail trail(scratch / "audit.db");
    faults_.mend();
    faults_.cut_power(n);
    trail.record();
    acknowledged += trail.acknowledged();
    faults_.restart();
    ASSERT_EQ(trail.complaint(), "") << "after a power cut at call " << n;
  }
  EXPECT_GT(acknowledged, 0U);
}

TEST_F(StoreFaultTest, ADiskThatIsFullForAWhileLosesNothingAndWorksAgain) {
  const ScratchDirectory scratch;
  const auto store = SqliteStore::open(scratch / "audit.db", {.wal_pages = 4});
  ASSERT_TRUE(store);
  Event event = event_at(at(1));
  event.detail = std::string(20'000, 'x');
  faults_.set_space(400'000);
  std::int64_t stored = 0;
  Result<EventId> id = 0;
  while ((id = (*store)->insert(event)) && stored < 1'000) ++stored;
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::full) << id.error().message;
  EXPECT_EQ((*store)->list({})->total, stored);
  faults_.set_space(FaultVfs::never);
  EXPECT_EQ((*store)->insert(event).value_or(0), stored + 1);
  EXPECT_TRUE((*store)->check({}));
}

}  // namespace
}  // namespace agentaudit
