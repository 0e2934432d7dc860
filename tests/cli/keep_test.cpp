// prune, redact, hold, retention, export and import.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "cli/agentaudit_process.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

std::string content(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// Exports differ in ids and nothing else.
std::string without_ids(const std::string& lines) {
  std::string out;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) out += line.substr(line.find(',')) + '\n';
  return out;
}

constexpr std::string_view sample =
    R"({"timestamp":"2020-01-01T00:00:00.000000001Z","category":"llm","summary":"old","detail":"=1+1"}
{"timestamp":"2026-11-24T08:00:00Z","category":"mcp","summary":"'a, \"b\"\u0000\udcff\n","status":"denied","duration_ms":-5,"principal":"kim"}
)";

TEST(Prune, DeletesWhatIsOlderAndKeepsTheReason) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"prune", "--before", "2021-01-01", "--dry-run"}).out,
            "would delete 1 event from before 2021-01-01T00:00:00.000Z\n");
  const Finished pruned =
      directory.run({"prune", "--before", "2021-01-01", "--yes", "--json", "--reason", "policy"});
  EXPECT_EQ(pruned.status, 0) << pruned.err;
  EXPECT_EQ(pruned.out, "{\"deleted\":1,\"held\":0}\n");
  EXPECT_EQ(directory.run({"list", "--json", "--search", "old"}).out, "");
  EXPECT_NE(directory.run({"list", "--json", "--category", "audit"}).out.find("policy"),
            std::string::npos);
}

TEST(Prune, WhereNothingIsOldItNeitherAsksNorDeletes) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished nothing = directory.run({"prune", "--before", "2019-01-01"});
  EXPECT_EQ(nothing.status, 0) << nothing.err;
  EXPECT_EQ(nothing.out, "nothing to delete from before 2019-01-01T00:00:00.000Z\n");
  EXPECT_EQ(directory.run({"list", "--json", "--category", "audit"}).out, "");
}

TEST(Prune, WithoutATerminalItWantsYes) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished refused = directory.run({"prune", "--older-than", "1d"}, "y\n");
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("--yes"), std::string::npos);
  EXPECT_NE(directory.run({"list", "--json"}).out.find("old"), std::string::npos);
}

TEST(Prune, OnATerminalItAsks) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished no = directory.run_on_terminal({"prune", "--before", "2021-01-01"}, 80, "n\n");
  EXPECT_EQ(no.status, 1);
  EXPECT_NE(no.out.find("Delete 1 event"), std::string::npos) << no.out;
  const Finished yes = directory.run_on_terminal({"prune", "--before", "2021-01-01"}, 80, "y\n");
  EXPECT_EQ(yes.status, 0);
  EXPECT_NE(yes.out.find("deleted 1 event"), std::string::npos) << yes.out;
}

TEST(Prune, WantsExactlyOneCutoff) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"prune", "--yes"}).status, 2);
  EXPECT_EQ(directory.run({"prune", "--yes", "--before", "2d", "--older-than", "2d"}).status, 2);
  EXPECT_EQ(directory.run({"prune", "--yes", "--older-than", "yesterday"}).status, 2);
}

TEST(ExportAndImport, EveryFormatBringsTheEventsBackExactly) {
  const TrailDirectory from;
  from.record(sample);
  const std::string lines = from.run({"export"}).out;
  for (const std::string format : {"jsonl", "csv"}) {
    const TrailDirectory to;
    const auto file = to.path() / ("events." + format);
    ASSERT_EQ(from.run({"export", "--format", format, "-o", file.native()}).status, 0);
    const Finished imported = to.run({"import", file.native()});
    EXPECT_EQ(imported.status, 0) << imported.err;
    EXPECT_NE(imported.err.find("imported 2 events"), std::string::npos);
    EXPECT_EQ(without_ids(to.run({"export"}).out), without_ids(lines)) << format;
  }
}

TEST(ExportAndImport, ATrailCanBeImported) {
  const TrailDirectory from;
  from.record(sample);
  const TrailDirectory to;
  EXPECT_EQ(to.run({"import", from.trail().native()}).status, 0);
  EXPECT_EQ(without_ids(to.run({"export"}).out), without_ids(from.run({"export"}).out));
}

TEST(ExportAndImport, AnExportTakesFilters) {
  const TrailDirectory directory;
  directory.record(sample);
  const std::string out = directory.run({"export", "--status", "denied"}).out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
}

TEST(Export, AFileAppearsOnlyWhenItIsComplete) {
  const TrailDirectory directory;
  directory.record(sample);
  const auto file = directory.path() / "out.jsonl";
  ASSERT_EQ(directory.run({"export", "-o", file.native()}).status, 0);
  EXPECT_EQ(content(file), directory.run({"export"}).out);
  EXPECT_FALSE(std::filesystem::exists(file.native() + ".part"));
  EXPECT_EQ(directory.run({"export", "-o", "/nowhere/out"}).status, 3);
}

TEST(Export, ATerminalSeesHowFarItIs) {
  const TrailDirectory directory;
  directory.record(sample);
  const auto file = directory.path() / "out.jsonl";
  const Finished shown = directory.run_on_terminal({"export", "-o", file.native()});
  EXPECT_EQ(shown.status, 0);
  EXPECT_NE(shown.out.find("Exporting  "), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("2 of 2"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("wrote 2 events to "), std::string::npos) << shown.out;
  const Finished imported = directory.run_on_terminal({"import", file.native()});
  EXPECT_NE(imported.out.find("Importing  "), std::string::npos) << imported.out;
  EXPECT_NE(imported.out.find("imported 2 events"), std::string::npos) << imported.out;
}

TEST(Import, WhatCannotBeReadIsSaid) {
  const TrailDirectory directory;
  const std::string here = directory.path().native();
  const auto complaint = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"import"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished refused = directory.run(arguments, "SQLite format 3");
    EXPECT_EQ(refused.status, 3);
    return refused.err;
  };
  constexpr std::string_view none = "agentaudit: imported 0 events before that\n";
  EXPECT_EQ(complaint({here + "/none"}),
            "agentaudit: cannot open " + here + "/none: No such file or directory\n" + none.data());
  EXPECT_EQ(complaint({here}),
            "agentaudit: cannot read the input: Is a directory\n" + std::string(none));
  EXPECT_EQ(complaint({"--format", "sqlite", "-"}),
            "agentaudit: a SQLite file cannot be read from standard input; give its name\n" +
                std::string(none));
}

TEST(Import, ADetailThatIsTooLongIsCutAndCounted) {
  const TrailDirectory directory;
  const std::string detail(3U << 20U, 'x');
  const Finished imported =
      directory.run({"import", "-"}, R"({"category":"llm","detail":")" + detail + "\"}\n");
  EXPECT_EQ(imported.status, 0);
  EXPECT_EQ(imported.err, "imported 1 event, cut the detail of 1 event\n");
}

TEST(Import, StandardInputIsRecognised) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"import", "-"}, sample).status, 0);
  EXPECT_EQ(directory.run({"import", "-"}, "category,summary\nllm,x\n").status, 0);
  EXPECT_EQ(Json::parse(directory.run({"stats", "--json"}).out)["total"], 3);
}

TEST(Import, BadLinesAreNamedAndTheRestIsImported) {
  const TrailDirectory directory;
  const Finished lines = directory.run({"import", "-"}, std::string(sample) + "nonsense\n");
  EXPECT_EQ(lines.status, 1);
  EXPECT_NE(lines.err.find("line 3: "), std::string::npos) << lines.err;
  EXPECT_NE(lines.err.find("imported 2 events, refused 1 line"), std::string::npos);
  const Finished csv = directory.run({"import", "-"}, "category,timestamp\nllm,never\nllm,\n");
  EXPECT_EQ(csv.status, 1);
  EXPECT_NE(csv.err.find("line 2: "), std::string::npos) << csv.err;
}

TEST(Import, AForeignDatabaseIsReadAndNotTouched) {
  const TrailDirectory directory;
  const auto path = directory.file("foreign.db", "");
  {
    auto database = SqliteConnection::open(path, SqliteConnection::Mode::read_write, {});
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->exec(
        "CREATE TABLE audit_events (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT,"
        " category TEXT, action TEXT, agent TEXT, summary TEXT, detail TEXT, status TEXT,"
        " duration_ms INTEGER, source TEXT, conversation_id TEXT);"
        "INSERT INTO audit_events VALUES"
        " (7,'2026-11-24T08:00:00Z','llm','complete','ada','one','{}','ok',12,'engine','c'),"
        " (9,'whenever','llm','complete','ada','two','{}','ok',0,'engine','c');"));
  }
  const std::string before = content(path);
  const Finished imported = directory.run({"import", path.native()});
  EXPECT_EQ(imported.status, 1);
  EXPECT_NE(imported.err.find("row 9: \"timestamp\""), std::string::npos) << imported.err;
  const Json event = Json::parse(directory.run({"export"}).out);
  EXPECT_EQ(event["id"], 1);
  EXPECT_EQ(event["summary"], "one");
  EXPECT_EQ(event["duration_ms"], 12);
  EXPECT_EQ(content(path), before);
}

TEST(Import, ADatabaseWithoutTheTableIsRefused) {
  const TrailDirectory directory;
  const auto path = directory.file("foreign.db", "");
  {
    auto database = SqliteConnection::open(path, SqliteConnection::Mode::read_write, {});
    ASSERT_TRUE(database && database->exec("CREATE TABLE t (x)"));
  }
  const Finished imported = directory.run({"import", path.native()});
  EXPECT_EQ(imported.status, 3);
  EXPECT_NE(imported.err.find("audit_events"), std::string::npos) << imported.err;
}

TEST(Redact, ErasesWhatIsNamedAndSaysWhichEventRecordsIt) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished done = directory.run(
      {"redact", "1", "--field", "summary", "--field", "detail", "--reason", "asked", "--yes"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "redacted event 1, as event 3 records\n");
  EXPECT_NE(directory.run({"show", "1"}).out.find("[redacted]"), std::string::npos);
  EXPECT_EQ(content(directory.trail()).find("=1+1"), std::string::npos);
  EXPECT_EQ(directory.run({"verify"}).status, 0);
}

TEST(Redact, GoesOnAfterAnEventThatIsNotThere) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished done =
      directory.run({"redact", "77", "2", "--field", "detail", "--reason", "asked", "--yes"});
  EXPECT_EQ(done.status, 1);
  EXPECT_NE(done.err.find("there is no event 77"), std::string::npos);
  EXPECT_EQ(done.out, "redacted event 2, as event 3 records\n");
}

TEST(Redact, AsksFirstAndWantsAReason) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"redact", "1", "--field", "detail", "--reason", "asked"}).status, 2);
  EXPECT_EQ(directory.run({"redact", "1", "--field", "detail", "--yes"}).status, 2);
  EXPECT_EQ(directory.run({"redact", "1", "--reason", "asked", "--yes"}).status, 2);
  EXPECT_EQ(directory.run({"redact", "x", "--field", "detail", "--reason", "a", "--yes"}).status,
            2);
  const Finished no = directory.run_on_terminal(
      {"redact", "1", "--field", "detail", "--reason", "asked"}, 80, "n\n");
  EXPECT_EQ(no.status, 1);
  EXPECT_NE(no.out.find("Erase the detail of event 1 for good?"), std::string::npos) << no.out;
  EXPECT_NE(directory.run({"show", "1"}).out.find("=1+1"), std::string::npos);
}

TEST(Hold, KeepsEventsFromPruneAndRedactUntilItsRelease) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished added = directory.run({"hold", "add", "--until", "2020-01-01", "--reason", "x"});
  EXPECT_EQ(added.status, 0) << added.err;
  EXPECT_EQ(added.out, "added hold 1\n");
  const std::vector<std::string> prune = {"prune", "--before", "2027-01-01", "--yes"};
  EXPECT_EQ(directory.run({"prune", "--before", "2027-01-01", "--dry-run", "--json"}).out,
            "{\"would_delete\":1,\"held\":1}\n");
  EXPECT_EQ(directory.run(prune).out, "deleted 1 event; 1 event is under a hold and stays\n");
  const std::vector<std::string> redact = {"redact",   "1", "--field", "detail",
                                           "--reason", "x", "--yes"};
  const Finished refused = directory.run(redact);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("under hold 1"), std::string::npos) << refused.err;
  EXPECT_EQ(directory.run({"hold", "release", "1", "--reason", "y", "--json"}).out,
            "{\"released\":1}\n");
  EXPECT_EQ(directory.run(redact).status, 0);
  EXPECT_EQ(directory.run(prune).out, "deleted 1 event\n");
  EXPECT_EQ(directory.run({"verify"}).status, 0);
}

TEST(Hold, ListsWhatIsHeld) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"hold", "list"}).out, "");
  ASSERT_EQ(directory
                .run({"hold", "add", "--agent", "ada", "--conversation", "c", "--since",
                      "2026-03-01T08:00:00Z", "--reason", "\"case\" 7", "--json"})
                .out,
            "{\"hold\":1}\n");
  const Json hold = Json::parse(directory.run({"hold", "list", "--json"}).out);
  EXPECT_EQ(hold["hold"], 1);
  EXPECT_EQ(hold["agent"], "ada");
  EXPECT_EQ(hold["conversation_id"], "c");
  EXPECT_EQ(hold["since"], "2026-03-01T08:00:00Z");
  EXPECT_FALSE(hold.contains("until"));
  EXPECT_EQ(hold["reason"], "\"case\" 7");
  EXPECT_NE(directory.run({"hold", "list"}).out.find("\"case\" 7"), std::string::npos);
}

TEST(Hold, WantsAReasonAndSomethingToHold) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"hold", "add", "--agent", "ada"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "add", "--reason", "x"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "add", "ada", "--agent", "ada", "--reason", "x"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "release", "--reason", "x"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "release", "one", "--reason", "x"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "release", "1"}).status, 2);
  EXPECT_EQ(directory.run({"hold", "keep"}).status, 2);
  const Finished unknown = directory.run({"hold", "release", "1", "--reason", "x"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("there is no hold 1"), std::string::npos) << unknown.err;
}

TEST(Retention, AppliesEachRuleByItsOwnAge) {
  const TrailDirectory directory;
  directory.record(sample);
  ASSERT_EQ(directory.run({"retention", "set", "llm", "52w"}).status, 0);
  ASSERT_EQ(directory.run({"retention", "set", "*", "36500d"}).status, 0);
  EXPECT_EQ(directory.run({"retention", "list", "--json"}).out,
            "{\"category\":\"*\",\"days\":36500}\n{\"category\":\"llm\",\"days\":364}\n");
  EXPECT_NE(directory.run({"retention", "list"}).out.find("364"), std::string::npos);
  const std::string would = directory.run({"retention", "apply", "--dry-run"}).out;
  EXPECT_NE(would.find("would delete 1 event of llm from before "), std::string::npos) << would;
  EXPECT_NE(would.find("would delete 0 events of all other categories"), std::string::npos);
  EXPECT_EQ(directory.run({"retention", "apply"}).status, 2) << "it wants --yes";
  const Finished applied = directory.run({"retention", "apply", "--yes", "--json"});
  EXPECT_EQ(applied.status, 0) << applied.err;
  EXPECT_EQ(applied.out,
            "{\"category\":\"*\",\"days\":36500,\"deleted\":0,\"held\":0}\n"
            "{\"category\":\"llm\",\"days\":364,\"deleted\":1,\"held\":0}\n");
  EXPECT_EQ(directory.run({"list", "--json", "--search", "old"}).out, "");
  ASSERT_EQ(directory.run({"retention", "unset", "llm"}).status, 0);
  EXPECT_EQ(directory.run({"retention", "unset", "llm"}).status, 1);
}

TEST(Retention, WithoutRulesItSaysWhatHappensToEvents) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished listed = directory.run({"retention", "list"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(listed.out, "");
  EXPECT_EQ(listed.err, "every event is kept until a prune deletes it\n");
}

TEST(Retention, RefusesLessThanSixMonthsForApprovalsWithoutForce) {
  const TrailDirectory directory;
  directory.record(sample);
  for (const char* const category : {"approval", "safety", "*"}) {
    const Finished refused = directory.run({"retention", "set", category, "26w"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("EU AI Act"), std::string::npos) << refused.err;
    EXPECT_EQ(directory.run({"retention", "set", category, "26w", "--force"}).status, 0);
    EXPECT_EQ(directory.run({"retention", "unset", category, "--force"}).status, 0);
  }
}

TEST(Retention, WantsWholeDaysAndWhatItsWordTakes) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"retention", "set", "llm", "36h"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "set", "llm", "soon"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "set", "llm", "0d"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "set", "llm"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "unset"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "apply", "llm"}).status, 2);
  EXPECT_EQ(directory.run({"retention", "apply", "--yes"}).out, "");
}

TEST(BenchGenerate, TheSameSeedGivesTheSameEventsInLinesAndInATrail) {
  const TrailDirectory directory;
  const std::string trail = directory.path() / "new.db";
  const Finished filled =
      directory.run({"bench", "generate", "--events", "300", "--seed", "5", "--store", trail});
  ASSERT_EQ(filled.status, 0) << filled.err;
  const Finished lines = directory.run({"bench", "generate", "--events", "300", "--seed", "5"});
  EXPECT_EQ(without_ids(lines.out), without_ids(directory.run({"export", "--store", trail}).out));
  EXPECT_NE(lines.out, directory.run({"bench", "generate", "--events", "300"}).out);
}

TEST(BenchGenerate, NeverAddsToATrailThatIsThere) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished refused =
      directory.run({"bench", "generate", "--events", "1", "--store", directory.trail()});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("is there already"), std::string::npos);
  EXPECT_EQ(directory.run({"bench", "generate", "--events", "0"}).status, 2);
  EXPECT_EQ(directory.run({"bench", "measure", "--events", "1"}).status, 2);
}

}  // namespace
}  // namespace agentaudit
