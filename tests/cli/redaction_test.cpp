// No secret that goes in by any door is anywhere in the files afterwards.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cli/agentaudit_process.h"
#include "cli/redaction_key.h"
#include "cli/redaction_option.h"
#include "core/file_descriptor.h"

namespace agentaudit {
namespace {

namespace fs = std::filesystem;

const std::string key = "sk-ant-api03-" + std::string("Zk3xQ9vT1bN7mW5rP2sL8dF4gH6jK0cYz_Xw-A");
const std::string password = "h7Gx2!kQ9pLm";

std::string payload() {
  return R"({"session_id":"s1","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":)"
         R"({"command":"export ANTHROPIC_API_KEY=)" +
         key + R"( && psql postgres://app:)" + password + R"(@db/orders"},"tool_use_id":"t1"})";
}

std::string line() {
  return R"({"category":"tool_call","target":"bash","summary":"export K=)" + key +
         R"(","detail":{"password":")" + password + "\"}}\n";
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every file in the directory, the trail with its log, spools and keys.
void expect_clean(const TrailDirectory& directory) {
  for (const auto& entry : fs::recursive_directory_iterator(directory.path() / "trail")) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = bytes_of(entry.path());
    EXPECT_EQ(bytes.find(key), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find(password), std::string::npos) << entry.path();
  }
}

std::vector<nlohmann::json> exported(const TrailDirectory& directory) {
  std::vector<nlohmann::json> events;
  std::istringstream lines(directory.run({"export"}).out);
  for (std::string text; std::getline(lines, text);) events.push_back(nlohmann::json::parse(text));
  return events;
}

fs::path key_file(const TrailDirectory& directory) {
  return directory.path() / ".config" / "agentaudit" / "redaction-key";
}

TEST(Redaction, RecordRemovesSecretsAndSaysHowMany) {
  const TrailDirectory directory;
  const Finished finished = directory.run({"record"}, line());
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "agentaudit: 2 secrets removed (1 anthropic-api-key, 1 password)\n");
  expect_clean(directory);
  const auto event = exported(directory).at(0);
  EXPECT_EQ(event["summary"].get<std::string>().substr(0, 37),
            "export K=[REDACTED:anthropic-api-key:");
}

TEST(Redaction, WhatWasTakenOutIsSaidInOneSentence) {
  RedactionReport report;
  EXPECT_EQ(text_of(report), "");
  report.texts_dropped = 1;
  EXPECT_EQ(text_of(report), "1 text dropped, too long to be searched for secrets");
  report.found = {{.kind = "password", .secrets = 2}, {.kind = "jwt", .secrets = 1}};
  report.texts_dropped = 2;
  EXPECT_EQ(text_of(report),
            "3 secrets removed (2 password, 1 jwt), 2 texts dropped, too long to be searched for "
            "secrets");
}

TEST(Redaction, RecordKeepsSecretsWhenTold) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"record", "--keep-secrets"}, line()).err, "");
  EXPECT_EQ(exported(directory).at(0)["summary"], "export K=" + key);
  EXPECT_FALSE(fs::exists(key_file(directory)));
}

TEST(Redaction, AHookRemovesSecretsInSilence) {
  const TrailDirectory directory;
  const Finished finished = directory.run({"hook"}, payload());
  EXPECT_EQ(finished.err + finished.out, "");
  expect_clean(directory);
  const auto event = exported(directory).at(0);
  const auto detail = nlohmann::json::parse(event["detail"].get<std::string>());
  const auto command = detail["tool_input"]["command"].get<std::string>();
  EXPECT_EQ(command.find("export ANTHROPIC_API_KEY=[REDACTED:anthropic-api-key:"), 0U) << command;
  EXPECT_NE(command.find(" && psql postgres://app:[REDACTED:url-password:"), std::string::npos);
}

TEST(Redaction, AHooksSummaryIsNotCutWithinASecret) {
  for (std::size_t blanks = 120; blanks < 200; blanks += 7) {
    const TrailDirectory directory;
    const std::string words(blanks, 'w');
    ASSERT_EQ(directory
                  .run({"hook"}, R"({"hook_event_name":"PreToolUse","tool_name":"Bash",)"
                                 R"("tool_input":{"command":"echo )" +
                                     words + " " + key + "\"}}")
                  .status,
              0);
    const auto summary = exported(directory).at(0)["summary"].get<std::string>();
    EXPECT_EQ(summary.find(key.substr(0, 4)), std::string::npos) << summary;
  }
}

TEST(Redaction, TheSpoolHasNoSecretsEither) {
  const TrailDirectory directory;
  fs::create_directories(directory.trail().parent_path());
  std::ofstream(directory.trail()) << "this is no trail, whatever it is; it is long enough";
  EXPECT_EQ(directory.run({"hook"}, payload()).status, 0);
  ASSERT_TRUE(fs::exists(directory.trail().native() + ".spool"));
  expect_clean(directory);
}

TEST(Redaction, AHookWithoutSecretsMakesNoKey) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"hook"}, R"({"hook_event_name":"Stop","session_id":"s"})").status, 0);
  EXPECT_FALSE(fs::exists(key_file(directory)));
}

TEST(Redaction, ImportRemovesSecretsOfEveryFormat) {
  const TrailDirectory source;
  ASSERT_EQ(source.run({"record", "--keep-secrets"}, line()).status, 0);
  const fs::path csv = source.path() / "events.csv";
  ASSERT_EQ(source.run({"export", "--format", "csv", "-o", csv}).status, 0);
  const fs::path lines = source.file("events.jsonl", line());
  const fs::path otlp = source.file(
      "body.json",
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
      R"("spanId":"b7ad6b7169203331","name":"execute_tool bash","startTimeUnixNano":"1000000000",)"
      R"("endTimeUnixNano":"2000000000","attributes":[{"key":"gen_ai.operation.name","value":)"
      R"({"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"bash"}},)"
      R"({"key":"gen_ai.tool.call.arguments","value":{"stringValue":"{\"cmd\":\"K=)" +
          key + R"(\"}"}}]}]}]}]})");
  const TrailDirectory directory;
  for (const fs::path& file : {csv, lines, source.trail()}) {
    const Finished finished = directory.run({"import", file});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_NE(finished.err.find("2 secrets removed"), std::string::npos) << finished.err;
  }
  const Finished finished = directory.run({"import", "--format", "otlp-traces", otlp});
  EXPECT_NE(finished.err.find("2 secrets removed (2 anthropic-api-key)"), std::string::npos)
      << finished.err;
  // The same again is still known as the same.
  EXPECT_NE(directory.run({"import", "--format", "otlp-traces", otlp}).err.find("repetition"),
            std::string::npos);
  EXPECT_EQ(exported(directory).size(), 4U);
  expect_clean(directory);
}

TEST(Redaction, ARedactedTrailIsImportedAsItIs) {
  const TrailDirectory source;
  ASSERT_EQ(source.run({"record"}, line()).status, 0);
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"import", source.trail()}).err.find("removed"), std::string::npos);
  EXPECT_EQ(exported(directory).at(0)["summary"], exported(source).at(0)["summary"]);
}

TEST(Redaction, McpRemovesSecrets) {
  const TrailDirectory directory;
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":)"
                              R"("deploy","arguments":{"key":")" +
                              key + "\"}}}\n";
  const Finished finished =
      directory.run({"mcp", "--", "sh", "-c",
                     R"(read l; echo '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')"},
                    request);
  EXPECT_EQ(finished.status, 0) << finished.err;
  expect_clean(directory);
  bool found = false;
  for (const auto& event : exported(directory)) {
    found |= event.dump().find("[REDACTED:anthropic-api-key:") != std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST(Redaction, OwnRulesComeFromAFile) {
  const TrailDirectory directory;
  const fs::path rules = directory.file("rules.toml",
                                        "[redaction]\n"
                                        "disabled_kinds = [\"password\"]\n"
                                        "allow = ['sk-ant-api03-Zk3x.*']\n"
                                        "[[redaction.rules]]\n"
                                        "kind = \"acme-badge\"\n"
                                        "keywords = [\"badge\"]\n"
                                        "pattern = 'badge-([0-9]{6})'\n"
                                        "entropy = 1\n"
                                        "[elsewhere]\nx = 1\n");
  const std::string event = R"({"category":"session","summary":"badge-482913 )" + key +
                            R"(","detail":{"password":")" + password + "\"}}\n";
  EXPECT_EQ(directory.run({"record", "--secret-rules", rules}, event).err,
            "agentaudit: 1 secret removed (1 acme-badge)\n");
}

TEST(Redaction, SaysWhatIsWrongWithTheFileOfRules) {
  const TrailDirectory directory;
  const auto complaint = [&](std::string_view toml) {
    const fs::path rules = directory.file("rules.toml", toml);
    const Finished finished = directory.run({"record", "--secret-rules", rules}, line());
    EXPECT_NE(finished.status, 0);
    return finished.err.substr(std::min(finished.err.size(), 14 + rules.native().size()));
  };
  EXPECT_EQ(complaint("[redaction]\nalow = []\n"),
            "line 2: [redaction] has disabled_kinds, allow and rules, not alow\n");
  EXPECT_EQ(complaint("[redaction]\nallow = [1]\n"), "line 2: each of allow is a text\n");
  EXPECT_EQ(complaint("[[redaction.rules]]\nkind = \"a\"\npattern = '('\n"),
            "the rule \"a\": the pattern \"(\" is none that RE2 takes: missing ): (\n");
  EXPECT_EQ(complaint("x = 1\n"), "there is no table [redaction]\n");
  EXPECT_EQ(complaint("[redaction\n").substr(0, 7), "line 1:");
  EXPECT_FALSE(fs::exists(directory.trail()));
}

TEST(Redaction, AHookWithBadRulesStillRecordsAndRedacts) {
  const TrailDirectory directory;
  const Finished finished = directory.run({"hook", "--secret-rules", "/nowhere.toml"}, payload());
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  expect_clean(directory);
  EXPECT_EQ(exported(directory).size(), 1U);
}

TEST(Redaction, EqualSecretsHaveEqualMarksFromOneProcessToTheNext) {
  const TrailDirectory directory;
  ASSERT_EQ(directory.run({"record"}, line()).status, 0);
  ASSERT_EQ(directory.run({"record"}, line()).status, 0);
  const auto events = exported(directory);
  EXPECT_EQ(events.at(0)["summary"], events.at(1)["summary"]);
  struct stat status{};
  ASSERT_EQ(::stat(key_file(directory).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Redaction, WithoutAPlaceForTheKeySecretsGoAllTheSame) {
  const TrailDirectory directory;
  std::ofstream(directory.path() / ".config") << "a file where a directory should be";
  const Finished finished = directory.run({"record"}, line() + line());
  EXPECT_EQ(finished.status, 0);
  EXPECT_NE(finished.err.find("marks can be compared within this run only"), std::string::npos);
  EXPECT_EQ(finished.err.find("within this run"), finished.err.rfind("within this run"));
  expect_clean(directory);
  const auto events = exported(directory);
  EXPECT_EQ(events.at(0)["summary"], events.at(1)["summary"]);
}

TEST(Redaction, AKeyThatOthersCanReadIsNotUsed) {
  const TrailDirectory directory;
  ASSERT_EQ(directory.run({"record"}, line()).status, 0);
  ASSERT_EQ(::chmod(key_file(directory).c_str(), 0644), 0);
  EXPECT_NE(directory.run({"record"}, line()).err.find("is open to others"), std::string::npos);
  const auto events = exported(directory);
  EXPECT_NE(events.at(0)["summary"], events.at(1)["summary"]);
}

TEST(RedactionKeyFile, ManyAtOnceGetTheSameKey) {
  const TrailDirectory directory;
  const fs::path path = directory.path() / "config" / "agentaudit" / "redaction-key";
  std::vector<RedactionKey> keys(8);
  std::vector<std::thread> threads;
  for (RedactionKey& mine : keys) {
    threads.emplace_back([&mine, &path] {
      const auto read = read_or_make_redaction_key(path);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      mine = *read;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<RedactionKey>(keys.begin(), keys.end()).size(), 1U);
  EXPECT_NE(keys.front(), RedactionKey{});
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(RedactionKeyFile, AFileThatHoldsNoKeyIsRefused) {
  const TrailDirectory directory;
  const fs::path path = directory.file("redaction-key", "short\n");
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto read = read_or_make_redaction_key(path);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::parse);
}

}  // namespace
}  // namespace agentaudit
