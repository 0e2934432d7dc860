#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/agentaudit_process.h"
#include "core/file_descriptor.h"

#include <fcntl.h>

namespace agentaudit {
namespace {

using Json = nlohmann::json;

std::string line(const std::string& summary) {
  return R"({"category":"llm","summary":")" + summary + "\"}\n";
}

std::vector<Json> exported(const TrailDirectory& directory) {
  const Finished finished = directory.run({"export"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  std::vector<Json> events;
  std::size_t start = 0;
  for (std::size_t end; (end = finished.out.find('\n', start)) != std::string::npos;
       start = end + 1) {
    events.push_back(Json::parse(finished.out.substr(start, end - start)));
  }
  return events;
}

TEST(Record, StandardInputIsRecordedInOrder) {
  const TrailDirectory directory;
  const Finished recorded = directory.run({"record"}, line("one") + line("two"));
  EXPECT_EQ(recorded.status, 0);
  EXPECT_EQ(recorded.out, "");
  EXPECT_EQ(recorded.err, "");
  const auto events = exported(directory);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["summary"], "one");
  EXPECT_EQ(events[1]["id"], 2);
}

TEST(Record, AnIdIsPrintedOnceItsEventIsDurableAndTheProducerNeedNotEnd) {
  const TrailDirectory directory;
  Running recorder(directory, {"record", "--ack"});
  recorder.write(line("one"));
  EXPECT_EQ(recorder.read_line(), "1");
  EXPECT_EQ(exported(directory).size(), 1U);
  recorder.write(line("two") + line("three"));
  EXPECT_EQ(recorder.read_line(), "2");
  EXPECT_EQ(recorder.read_line(), "3");
  recorder.close_input();
  EXPECT_EQ(recorder.wait(), 0);
}

TEST(Record, ABadLineIsNamedAndTheRestIsRecorded) {
  const TrailDirectory directory;
  const Finished recorded =
      directory.run({"record", "--ack"}, line("one") + "{broken\n\n" +
                                             R"({"category":"llm","timestamp":"yesterday"})" +
                                             "\n" + line("two"));
  EXPECT_EQ(recorded.status, 1);
  EXPECT_EQ(recorded.out, "1\n2\n");
  EXPECT_NE(recorded.err.find("line 2: "), std::string::npos) << recorded.err;
  EXPECT_NE(recorded.err.find("line 4: \"timestamp\": "), std::string::npos) << recorded.err;
  EXPECT_NE(recorded.err.find("recorded 2 events, refused 2 lines"), std::string::npos);
}

TEST(Record, FilesAreNamedInComplaints) {
  const TrailDirectory directory;
  const auto file = directory.file("a.jsonl", line("one") + "nonsense");
  const Finished recorded = directory.run({"record", file.native(), "-"}, line("two"));
  EXPECT_EQ(recorded.status, 1);
  EXPECT_NE(recorded.err.find("a.jsonl: line 2: "), std::string::npos) << recorded.err;
  EXPECT_EQ(exported(directory).size(), 2U);
}

TEST(Record, AFileThatIsNotThereIsSaid) {
  const TrailDirectory directory;
  const Finished recorded = directory.run({"record", "/nowhere/at/all"});
  EXPECT_EQ(recorded.status, 3);
  EXPECT_NE(recorded.err.find("/nowhere/at/all"), std::string::npos);
}

TEST(Record, ADetailThatIsTooLongIsCutAndCounted) {
  const TrailDirectory directory;
  const std::string detail(3U << 20U, 'x');
  const Finished recorded =
      directory.run({"record"}, R"({"category":"llm","detail":")" + detail + "\"}\n");
  EXPECT_EQ(recorded.status, 0);
  EXPECT_NE(recorded.err.find("cut the detail of 1 event"), std::string::npos) << recorded.err;
  const Json kept = Json::parse(exported(directory).at(0)["detail"].get<std::string>());
  EXPECT_EQ(kept["truncated"], true);
  EXPECT_EQ(kept["bytes"], detail.size());
}

TEST(Record, TenThousandLinesAreRecordedOnceEach) {
  const TrailDirectory directory;
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += line(std::to_string(i));
  const Finished recorded = directory.run({"record", "--ack"}, lines);
  EXPECT_EQ(recorded.status, 0);
  EXPECT_EQ(std::count(recorded.out.begin(), recorded.out.end(), '\n'), 10'000);
  const auto events = exported(directory);
  ASSERT_EQ(events.size(), 10'000U);
  EXPECT_EQ(events.back()["summary"], "9999");
}

TEST(Record, AReaderOfAcknowledgementsThatGoesAwayDoesNotStopTheRecording) {
  const TrailDirectory directory;
  Running recorder(directory, {"record", "--ack"});
  recorder.close_output();
  recorder.write(line("one"));
  recorder.write(line("two"));
  recorder.close_input();
  EXPECT_EQ(recorder.wait(), 0);
  EXPECT_EQ(exported(directory).size(), 2U);
}

TEST(Record, ASignalFinishesWhatHasCome) {
  for (const int number : {SIGINT, SIGTERM}) {
    const TrailDirectory directory;
    Running recorder(directory, {"record", "--ack"});
    recorder.write(line("one"));
    EXPECT_EQ(recorder.read_line(), "1");
    recorder.signal(number);
    EXPECT_EQ(recorder.wait(), 130);
    EXPECT_EQ(exported(directory).size(), 1U);
  }
}

TEST(Record, FollowsAFileThroughItsRotation) {
  const TrailDirectory directory;
  const auto file = directory.file("agent.jsonl", line("one"));
  Running recorder(directory, {"record", "--ack", "--follow", file.native()});
  EXPECT_EQ(recorder.read_line(), "2");
  std::ofstream(file, std::ios::app) << line("two");
  EXPECT_EQ(recorder.read_line(), "3");
  std::filesystem::rename(file, file.native() + ".1");
  std::ofstream(file) << line("three");
  EXPECT_EQ(recorder.read_line(), "4");
  recorder.signal(SIGINT);
  EXPECT_EQ(recorder.wait(), 130);
}

TEST(Record, ABusyTrailIsWaitedForAndSaidOnce) {
  const TrailDirectory directory;
  directory.record(line("first"));
  const FileDescriptor lock(::open((directory.trail().native() + ".lock").c_str(), O_RDWR));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  Running recorder(directory, {"record", "--ack"});
  recorder.write(line("second"));
  EXPECT_NE(recorder.read_error_line().find("trying again for 30.0 s"), std::string::npos);
  ASSERT_EQ(::flock(lock.get(), LOCK_UN), 0);
  EXPECT_EQ(recorder.read_line(), "2");
  recorder.close_input();
  EXPECT_EQ(recorder.wait(), 0);
}

TEST(Record, WhenThePatienceEndsItSaysWhereToGoOn) {
  const TrailDirectory directory;
  directory.record(line("first"));
  Running recorder(directory, {"record", "--ack", "--retry-for", "0s"});
  recorder.write(line("one"));
  EXPECT_EQ(recorder.read_line(), "2");
  const FileDescriptor lock(::open((directory.trail().native() + ".lock").c_str(), O_RDWR));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  recorder.write(line("two"));
  std::string said = recorder.read_error_line();
  for (int i = 0; i < 3 && said.find("go on from line") == std::string::npos; ++i) {
    said = recorder.read_error_line();
  }
  EXPECT_NE(said.find("recorded 1 event; go on from line 2"), std::string::npos) << said;
  EXPECT_EQ(recorder.wait(), 3);
}

TEST(Record, TheTrailIsForItsOwnerAlone) {
  const TrailDirectory directory;
  directory.record(line("one"));
  struct stat status{};
  ASSERT_EQ(::stat(directory.trail().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Record, WrongOptionsAreUsageErrors) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"record", "--retry-for", "soon"}).status, 2);
  EXPECT_EQ(directory.run({"record", "--follow", "a", "b"}).status, 2);
  EXPECT_EQ(directory.run({"record", "--no-such"}).status, 2);
}

}  // namespace
}  // namespace agentaudit
