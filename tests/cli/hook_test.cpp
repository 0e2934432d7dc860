#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "cli/agentaudit_process.h"
#include "core/file_descriptor.h"

namespace agentaudit {
namespace {

constexpr std::string_view payload =
    R"({"session_id":"s1","hook_event_name":"PreToolUse","tool_name":"Bash",)"
    R"("tool_input":{"command":"ls"},"tool_use_id":"t1"})";

void expect_silent(const Finished& finished) {
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err, "");
}

std::string total(const TrailDirectory& directory) {
  const Finished stats = directory.run({"stats", "--json"});
  EXPECT_EQ(stats.status, 0) << stats.err;
  return nlohmann::json::parse(stats.out)["total"].dump();
}

TEST(Hook, RecordsAPayloadInSilence) {
  const TrailDirectory directory;
  expect_silent(directory.run({"hook"}, payload));
  const Finished listed = directory.run({"list", "--json"});
  const auto event = nlohmann::json::parse(listed.out);
  EXPECT_EQ(event["category"], "tool_call");
  EXPECT_EQ(event["status"], "pending");
  EXPECT_EQ(event["target"], "Bash");
}

TEST(Hook, TakesThePayloadAsTheLastArgument) {
  const TrailDirectory directory;
  expect_silent(directory.run({"hook", std::string(payload)}));
  EXPECT_EQ(total(directory), "1");
}

TEST(Hook, AnyInputIsTakenInSilence) {
  const TrailDirectory directory;
  const std::string deep(100'000, '[');
  for (const std::string& input :
       {std::string(), std::string("{"), std::string("\xff\x00\x01", 3), std::string("null"),
        std::string("\"text\""), std::string("{}"), deep}) {
    expect_silent(directory.run({"hook"}, input));
  }
  EXPECT_EQ(total(directory), "6");
}

TEST(Hook, AnyOptionsAreTakenInSilence) {
  const TrailDirectory directory;
  for (const std::vector<std::string>& options : {std::vector<std::string>{"hook", "--no-such"},
                                                  {"hook", "--event"},
                                                  {"hook", "--agent", "--event", "x"},
                                                  {"hook", "-x", "-y=3"},
                                                  {"hook", "--verbose=maybe"},
                                                  {"hook", "--help", "--event", "x"}}) {
    expect_silent(directory.run(options, payload));
  }
  EXPECT_EQ(total(directory), "6");
}

TEST(Hook, APayloadOverTheLimitIsCutNotLost) {
  const TrailDirectory directory;
  std::string huge = R"({"hook_event_name":"Stop","text":")";
  huge.append(17U << 20U, 'x');
  expect_silent(directory.run({"hook"}, huge + "\"}"));
  EXPECT_EQ(total(directory), "1");
}

TEST(Hook, TroubleIsSaidOnlyWhenAskedFor) {
  const TrailDirectory directory;
  EXPECT_NE(directory.run({"hook", "--verbose"}).err.find("no payload"), std::string::npos);
}

TEST(Hook, AnEventThatCannotBeSentIsSaidToBeLost) {
  const TrailDirectory directory;
  const std::vector<std::string> nowhere = {"hook", "--to", "ftp://x", std::string(payload)};
  expect_silent(directory.run(nowhere));
  std::vector<std::string> verbose = nowhere;
  verbose.emplace_back("--verbose");
  const Finished said = directory.run(verbose);
  EXPECT_EQ(said.status, 0);
  EXPECT_NE(said.err.find("the event is lost: \"ftp://x\" is no address of a daemon"),
            std::string::npos)
      << said.err;
}

TEST(Hook, AnEventThatCannotBeStoredWaitsForTheNextHook) {
  const TrailDirectory directory;
  expect_silent(directory.run({"hook"}, payload));
  const std::string spool = directory.trail().native() + ".spool";
  {
    const FileDescriptor lock(::open((directory.trail().native() + ".lock").c_str(), O_RDWR));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    expect_silent(directory.run({"hook"}, payload));
  }
  struct stat status{};
  ASSERT_EQ(::stat(spool.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(total(directory), "1");
  EXPECT_EQ(directory.run({"doctor"}).status, 1);

  expect_silent(directory.run({"hook"}, payload));
  EXPECT_EQ(total(directory), "3");
  EXPECT_FALSE(std::filesystem::exists(spool));
  EXPECT_EQ(directory.run({"doctor"}).status, 0);
}

TEST(Hook, RecordStoresWhatWaits) {
  const TrailDirectory directory;
  directory.file("trail/audit.db.spool", "{\"category\":\"llm\",\"summary\":\"waited\"}\n");
  const Finished recorded = directory.run({"record"});
  EXPECT_EQ(recorded.status, 0);
  EXPECT_NE(recorded.err.find("recorded 1 event that had waited"), std::string::npos)
      << recorded.err;
  EXPECT_EQ(total(directory), "1");
}

TEST(Hook, TheLogOfManyInARowStaysSmall) {
  const TrailDirectory directory;
  std::filesystem::path log = directory.trail();
  log += "-wal";
  std::uintmax_t largest = 0;
  // Each writes three pages of 16 KiB or more: 180 in all.
  for (int i = 0; i < 60; ++i) {
    expect_silent(directory.run({"hook"}, payload));
    std::error_code none;
    const std::uintmax_t bytes = std::filesystem::file_size(log, none);
    if (!none) largest = std::max(largest, bytes);
  }
  EXPECT_EQ(total(directory), "60");
  EXPECT_LE(largest, 80U * 16'384U);
}

TEST(Hook, ManyAtOnceLoseNothing) {
  const TrailDirectory directory;
  std::vector<std::unique_ptr<Running>> hooks;
  for (int i = 0; i < 16; ++i) {
    hooks.push_back(std::make_unique<Running>(directory, std::vector<std::string>{"hook"}));
  }
  for (const auto& hook : hooks) {
    hook->write(payload);
    hook->close_input();
  }
  for (const auto& hook : hooks) EXPECT_EQ(hook->wait(), 0);
  expect_silent(directory.run({"hook"}, payload));
  EXPECT_EQ(total(directory), "17");
}

TEST(Hook, AForeignFileIsLeftAloneAndTheEventWaits) {
  const TrailDirectory directory;
  directory.file("trail/audit.db", "this is a letter, not a database; keep it");
  expect_silent(directory.run({"hook"}, payload));
  EXPECT_TRUE(std::filesystem::exists(directory.trail().native() + ".spool"));
  EXPECT_EQ(std::filesystem::file_size(directory.trail()), 41U);
}

}  // namespace
}  // namespace agentaudit
