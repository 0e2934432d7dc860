#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

constexpr std::string_view sample =
    R"({"timestamp":"2026-11-24T08:00:00Z","category":"tool_call","action":"execute","agent":"ada","target":"bash","summary":"bash: ls","status":"pending","span_id":"00000000000000aa","trace_id":"000000000000000000000000000000bb","conversation_id":"conv-1"}
{"timestamp":"2026-11-24T08:00:01.5Z","category":"tool_call","action":"execute","agent":"ada","target":"bash","summary":"bash: ls","status":"ok","duration_ms":1500,"span_id":"00000000000000aa","trace_id":"000000000000000000000000000000bb","conversation_id":"conv-1"}
{"timestamp":"2026-11-24T08:00:02Z","category":"llm","action":"complete","agent":"bob","summary":"100% sure","status":"error","conversation_id":"conv-2"}
{"timestamp":"2026-11-25T08:00:00Z","category":"approval","action":"request","agent":"bob","summary":"may I?","status":"pending","span_id":"00000000000000cc","conversation_id":"conv-2"}
)";

class Read : public testing::Test {
 protected:
  Read() { directory_.record(sample); }

  std::vector<Json> json_lines(const std::vector<std::string>& arguments) const {
    const Finished finished = directory_.run(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    std::vector<Json> lines;
    std::size_t start = 0;
    for (std::size_t end; (end = finished.out.find('\n', start)) != std::string::npos;
         start = end + 1) {
      lines.push_back(Json::parse(finished.out.substr(start, end - start)));
    }
    return lines;
  }
  std::string ids(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    std::string out;
    for (const Json& line : json_lines(arguments)) out += line["id"].dump() + ' ';
    return out;
  }

  TrailDirectory directory_;
};

TEST_F(Read, ATimeoutIsASpanOrNever) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"search", "x"},
                                             {"stats"},
                                             {"stats", "--by", "agent"},
                                             {"histogram"},
                                             {"conversations"},
                                             {"pending"},
                                             {"trace", "conv-1"}}) {
    const auto run = [&](const std::string& timeout) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--timeout", timeout});
      return directory_.run(arguments);
    };
    EXPECT_EQ(run("5m").status, 0) << command.front();
    EXPECT_EQ(run("0").status, 0) << command.front();
    const Finished refused = run("soon");
    EXPECT_EQ(refused.status, 2) << command.front();
    EXPECT_NE(refused.err.find("--timeout: "), std::string::npos) << refused.err;
  }
}

TEST_F(Read, ListShowsTheNewestFirstWithEveryFilter) {
  EXPECT_EQ(ids({"list"}), "4 3 2 1 ");
  EXPECT_EQ(ids({"list", "--order", "oldest"}), "1 2 3 4 ");
  EXPECT_EQ(ids({"list", "--category", "llm,approval"}), "4 3 ");
  EXPECT_EQ(ids({"list", "--category", "llm", "--category", "approval"}), "4 3 ");
  EXPECT_EQ(ids({"list", "--status", "error"}), "3 ");
  EXPECT_EQ(ids({"list", "--agent", "ada", "--status", "ok"}), "2 ");
  EXPECT_EQ(ids({"list", "--target", "bash"}), "2 1 ");
  EXPECT_EQ(ids({"list", "--conversation", "conv-2"}), "4 3 ");
  EXPECT_EQ(ids({"list", "--trace", "000000000000000000000000000000bb"}), "2 1 ");
  EXPECT_EQ(ids({"list", "--search", "BASH"}), "2 1 ");
  EXPECT_EQ(ids({"list", "--until", "2026-11-24"}), "3 2 1 ");
  EXPECT_EQ(ids({"list", "--since", "2026-11-24T08:00:02Z"}), "4 3 ");
  EXPECT_EQ(ids({"list", "-n", "1", "--offset", "1"}), "3 ");
  EXPECT_EQ(ids({"list", "--order", "commit", "--cursor", "2"}), "3 4 ");
}

TEST_F(Read, SearchTakesEveryCharacterLiterally) {
  EXPECT_EQ(ids({"search", "100%"}), "3 ");
  EXPECT_EQ(ids({"search", "%"}), "3 ");
  EXPECT_EQ(ids({"search", "b_sh"}), "");
  EXPECT_EQ(directory_.run({"search", "--json", "--", "-no-such-"}).status, 0);
}

TEST_F(Read, ALimitOutOfRangeIsAnError) {
  for (const std::string limit : {"0", "-1", "1001", "x"}) {
    const Finished finished = directory_.run({"list", "--limit=" + limit});
    EXPECT_EQ(finished.status, 2) << limit;
    EXPECT_EQ(finished.out, "");
    EXPECT_NE(finished.err.find(limit), std::string::npos) << finished.err;
  }
}

TEST_F(Read, ABadTimeNamesItsOption) {
  const Finished finished = directory_.run({"list", "--since", "soon"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("--since: \"soon\" is not a time"), std::string::npos);
}

TEST_F(Read, ATerminalSeesTheTotalAndTheNextPage) {
  const Finished page = directory_.run_on_terminal({"list", "-n", "2"});
  EXPECT_NE(page.out.find("2 of 4 events · next page: --cursor "), std::string::npos) << page.out;
  const std::size_t start = page.out.find("--cursor ") + 9;
  const std::string cursor = page.out.substr(start, page.out.find_first_of("\r\n", start) - start);
  EXPECT_EQ(ids({"list", "-n", "2", "--cursor", cursor}), "2 1 ");
}

TEST_F(Read, APipeSeesNoColoursAndNoTalk) {
  const Finished piped = directory_.run({"list"});
  EXPECT_EQ(piped.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(piped.err, "");
  EXPECT_NE(directory_.run({"list", "--color", "always"}).out.find('\x1b'), std::string::npos);
  EXPECT_NE(directory_.run_on_terminal({"list"}).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(directory_.run_on_terminal({"list", "--color", "never"}).out.find('\x1b'),
            std::string::npos);
}

TEST_F(Read, ShowPrintsTheWholeEvent) {
  const Finished shown = directory_.run({"show", "2"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_NE(shown.out.find("2026-11-24T08:00:01.5Z"), std::string::npos);
  EXPECT_NE(shown.out.find("duration         1500 ms (1.50 s)"), std::string::npos);
  EXPECT_EQ(json_lines({"show", "--json", "1", "2"}).size(), 2U);
}

TEST_F(Read, ShowSaysWhichEventIsNotThere) {
  const Finished shown = directory_.run({"show", "2", "99"});
  EXPECT_EQ(shown.status, 1);
  EXPECT_NE(shown.out.find("bash: ls"), std::string::npos);
  EXPECT_NE(shown.err.find("99"), std::string::npos);
  EXPECT_EQ(directory_.run({"show", "two"}).status, 2);
  EXPECT_EQ(directory_.run({"show"}).status, 2);
}

TEST_F(Read, TailShowsTheNewestLast) {
  EXPECT_EQ(ids({"tail", "-n", "2"}), "3 4 ");
  EXPECT_EQ(ids({"tail", "--agent", "ada"}), "1 2 ");
}

TEST_F(Read, TailRefusesALimitOutOfRange) {
  for (const char* const limit : {"-1", "1001"}) {
    const Finished refused = directory_.run({"tail", "-n", limit});
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.err.find("agentaudit: --limit: " + std::string(limit) +
                               " is not between 0 and 1000"),
              0U)
        << refused.err;
  }
  EXPECT_EQ(ids({"tail", "-n", "0"}), "");
}

TEST_F(Read, TailFollowsCommitsAndFiltersThem) {
  Running tail(directory_, {"tail", "-f", "-n", "1", "--json", "--category", "llm"});
  EXPECT_EQ(Json::parse(tail.read_line())["id"], 3);
  directory_.record("{\"category\":\"mcp\"}\n{\"category\":\"llm\",\"summary\":\"new\"}\n");
  EXPECT_EQ(Json::parse(tail.read_line())["summary"], "new");
  // Committed later although it happened earlier.
  directory_.record("{\"category\":\"llm\",\"timestamp\":\"2000-01-01T00:00:00Z\"}\n");
  EXPECT_EQ(Json::parse(tail.read_line())["id"], 7);
  tail.signal(SIGINT);
  EXPECT_EQ(tail.wait(), 130);
}

TEST_F(Read, TailEndsQuietlyWhenItsReaderGoes) {
  Running tail(directory_, {"tail", "-f", "-n", "1", "--json"});
  // From here on it follows.
  EXPECT_NE(tail.read_line(), "");
  tail.close_output();
  directory_.record("{\"category\":\"llm\"}\n");
  EXPECT_EQ(tail.wait(), 0);
  EXPECT_EQ(tail.read_error_line(), "");
}

TEST_F(Read, StatsCount) {
  const Json stats = json_lines({"stats", "--json"}).at(0);
  EXPECT_EQ(stats["total"], 4);
  EXPECT_EQ(stats["by_status"]["pending"], 2);
  EXPECT_EQ(stats["by_agent"]["ada"], 2);
  EXPECT_EQ(json_lines({"stats", "--json", "--until", "2026-11-24"}).at(0)["total"], 3);
  EXPECT_NE(directory_.run_on_terminal({"stats"}).out.find("█"), std::string::npos);
  EXPECT_EQ(directory_.run({"stats"}).out.find("█"), std::string::npos);
}

TEST_F(Read, StatsTakeTheFiltersOfList) {
  const auto total = [&](const std::vector<std::string>& filter) {
    std::vector<std::string> arguments = {"stats", "--json"};
    arguments.insert(arguments.end(), filter.begin(), filter.end());
    return json_lines(arguments).at(0)["total"].get<int>();
  };
  EXPECT_EQ(total({"--category", "llm,approval"}), 2);
  EXPECT_EQ(total({"--status", "pending"}), 2);
  EXPECT_EQ(total({"--agent", "ada"}), 2);
  EXPECT_EQ(total({"--target", "bash"}), 2);
  EXPECT_EQ(total({"--source", "nobody"}), 0);
  EXPECT_EQ(total({"--conversation", "conv-1"}), 2);
  EXPECT_EQ(total({"--agent", "bob", "--status", "error"}), 1);
}

TEST_F(Read, StatsByAFieldCountItsGroups) {
  const Json agents = json_lines({"stats", "--by", "agent", "--json"}).at(0);
  ASSERT_EQ(agents["groups"].size(), 2U);
  EXPECT_EQ(agents["groups"][0]["name"], "ada");
  EXPECT_EQ(agents["groups"][0]["events"], 2);
  EXPECT_EQ(agents["groups"][0]["pending"], 1);
  EXPECT_NEAR(agents["groups"][0]["p50_ms"].get<int>(), 1'500, 15);
  EXPECT_EQ(agents["groups"][0]["max_ms"], 1'500);
  EXPECT_EQ(agents["groups"][1]["errors"], 1);
  EXPECT_TRUE(agents["groups"][1]["p50_ms"].is_null());
  EXPECT_EQ(agents["events"], 4);
  const Json one = json_lines({"stats", "--by", "status", "-n", "1", "--json"}).at(0);
  EXPECT_EQ(one["groups"].size(), 1U);
  EXPECT_EQ(one["groups"][0]["name"], "pending");
  EXPECT_EQ(one["total"], 3);
  for (const std::string by : {"target", "category", "action", "source", "principal"}) {
    EXPECT_EQ(json_lines({"stats", "--by", by, "--json"}).at(0)["events"], 4) << by;
  }
}

TEST_F(Read, StatsByAFieldAreATable) {
  const Finished piped = directory_.run({"stats", "--by", "conversation", "--agent", "bob"});
  EXPECT_TRUE(piped.out.starts_with("CONVERSATION  EVENTS    SHARE")) << piped.out;
  EXPECT_NE(piped.out.find("conv-2             2  100.0 %       1"), std::string::npos)
      << piped.out;
  EXPECT_EQ(piped.out.find("conv-1"), std::string::npos);
  EXPECT_EQ(piped.err, "");
  const Finished shown = directory_.run_on_terminal({"stats", "--by", "category", "-n", "2"});
  EXPECT_NE(shown.out.find("2 of 3 categories, 4 events"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(directory_.run({"stats", "--by", "agent", "--agent", "eve"}).err, "no events match\n");
}

TEST_F(Read, StatsRefuseAFieldOrALimitThatIsNone) {
  EXPECT_EQ(directory_.run({"stats", "--by", "mood"}).status, 2);
  for (const std::string limit : {"0", "1001"}) {
    const Finished finished = directory_.run({"stats", "--by", "agent", "-n", limit});
    EXPECT_EQ(finished.status, 2);
    EXPECT_NE(finished.err.find("--limit: " + limit), std::string::npos) << finished.err;
  }
}

TEST_F(Read, TheHistogramCountsErrorsAndDenialsOverTime) {
  const Json found =
      json_lines({"histogram", "--buckets", "2", "--until", "2026-11-24", "--json"}).at(0);
  ASSERT_EQ(found["histogram"].size(), 2U);
  EXPECT_EQ(found["histogram"][0]["start"], "2026-11-24T08:00:00Z");
  EXPECT_EQ(found["histogram"][0]["total"], 1);
  EXPECT_EQ(found["histogram"][1]["total"], 2);
  EXPECT_EQ(found["histogram"][1]["errors"], 1);
  EXPECT_EQ(json_lines({"histogram", "--agent", "eve", "--json"}).at(0)["histogram"].size(), 0U);
}

TEST_F(Read, TheHistogramHasBarsOnATerminal) {
  const Finished shown = directory_.run_on_terminal({"histogram", "--buckets", "3"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_NE(shown.out.find("▓"), std::string::npos) << shown.out;
  EXPECT_EQ(std::count(shown.out.begin(), shown.out.end(), '\n'), 4);
  const Finished piped = directory_.run({"histogram", "--buckets", "3"});
  EXPECT_TRUE(piped.out.starts_with("START ")) << piped.out;
  EXPECT_EQ(piped.out.find("▓"), std::string::npos);
  EXPECT_EQ(directory_.run({"histogram", "--agent", "eve"}).err, "no events match\n");
  for (const std::string buckets : {"0", "1001"}) {
    EXPECT_EQ(directory_.run({"histogram", "--buckets", buckets}).status, 2);
  }
}

TEST_F(Read, ConversationsAreListedNewestFirst) {
  const Json found = json_lines({"conversations", "--json"}).at(0);
  ASSERT_EQ(found["conversations"].size(), 2U);
  EXPECT_EQ(found["conversations"][0]["conversation_id"], "conv-2");
  EXPECT_EQ(found["conversations"][1]["agents"], Json::array({"ada"}));
  EXPECT_NE(directory_.run({"conversations"}).out.find("conv-1"), std::string::npos);
}

TEST_F(Read, ATerminalSeesHowManyConversationsThereAreAndTheNextPage) {
  const Finished page = directory_.run_on_terminal({"conversations", "-n", "1"});
  EXPECT_NE(page.out.find("1 of 2 conversations · next page: --offset 1"), std::string::npos)
      << page.out;
  const Finished last = directory_.run_on_terminal({"conversations", "-n", "1", "--offset", "1"});
  EXPECT_NE(last.out.find("conv-1"), std::string::npos) << last.out;
  EXPECT_NE(last.out.find("1 of 2 conversations"), std::string::npos) << last.out;
  EXPECT_EQ(last.out.find("next page"), std::string::npos) << last.out;
}

TEST_F(Read, TraceTakesATraceAConversationItsStartOrAnEvent) {
  for (const std::string id : {"000000000000000000000000000000bb", "conv-1"}) {
    const Finished traced = directory_.run({"trace", id});
    EXPECT_EQ(traced.status, 0);
    EXPECT_NE(traced.out.find("1.50 s"), std::string::npos) << traced.out;
    EXPECT_EQ(traced.out.find("never ended"), std::string::npos) << traced.out;
  }
  EXPECT_EQ(json_lines({"trace", "--json", "3"}).size(), 2U);
  const Finished ambiguous = directory_.run({"trace", "conv-"});
  EXPECT_EQ(ambiguous.status, 1);
  EXPECT_NE(ambiguous.err.find("conv-1"), std::string::npos) << ambiguous.err;
  EXPECT_EQ(directory_.run({"trace", "nowhere"}).status, 1);
  directory_.record(
      "{\"category\":\"llm\",\"summary\":\"asked\",\"trace_id\":\"t\"}\n"
      "{\"category\":\"llm\",\"summary\":\"answered\",\"trace_id\":\"t\"}\n");
  EXPECT_EQ(ids({"trace", "6"}), "5 6 ") << "it has no conversation, but a trace";
}

TEST_F(Read, OfALongTraceTheFirstTenThousandEventsAreShown) {
  std::string lines;
  for (int i = 0; i < 10'001; ++i) lines += "{\"category\":\"llm\",\"trace_id\":\"long\"}\n";
  directory_.record(lines);
  const Finished traced = directory_.run({"trace", "long", "--json"});
  EXPECT_EQ(traced.status, 0);
  EXPECT_EQ(traced.err, "agentaudit: only the first 10,000 events are shown\n");
  EXPECT_EQ(std::count(traced.out.begin(), traced.out.end(), '\n'), 10'000);
}

TEST_F(Read, PendingShowsIntentsThatNeverEnded) {
  EXPECT_EQ(ids({"pending"}), "4 ");
  EXPECT_EQ(ids({"pending", "--agent", "ada"}), "");
  EXPECT_NE(directory_.run_on_terminal({"pending"}).out.find("OPEN FOR"), std::string::npos);
}

TEST_F(Read, HostileTextNeverDrivesTheTerminal) {
  directory_.record(
      R"({"category":"llm\u001b[2J","agent":"\u009b31m","status":"\u0007","target":"\r","action":"\u202e","summary":"\u001b]0;owned\u0007\nnext\u2028","detail":"\u001b[41m\nx","conversation_id":"conv-\u001bc","trace_id":"t\u001b","span_id":"s\u001b","principal":"\u200b"})"
      "\n");
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"list"},
                                                    {"show", "5"},
                                                    {"tail"},
                                                    {"search", "owned"},
                                                    {"stats"},
                                                    {"stats", "--by", "agent"},
                                                    {"stats", "--by", "status"},
                                                    {"histogram"},
                                                    {"top", "--once"},
                                                    {"conversations"},
                                                    {"trace",
                                                     "conv-\x1b"
                                                     "c"},
                                                    {"trace", "5"},
                                                    {"pending"},
                                                    {"show", "\x1b[2J"},
                                                    {"list", "--since", "\x1b[2J"},
                                                    {"\x1b[2J"},
                                                    {"list", "--\x1b[2J"}}) {
    auto plain = arguments;
    if (plain.size() > 0 && plain[0] != "\x1b[2J") plain.insert(plain.end(), {"--color", "never"});
    const Finished finished = directory_.run_on_terminal(plain, 160);
    for (const std::string_view forbidden :
         {"\x1b", "\x07", "\u202e", "\u200b", "\u2028", "\u009b"}) {
      EXPECT_EQ(finished.out.find(forbidden), std::string::npos)
          << arguments[0] << ' ' << testing::PrintToString(finished.out);
    }
  }
}

TEST_F(Read, AReaderThatGoesAwayEndsTheOutputQuietly) {
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "{\"category\":\"llm\",\"summary\":\"some text\"}\n";
  directory_.record(lines);
  Running exporter(directory_, {"export"});
  EXPECT_NE(exporter.read_line(), "");
  exporter.close_output();
  EXPECT_EQ(exporter.wait(), 0);
  EXPECT_EQ(exporter.read_error_line(), "");
}

TEST_F(Read, OutputThatCannotBeWrittenIsAnError) {
  if (!std::filesystem::is_character_file("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  const Finished finished = directory_.run({"export", "-o", "/dev/full"});
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.err.find("cannot write"), std::string::npos) << finished.err;
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
  const Finished redirected = directory_.run_script(R"("$AGENTAUDIT" list >/dev/full)");
  EXPECT_EQ(redirected.status, 3);
  EXPECT_EQ(redirected.err,
            "agentaudit: cannot write to standard output: No space left on device\n");
}

}  // namespace
}  // namespace agentaudit
