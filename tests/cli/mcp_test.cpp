// mcp: a proxy before real child processes.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "cli/agentaudit_process.h"
#include "cli/mcp_lines.h"
#include "cli/mcp_recorder.h"
#include "store/is_installed.h"

namespace agentaudit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Beside this repository, where there is more of them.
const fs::path samples = fs::path(AGENTAUDIT_SOURCE_DIR) / "../shared/samples";

// The events of MCP in the trail, without those that tell of its writers.
std::vector<json> recorded(const TrailDirectory& directory) {
  std::vector<json> events;
  std::istringstream lines(directory.run({"export"}).out);
  std::string line;
  while (std::getline(lines, line)) {
    json event = json::parse(line);
    if (event["category"] != "audit" || event["action"] == "gap") events.push_back(event);
  }
  return events;
}

std::vector<std::string> wrapped(const std::vector<std::string>& command) {
  std::vector<std::string> arguments = {"mcp", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return arguments;
}

std::vector<std::string> shell(const std::string& script) { return wrapped({"sh", "-c", script}); }

// Every byte there is, in no order.
std::string garbage(std::size_t bytes) {
  std::string out;
  std::uint32_t state = 12'345;
  while (out.size() < bytes) {
    state = state * 1'664'525U + 1'013'904'223U;
    out += static_cast<char>(state >> 24U);
  }
  return out;
}

TEST(McpCommand, PassesEveryByteOn) {
  const TrailDirectory directory;
  const std::string line =
      R"({"id":1,"method":"tools/call","params":{"name":"echo","arguments":")" +
      std::string(1U << 20U, 'x') + "\"}}";
  for (const std::string& input :
       {std::string(), std::string("\n"), std::string("no line end"), garbage(3'000'000),
        line + "\n" + line + "\n\xff\xfe\n{\"x\":\"\\ud800\"}\n" + line}) {
    const Finished finished = directory.run(wrapped({"cat"}), input);
    EXPECT_EQ(finished.status, 0);
    EXPECT_TRUE(finished.out == input) << finished.out.size() << " of " << input.size();
    EXPECT_EQ(finished.err, "");
  }
}

TEST(McpCommand, RecordsACall) {
  const TrailDirectory directory;
  const Finished finished =
      directory.run(shell(R"(read line; echo '{"id":1,"result":{"content":[]}}')"),
                    R"({"id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}})"
                    "\n");
  EXPECT_EQ(finished.out, "{\"id\":1,\"result\":{\"content\":[]}}\n");
  const auto events = recorded(directory);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["category"], "tool_call");
  EXPECT_EQ(events[0]["target"], "echo");
  EXPECT_EQ(events[0]["status"], "ok");
  EXPECT_EQ(events[1]["action"], "exit");
  EXPECT_EQ(events[1]["target"], "sh");
}

TEST(McpCommand, NamesTheServerAsItIsTold) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"mcp", "--name", "files", "--", "true"}).status, 0);
  EXPECT_EQ(recorded(directory).at(0)["target"], "files");
}

TEST(McpCommand, GivesArgumentsOnAsTheyAre) {
  const TrailDirectory directory;
  const Finished finished = directory.run(wrapped({"printf", "%s|", "--name", "a b", "--", "-x"}));
  EXPECT_EQ(finished.out, "--name|a b|--|-x|");
}

TEST(McpCommand, EndsWithTheStatusOfTheServer) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run(shell("exit 0")).status, 0);
  EXPECT_EQ(directory.run(shell("exit 7")).status, 7);
  EXPECT_EQ(directory.run(shell("kill -KILL $$")).status, 128 + SIGKILL);
  const auto events = recorded(directory);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0]["status"], "ok");
  EXPECT_EQ(events[1]["status"], "error");
  EXPECT_EQ(events[2]["summary"], "sh: killed by SIGKILL");
}

TEST(McpCommand, LeavesStandardErrorToTheServer) {
  const TrailDirectory directory;
  const Finished finished = directory.run(shell("printf 'to \\001 stderr' >&2; echo out"));
  EXPECT_EQ(finished.err, "to \x01 stderr");
  EXPECT_EQ(finished.out, "out\n");
}

TEST(McpCommand, WithoutAStandardErrorNoFileOfItsOwnTakesThatPlace) {
  const TrailDirectory directory;
  const Finished finished = directory.run_script(
      R"("$AGENTAUDIT" mcp -- sh -c 'echo loud >&2; echo loud >&2; echo out' 2>&-)");
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "out\n");
  EXPECT_EQ(recorded(directory).size(), 1U);
  EXPECT_EQ(directory.run({"verify"}).status, 0);
}

TEST(McpCommand, SaysWhatItCannotRun) {
  const TrailDirectory directory;
  const Finished absent = directory.run(wrapped({"/no/such/command"}));
  EXPECT_EQ(absent.status, 127);
  EXPECT_EQ(absent.err, "agentaudit: cannot run /no/such/command: No such file or directory\n");
  EXPECT_EQ(directory.run(wrapped({directory.file("text", "x").native()})).status, 126);
  EXPECT_EQ(recorded(directory).at(0)["status"], "error");
  EXPECT_EQ(directory.run({"mcp"}).status, 2);
}

TEST(McpCommand, GoesOnWithoutATrail) {
  const TrailDirectory directory;
  const std::string folder = directory.path().native();
  const Finished finished =
      directory.run({"mcp", "--store", folder, "--", "cat"}, "{\"id\":1}\nanything\n");
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "{\"id\":1}\nanything\n");
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  EXPECT_NE(finished.err.find("nothing is recorded"), std::string::npos) << finished.err;
}

TEST(McpCommand, PassesTheEndOfTheInputOn) {
  const TrailDirectory directory;
  Running running(directory, shell("cat >/dev/null; echo bye"));
  running.write("{}\n");
  running.close_input();
  EXPECT_EQ(running.read_line(), "bye");
  EXPECT_EQ(running.wait(), 0);
}

TEST(McpCommand, AnswersBeforeTheInputEnds) {
  const TrailDirectory directory;
  Running running(directory, wrapped({"cat"}));
  for (int i = 0; i < 20; ++i) {
    running.write("line\n");
    EXPECT_EQ(running.read_line(), "line");
  }
  running.close_input();
  EXPECT_EQ(running.wait(), 0);
}

TEST(McpCommand, PassesSignalsOn) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TrailDirectory directory;
    Running running(directory, shell("echo ready; exec sleep 60"));
    EXPECT_EQ(running.read_line(), "ready");
    running.signal(signal);
    EXPECT_EQ(running.wait(), 128 + signal);
    // It was the client that ended it.
    EXPECT_EQ(recorded(directory).at(0)["status"], "ok");
  }
}

TEST(McpCommand, LetsAServerThatCatchesASignalGoOn) {
  const TrailDirectory directory;
  Running running(directory, shell("trap 'echo caught; exit 5' TERM; echo ready; while :; do "
                                   "sleep 0.01; done"));
  EXPECT_EQ(running.read_line(), "ready");
  running.signal(SIGTERM);
  EXPECT_EQ(running.read_line(), "caught");
  EXPECT_EQ(running.wait(), 5);
}

TEST(McpCommand, GivesTheServerItsSignalsAsTheyWere) {
  const TrailDirectory directory;
  // We block those we pass on, and ignore SIGPIPE.
  for (const std::string set : {"SigBlk", "SigIgn"}) {
    const Finished finished = directory.run(wrapped({"grep", set, "/proc/self/status"}));
    ASSERT_EQ(finished.status, 0);
    const std::uint64_t signals = std::stoull(finished.out.substr(set.size() + 1), nullptr, 16);
    for (const int signal : {SIGPIPE, SIGCHLD, SIGINT, SIGTERM, SIGHUP}) {
      EXPECT_EQ(signals >> (signal - 1) & 1U, 0U) << set << " " << signal;
    }
  }
}

TEST(McpCommand, EndsAServerWhoseClientHasGone) {
  const TrailDirectory directory;
  Running running(directory, shell("echo ready; while echo more 2>/dev/null; do :; done; exit 9"));
  EXPECT_EQ(running.read_line(), "ready");
  running.close_output();
  const int status = running.wait();
  EXPECT_TRUE(status == 9 || status == 128 + SIGPIPE) << status;
}

TEST(McpCommand, OutlivesAServerThatReadsNothing) {
  const TrailDirectory directory;
  const Finished finished = directory.run(shell("exit 3"), garbage(1'000'000));
  EXPECT_EQ(finished.status, 3);
}

TEST(McpCommand, IsEndedWhereSomethingElseHoldsTheOutput) {
  const TrailDirectory directory;
  Running running(directory, shell("sleep 60 2>/dev/null & echo $!; exit 4"));
  const std::string other = running.read_line();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  running.signal(SIGTERM);
  EXPECT_EQ(running.wait(), 4);
  ::kill(static_cast<pid_t>(std::stol(other)), SIGKILL);
}

// Whole conversations, byte for byte on both sides, and what their own checker says.
TEST(McpCommand, PassesTheChecksOfEveryRecording) {
  if (!fs::exists(samples)) GTEST_SKIP() << "the samples are not beside this repository";
  if (!is_installed("node")) GTEST_SKIP() << "node is not installed";
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(samples / "mcp")) {
    if (entry.path().extension() != ".jsonl") continue;
    const TrailDirectory directory;
    const std::string run = (samples / "run").native();
    const std::string replay = "cd " + directory.path().native() + " && node " + run +
                               "/mcpreplay.mjs " + entry.path().native() + " --cap 1100 -- " +
                               AGENTAUDIT_COMMAND + " mcp --store " + directory.trail().native() +
                               " --";
    EXPECT_EQ(std::system(replay.c_str()), 0) << replay;
    const auto events = directory.file("events.jsonl", directory.run({"export"}).out);
    fs::path expected = entry.path();
    expected.replace_extension(".expected.json");
    const std::string check = "node " + run + "/check.mjs --expected " + expected.native() +
                              " --signal mcp --events " + events.native() + " --strict";
    EXPECT_EQ(std::system(check.c_str()), 0) << check;
    ++checked;
  }
  EXPECT_GE(checked, 3);
}

struct SeenLines {
  std::vector<std::string> lines;
  std::vector<McpGap> gaps;

  McpLines::Handler handler() {
    return {.line = [this](std::string_view line, const McpMoment&) { lines.emplace_back(line); },
            .gap = [this](const McpGap& gap) { gaps.push_back(gap); }};
  }
};

TEST(McpLines, PutsPiecesTogether) {
  SeenLines seen;
  McpLines lines(seen.handler());
  for (const std::string_view piece : {"a", "b\nc\n\nd", "", "e\n", "f"}) lines.feed(piece, {});
  EXPECT_EQ(seen.lines, (std::vector<std::string>{"ab", "c", "", "de"}));
  lines.finish({});
  EXPECT_EQ(seen.lines.back(), "f");
}

TEST(McpLines, KeepsNoLineThatIsTooLong) {
  SeenLines seen;
  McpLines lines(seen.handler());
  const std::string part(1U << 20U, 'x');
  for (int i = 0; i < 17; ++i) lines.feed(part, {});
  lines.feed("\nnext\n", {});
  EXPECT_EQ(seen.lines, std::vector<std::string>{"next"});
  ASSERT_EQ(seen.gaps.size(), 1U);
  EXPECT_EQ(seen.gaps[0].bytes, 17U << 20U);
}

TEST(McpLines, TrustsNoLineThatLacksAPart) {
  SeenLines seen;
  McpLines lines(seen.handler());
  lines.feed("sta", {});
  lines.skip({.reason = "queue_full"}, false);
  lines.feed("rt\nwhole\nhalf", {});
  lines.skip({.reason = "queue_full"}, true);
  lines.feed("new\n", {});
  EXPECT_EQ(seen.lines, (std::vector<std::string>{"whole", "new"}));
  EXPECT_EQ(seen.gaps.size(), 2U);
}

TEST(McpRecorder, RecordsAGapWhereTheQueueWasFull) {
  std::shared_ptr<SqliteStore> store = SqliteStore::in_memory().value();
  std::mutex opening;
  opening.lock();
  std::vector<std::string> troubles;
  McpRecorder recorder(
      {.session = {.connection = "c0", .server_default = "server"},
       .open = [&]() -> Result<std::shared_ptr<EventSink>> {
         const std::lock_guard wait(opening);
         return std::shared_ptr<EventSink>(store);
       },
       .complain = [&](const std::string& trouble) { troubles.push_back(trouble); },
       .queue_bytes_max = 100});
  const std::string call = R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
                           "\n";
  recorder.offer(McpSender::client, call);
  recorder.offer(McpSender::client, std::string(60, 'x') + "\n" + std::string(60, 'x'));
  recorder.offer(McpSender::server, R"({"id":1,"result":{}})"
                                    "\n");
  opening.unlock();
  // An end would close the store: what is asked here is asked before.
  ListOpts newest;
  for (int i = 0; i < 500 && store->list(newest).value().events.size() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto events = store->list(newest).value().events;
  ASSERT_EQ(events.size(), 2U);
  const auto gap = std::find_if(events.begin(), events.end(),
                                [](const Event& event) { return event.action == "gap"; });
  ASSERT_NE(gap, events.end());
  EXPECT_EQ(json::parse(gap->detail)["count"], 2);
  EXPECT_EQ(json::parse(gap->detail)["bytes"], 121);
  recorder.finish({.exit_status = 0});
  EXPECT_EQ(troubles, std::vector<std::string>{});
}

TEST(McpRecorder, WaitsForATrailThatIsBusyAndRecordsWhatCameMeanwhile) {
  const TrailDirectory directory;
  std::promise<std::string> said;
  bool is_busy = true;
  McpRecorder recorder({.session = {.connection = "c0", .server_default = "server"},
                        .open = [&]() -> Result<std::shared_ptr<EventSink>> {
                          if (std::exchange(is_busy, false))
                            return fail(ErrorCode::busy, "not now");
                          return SqliteStore::open(directory.trail()).value();
                        },
                        .complain = [&](const std::string& trouble) { said.set_value(trouble); }});
  recorder.offer(McpSender::client, R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
                                    "\n");
  EXPECT_EQ(said.get_future().get(), "not now; recording begins when it can be opened");
  recorder.finish({.exit_status = 0});
  EXPECT_EQ(recorded(directory).at(0)["target"], "a");
}

TEST(McpRecorder, ATrailThatFailsForAMomentIsSaidAndGetsEverything) {
  // Fails twice, then takes what comes.
  struct Failing final : EventSink {
    Result<IdRange> write(std::span<const EventView> events) override {
      if (failures-- > 0) return fail(ErrorCode::busy, "not now");
      taken += events.size();
      return IdRange{.first = 1, .last = static_cast<EventId>(events.size())};
    }
    int failures = 2;
    std::size_t taken = 0;
  };
  const auto sink = std::make_shared<Failing>();
  std::vector<std::string> troubles;
  McpRecorder recorder(
      {.session = {},
       .open = [&]() -> Result<std::shared_ptr<EventSink>> { return sink; },
       .complain = [&](const std::string& trouble) { troubles.push_back(trouble); }});
  recorder.offer(McpSender::client, R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
                                    "\n");
  recorder.finish({.exit_status = 0});
  EXPECT_EQ(troubles, std::vector<std::string>{"not now"});
  EXPECT_GE(sink->taken, 2U) << "the call, and the end of the server";
}

// What a recorder says whose trail stays as it is to the end. `gone`: the sink was let go of,
// which a thread does that nobody waits for any more.
std::vector<std::string> troubles_of(std::function<Result<std::shared_ptr<EventSink>>()> open,
                                     const std::future<void>& gone = {}) {
  std::promise<void> said;
  std::vector<std::string> troubles;
  McpRecorder recorder({.session = {},
                        .open = std::move(open),
                        .complain =
                            [&](const std::string& trouble) {
                              troubles.push_back(trouble);
                              if (troubles.size() == 1) said.set_value();
                            },
                        .end_patience = std::chrono::milliseconds(0)});
  recorder.offer(McpSender::client, R"({"id":1,"method":"tools/call","params":{"name":"a"}})"
                                    "\n");
  recorder.offer(McpSender::server, R"({"id":1,"result":{}})"
                                    "\n");
  said.get_future().wait();
  recorder.finish({.exit_status = 0});
  if (gone.valid()) gone.wait();
  return troubles;
}

TEST(McpRecorder, WhatIsLostAtTheEndIsSaidAfterWhatMightHavePassed) {
  const auto troubles = troubles_of(
      []() -> Result<std::shared_ptr<EventSink>> { return fail(ErrorCode::busy, "not now"); });
  EXPECT_EQ(troubles, (std::vector<std::string>{"not now; recording begins when it can be opened",
                                                "not now; nothing is recorded"}));
  struct Busy final : EventSink {
    ~Busy() override { gone.set_value(); }
    Result<IdRange> write(std::span<const EventView> /*events*/) override {
      return fail(ErrorCode::busy, "not now");
    }
    std::promise<void> gone;
  };
  auto busy = std::make_shared<Busy>();
  const std::future<void> gone = busy->gone.get_future();
  const auto failing = troubles_of([&] { return std::exchange(busy, nullptr); }, gone);
  ASSERT_EQ(failing.size(), 2U);
  EXPECT_EQ(failing[0], "not now");
  EXPECT_EQ(failing[1].find("not all was recorded: "), 0U) << failing[1];
}

TEST(McpRecorder, ComplainsOnceAndGoesOn) {
  std::vector<std::string> troubles;
  McpRecorder recorder(
      {.session = {},
       .open = []() -> Result<std::shared_ptr<EventSink>> {
         return fail(ErrorCode::io, "no disk");
       },
       .complain = [&](const std::string& trouble) { troubles.push_back(trouble); }});
  for (int i = 0; i < 1'000; ++i) recorder.offer(McpSender::client, "{}\n");
  recorder.finish({});
  EXPECT_EQ(troubles, std::vector<std::string>{"no disk; nothing is recorded"});
}

}  // namespace
}  // namespace agentaudit
