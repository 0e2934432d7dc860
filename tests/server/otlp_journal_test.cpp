#include "server/otlp_journal.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "store/forked_child.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

using std::chrono::seconds;
using TimePoint = OtlpJournal::TimePoint;

constexpr TimePoint start{};

std::string record(const std::string& summary) {
  OtlpBatch batch;
  batch.events.emplace_back();
  batch.events.back().keyed.event.summary = summary;
  return OtlpJournal::record_of(batch);
}

class OtlpJournalTest : public testing::Test {
 protected:
  OtlpJournal open() {
    auto journal = OtlpJournal::open(trail_);
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(journal).value();
  }

  static std::vector<std::string> summaries(OtlpJournal& journal) {
    std::vector<std::string> summaries;
    for (const OtlpBatch& batch : journal.take_left()) {
      summaries.push_back(batch.events.at(0).keyed.event.summary);
    }
    return summaries;
  }

  ScratchDirectory scratch_;
  std::filesystem::path trail_ = scratch_ / "audit.db";
};

TEST_F(OtlpJournalTest, KeepsWhatWasAppendedForTheNextProcess) {
  {
    OtlpJournal journal = open();
    EXPECT_TRUE(summaries(journal).empty());
    ASSERT_TRUE(journal.append(record("first"), start));
    ASSERT_TRUE(journal.append(record("second"), start + seconds(1)));
  }
  OtlpJournal next = open();
  EXPECT_EQ(summaries(next), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(next.take_left().empty());
  // Until it is told that the trail has them.
  EXPECT_GT(OtlpJournal::waiting_bytes(trail_), 0);
  next.discard(std::nullopt);
  EXPECT_EQ(OtlpJournal::waiting_bytes(trail_), 0);
}

TEST_F(OtlpJournalTest, IsForItsOwnerAlone) {
  const OtlpJournal journal = open();
  struct stat status{};
  ASSERT_EQ(::stat((trail_.native() + ".otlp-0a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(OtlpJournalTest, PassesOverARecordThatWasNotWrittenToItsEnd) {
  {
    OtlpJournal journal = open();
    ASSERT_TRUE(journal.append(record("whole"), start));
  }
  const std::string cut = record("cut");
  for (std::size_t size = 1; size < cut.size(); ++size) {
    const std::filesystem::path path = trail_.native() + ".otlp-0a";
    const auto whole = std::filesystem::file_size(path);
    std::ofstream(path, std::ios::app | std::ios::binary) << cut.substr(0, size);
    OtlpJournal next = open();
    EXPECT_EQ(summaries(next), std::vector<std::string>{"whole"}) << size;
    std::filesystem::resize_file(path, whole);
  }
}

TEST_F(OtlpJournalTest, OfAnotherProcessIsLeftAlone) {
  OtlpJournal first = open();
  ASSERT_TRUE(first.append(record("of the first"), start));
  {
    OtlpJournal second = open();
    EXPECT_TRUE(summaries(second).empty());
    ASSERT_TRUE(second.append(record("of the second"), start));
    second.discard(start);
  }
  // The second is gone, and what it left is taken over by whoever comes next.
  OtlpJournal third = open();
  EXPECT_EQ(summaries(third), std::vector<std::string>{"of the second"});
}

TEST_F(OtlpJournalTest, TakesOverWhatSeveralProcessesLeft) {
  {
    OtlpJournal first = open();
    OtlpJournal second = open();
    ASSERT_TRUE(first.append(record("of the first"), start));
    ASSERT_TRUE(second.append(record("of the second"), start));
  }
  OtlpJournal next = open();
  EXPECT_EQ(summaries(next), (std::vector<std::string>{"of the second", "of the first"}));
  next.discard(std::nullopt);
  EXPECT_EQ(OtlpJournal::waiting_bytes(trail_), 0);
  EXPECT_FALSE(std::filesystem::exists(trail_.native() + ".otlp-1a"));
}

TEST_F(OtlpJournalTest, StaysSmallHoweverLongSomethingWaits) {
  OtlpJournal journal = open();
  const std::string some = record("some");
  for (int second = 0; second < 1'000; ++second) {
    ASSERT_TRUE(journal.append(some, start + seconds(second)));
    journal.discard(start + seconds(second - 5));
  }
  EXPECT_LT(OtlpJournal::waiting_bytes(trail_), static_cast<std::int64_t>(30 * some.size()));
  EXPECT_GE(OtlpJournal::waiting_bytes(trail_), static_cast<std::int64_t>(5 * some.size()));
}

TEST_F(OtlpJournalTest, SaysWhichFileItCannotOpen) {
  std::filesystem::create_directory(trail_.native() + ".otlp-0a");
  const auto journal = OtlpJournal::open(trail_);
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find(".otlp-0a"), std::string::npos);
}

TEST_F(OtlpJournalTest, IsOfOnlySoManyProcesses) {
  std::vector<OtlpJournal> journals;
  for (int i = 0; i < 16; ++i) journals.push_back(open());
  const auto more = OtlpJournal::open(trail_);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::busy);
  EXPECT_EQ(more.error().message,
            "16 processes take OTLP for " + trail_.native() + " already, which is their limit");
  journals.pop_back();
  EXPECT_TRUE(OtlpJournal::open(trail_));
}

TEST_F(OtlpJournalTest, KeepsNoPartOfWhatTheDiskCouldNotTake) {
  const std::string some = record("some");
  // A limit of the process stands for a disk that is full.
  const auto limit_file = [](rlim_t bytes) {
    rlimit limit{};
    (void)::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
  };
  ForkedChild child([&] {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    auto journal = OtlpJournal::open(trail_);
    if (!journal || !journal->append(some, start) || !limit_file(some.size() + 5)) return 1;
    const auto cut = journal->append(some, start);
    if (cut || cut.error().message.find(".otlp-0a") == std::string::npos) return 2;
    if (std::filesystem::file_size(trail_.native() + ".otlp-0a") != some.size()) return 3;
    return limit_file(RLIM_INFINITY) && journal->append(record("next"), start) ? 0 : 4;
  });
  EXPECT_EQ(child.wait(), 0);
  OtlpJournal next = open();
  EXPECT_EQ(summaries(next), (std::vector<std::string>{"some", "next"}));
}

}  // namespace
}  // namespace agentaudit
