#include "cli/spool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "cli/agentaudit_process.h"
#include "cli/command_line.h"
#include "cli/kept_talk.h"
#include "cli/store_option.h"

namespace agentaudit {
namespace {

Event event(std::string summary) {
  Event out;
  out.timestamp = Timestamp::from_ns(1);
  out.category = "llm";
  out.summary = std::move(summary);
  return out;
}

class SpoolTest : public testing::Test {
 protected:
  std::vector<Event> stored() {
    ListOpts opts;
    opts.order = Order::commit;
    return (*store_)->list(opts)->events;
  }
  std::string importing() const { return directory_.trail().native() + ".spool.importing"; }

  TrailDirectory directory_;
  Spool spool_{directory_.trail()};
  Result<std::shared_ptr<SqliteStore>> store_ = SqliteStore::in_memory();
};

TEST_F(SpoolTest, WhatWasSetAsideIsStoredOnceInOrder) {
  ASSERT_TRUE(spool_.append(event("one")));
  ASSERT_TRUE(spool_.append(event("two\n\xff")));
  EXPECT_EQ(spool_.import_into(**store_, 10), 2);
  EXPECT_EQ(spool_.import_into(**store_, 10), 0);
  const auto events = stored();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].summary, "one");
  EXPECT_EQ(events[1].summary, "two\n\xff");
  EXPECT_EQ(spool_.waiting_bytes(), 0);
}

TEST_F(SpoolTest, TheFileIsForItsOwnerAlone) {
  ASSERT_TRUE(spool_.append(event("one")));
  struct stat status{};
  ASSERT_EQ(::stat(spool_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SpoolTest, AnEventStaysWhenItCannotBeStored) {
  ASSERT_TRUE(spool_.append(event("one")));
  ASSERT_TRUE((*store_)->close());
  const auto imported = spool_.import_into(**store_, 10);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::closed);
  EXPECT_GT(spool_.waiting_bytes(), 0);
  store_ = SqliteStore::in_memory();
  EXPECT_EQ(spool_.import_into(**store_, 10), 1);
}

TEST_F(SpoolTest, WhatCannotBeStoredNowIsSaid) {
  KeptTalk talk;
  StoreOption trail;
  CommandLine line;
  trail.declare(line);
  const std::string path = directory_.trail().native();
  const std::vector<const char*> words = {"--store", path.c_str()};
  ASSERT_TRUE(line.parse(words));
  ASSERT_TRUE(spool_.append(event("one")));
  ASSERT_TRUE((*store_)->close());
  import_spool(talk.context(), trail, **store_);
  EXPECT_EQ(talk.said().find("agentaudit: the spool waits: "), 0U) << talk.said();
  EXPECT_GT(spool_.waiting_bytes(), 0);
}

TEST_F(SpoolTest, ALineThatACrashCutShortDoesNotSwallowTheNext) {
  std::ofstream(spool_.path()) << R"({"category":"llm","summ)";
  ASSERT_TRUE(spool_.append(event("whole")));
  EXPECT_EQ(spool_.import_into(**store_, 10), 2);
  const auto events = stored();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].category, "audit");
  EXPECT_EQ(events[0].action, "gap");
  EXPECT_NE(events[0].detail.find("summ"), std::string::npos);
  EXPECT_EQ(events[1].summary, "whole");
}

TEST_F(SpoolTest, HasALimit) {
  ASSERT_TRUE(spool_.append(event("one")));
  // A sparse file takes no room.
  std::filesystem::resize_file(spool_.path(), SpoolFile::bytes_max);
  const auto refused = spool_.append(event("two"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::full);
}

TEST_F(SpoolTest, WhatADeadProcessLeftBehindIsFinished) {
  ASSERT_TRUE(spool_.append(event("left")));
  std::filesystem::rename(spool_.path(), importing());
  ASSERT_TRUE(spool_.append(event("new")));
  EXPECT_EQ(spool_.import_into(**store_, 10), 1);
  EXPECT_EQ(spool_.import_into(**store_, 10), 1);
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(SpoolTest, WhatAnotherProcessImportsIsLeftToIt) {
  ASSERT_TRUE(spool_.append(event("theirs")));
  std::filesystem::rename(spool_.path(), importing());
  const FileDescriptor other(::open(importing().c_str(), O_RDWR));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  ASSERT_TRUE(spool_.append(event("ours")));
  EXPECT_EQ(spool_.import_into(**store_, 10), 0);
  EXPECT_GT(spool_.waiting_bytes(), 0);
}

TEST_F(SpoolTest, AFewBatchesAtATimeStoreEachEventOnce) {
  constexpr int events = 4'096 * 2 + 10;
  {
    std::ofstream file(spool_.path());
    for (int i = 0; i < events; ++i) file << "{\"category\":\"llm\",\"summary\":\"" << i << "\"}\n";
  }
  std::int64_t imported = 0;
  for (int i = 0; i < 3; ++i) imported += *spool_.import_into(**store_, 1);
  EXPECT_EQ(imported, events);
  EXPECT_EQ(spool_.waiting_bytes(), 0);
  EXPECT_EQ((*store_)->stats({})->total, events);
}

}  // namespace
}  // namespace agentaudit
