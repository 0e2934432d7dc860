// `agentaudit hook install` and `uninstall`, in a home directory of their own.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/agentaudit_process.h"
#include "cli/shell_words.h"
#include "store/is_installed.h"

namespace agentaudit {
namespace {

using nlohmann::json;

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

struct Agent {
  std::string name;
  std::string file;  // below the home directory
  std::string tool_event;
};

const std::array<Agent, 4> agents = {{{"claude-code", ".claude/settings.json", "PreToolUse"},
                                      {"codex", ".codex/hooks.json", "PreToolUse"},
                                      {"gemini", ".gemini/settings.json", "BeforeTool"},
                                      {"cursor", ".cursor/hooks.json", "preToolUse"}}};

// The first command of an event.
std::string command_in(const json& settings, const std::string& event) {
  const json& first = settings.at("hooks").at(event).at(0);
  return first.contains("hooks") ? first["hooks"][0]["command"] : first["command"];
}

class HookSetupTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path settings() const {
    return directory_.path() / ".claude/settings.json";
  }
  void write_settings(const std::string& text) const {
    std::filesystem::create_directories(settings().parent_path());
    std::ofstream(settings(), std::ios::binary) << text;
  }
  [[nodiscard]] Finished install(const std::string& agent = "claude-code") const {
    return directory_.run({"hook", "install", agent, "--yes"});
  }
  [[nodiscard]] Finished uninstall(const std::string& agent = "claude-code") const {
    return directory_.run({"hook", "uninstall", agent, "--yes"});
  }
  [[nodiscard]] std::vector<std::filesystem::path> backups() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(settings().parent_path())) {
      const std::string name = entry.path().filename();
      if (name.starts_with("settings.json.agentaudit-backup-")) found.push_back(entry.path());
      EXPECT_EQ(name.find("agentaudit-XX"), std::string::npos);
    }
    return found;
  }

  TrailDirectory directory_;
};

TEST_F(HookSetupTest, EachAgentGetsSettingsWhereThereWereNone) {
  for (const Agent& agent : agents) {
    const Finished installed = install(agent.name);
    EXPECT_EQ(installed.status, 0) << installed.err;
    EXPECT_NE(installed.out.find("+++ "), std::string::npos) << installed.out;
    const json settings = json::parse(text_of(directory_.path() / agent.file));
    EXPECT_EQ(command_in(settings, agent.tool_event), AGENTAUDIT_COMMAND " hook");
    EXPECT_GE(settings["hooks"].size(), 8U);
    EXPECT_EQ(settings.contains("version"), agent.name == "cursor");
  }
}

TEST_F(HookSetupTest, WhatItInstalledRecordsWhatTheAgentSends) {
  const std::string trail = (directory_.path() / "a trail's place" / "audit.db").native();
  for (const Agent& agent : agents) {
    ASSERT_EQ(directory_.run({"hook", "install", agent.name, "--store", trail, "--yes"}).status, 0);
    const json settings = json::parse(text_of(directory_.path() / agent.file));
    const std::string payload = json{
        {"hook_event_name", agent.tool_event},
        {"session_id", agent.name},
        {"tool_name", "Bash"},
        {"tool_input",
         {{"command", "ls"}}}}.dump();
    FILE* const shell = ::popen(command_in(settings, agent.tool_event).c_str(), "w");
    ASSERT_NE(shell, nullptr);
    std::fputs(payload.c_str(), shell);
    EXPECT_EQ(::pclose(shell), 0);
    const Finished listed =
        directory_.run({"list", "--store", trail, "--json", "--conversation", agent.name});
    EXPECT_EQ(json::parse(listed.out)["target"], "Bash") << listed.err;
  }
}

TEST_F(HookSetupTest, OtherHooksAndEveryOtherByteStay) {
  const std::string before =
      "{\r\n\t\"model\" : \"x\",  \r\n\t\"hooks\": {\r\n\t\t\"PreToolUse\": [\r\n"
      "\t\t\t{\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"lint\"}]}"
      "\r\n\t\t]\r\n\t},\r\n\t\"big\": 1e400\r\n}";
  write_settings(before);
  ASSERT_EQ(install().status, 0);
  const std::string after = text_of(settings());
  const json hooks = json::parse(after.substr(0, after.rfind(",\r\n\t\"big\"")) + "}")["hooks"];
  EXPECT_EQ(hooks["PreToolUse"][0]["hooks"][0]["command"], "lint");
  EXPECT_EQ(hooks["PreToolUse"][1]["hooks"][0]["command"], AGENTAUDIT_COMMAND " hook");
  EXPECT_NE(after.find("\r\n\t\t\"Stop\": [\r\n\t\t\t{\r\n\t\t\t\t\"hooks\": ["), std::string::npos)
      << after;
  ASSERT_EQ(uninstall().status, 0);
  EXPECT_EQ(text_of(settings()), before);
}

TEST_F(HookSetupTest, UninstallBringsBackTheBytesThatWereThere) {
  for (const std::string before :
       {R"({})", "{}\n", R"({"a":1})", "{\n    \"a\": [1,\n 2]\n}\n",
        R"({"hooks":{"X":[]},"b":{}})", "\xef\xbb\xbf{\n  \"a\": 1\n}"}) {
    write_settings(before);
    ASSERT_EQ(install().status, 0) << before;
    ASSERT_NE(text_of(settings()), before);
    ASSERT_EQ(uninstall().status, 0) << before;
    EXPECT_EQ(text_of(settings()), before);
  }
}

TEST_F(HookSetupTest, ASecondInstallChangesNothing) {
  ASSERT_EQ(install().status, 0);
  const std::string once = text_of(settings());
  const Finished again = install();
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.out, "");
  EXPECT_NE(again.err.find("already installed"), std::string::npos) << again.err;
  EXPECT_EQ(text_of(settings()), once);
  EXPECT_TRUE(backups().empty());
}

TEST_F(HookSetupTest, AnEntryOfAnotherPathIsBroughtUpToDateAndATwinGoes) {
  write_settings(R"({"hooks":{"Stop":[{"hooks":[)"
                 R"({"type":"command","command":"'/old place/agentaudit' hook","timeout":7},)"
                 R"({"type":"command","command":"X=1 agentaudit hook"},)"
                 R"({"type":"command","command":"say agentaudit hook"}]}]}})");
  ASSERT_EQ(install().status, 0);
  const json stop = json::parse(text_of(settings()))["hooks"]["Stop"];
  ASSERT_EQ(stop.size(), 1U);
  ASSERT_EQ(stop[0]["hooks"].size(), 2U) << stop;
  EXPECT_EQ(stop[0]["hooks"][0]["command"], AGENTAUDIT_COMMAND " hook");
  EXPECT_EQ(stop[0]["hooks"][0]["timeout"], 7);
  EXPECT_EQ(stop[0]["hooks"][1]["command"], "say agentaudit hook");
}

TEST_F(HookSetupTest, WhatWasThereIsKeptWithItsMode) {
  write_settings("{\"env\":{}}");
  ::chmod(settings().c_str(), 0640);
  ASSERT_EQ(install().status, 0);
  ASSERT_EQ(backups().size(), 1U);
  EXPECT_EQ(text_of(backups().front()), "{\"env\":{}}");
  for (const auto& path : {settings(), backups().front()}) {
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U) << path;
  }
}

TEST_F(HookSetupTest, SettingsOfAnotherFormAreLeftAloneAndItSaysWhatToPaste) {
  for (const std::string before :
       {"// mine\n{\"a\": 1}", "{\"a\": 1,}", "{", "[]", "{\"hooks\": []}",
        "{\"hooks\": {\"PreToolUse\": {}}}", "{\"hooks\": {\"Stop\": [\"x\"]}}",
        "{\"hooks\": {}, \"hooks\": {}}"}) {
    write_settings(before);
    const Finished refused = install();
    EXPECT_EQ(refused.status, 1) << before;
    EXPECT_NE(refused.err.find("was not changed"), std::string::npos) << refused.err;
    EXPECT_EQ(command_in(json::parse(refused.out), "Stop"), AGENTAUDIT_COMMAND " hook");
    EXPECT_EQ(text_of(settings()), before);
    EXPECT_TRUE(backups().empty());
  }
}

TEST_F(HookSetupTest, ALinkStaysALink) {
  const auto target = directory_.file("dotfiles.json", "{\"a\": 1}");
  std::filesystem::create_directories(settings().parent_path());
  std::filesystem::create_symlink(target, settings());
  ASSERT_EQ(install().status, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(settings()));
  EXPECT_NE(text_of(target).find("agentaudit"), std::string::npos);

  std::filesystem::remove(target);
  EXPECT_EQ(install().status, 3);
  EXPECT_TRUE(std::filesystem::is_symlink(settings()));
}

TEST_F(HookSetupTest, ADirectoryThatCannotBeWrittenLeavesAllAsItWas) {
  if (::geteuid() == 0) {
    // Root may write anywhere, but not into a file as if it were a directory.
    directory_.file(".claude", "no directory");
    EXPECT_EQ(install().status, 3);
    return;
  }
  write_settings("{}");
  std::filesystem::permissions(settings().parent_path(), std::filesystem::perms::owner_read |
                                                             std::filesystem::perms::owner_exec);
  const Finished refused = install();
  std::filesystem::permissions(settings().parent_path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(refused.status, 3) << refused.err;
  EXPECT_EQ(text_of(settings()), "{}");
}

TEST_F(HookSetupTest, ADryRunOnlyShows) {
  write_settings("{}");
  const Finished shown = directory_.run({"hook", "install", "claude-code", "--dry-run"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_NE(shown.out.find("+    \"PreToolUse\": ["), std::string::npos) << shown.out;
  EXPECT_EQ(text_of(settings()), "{}");
}

TEST_F(HookSetupTest, ItAsksOnATerminalAndWantsYesElsewhere) {
  write_settings("{}");
  EXPECT_EQ(directory_.run({"hook", "install", "claude-code"}).status, 2);
  const Finished no =
      directory_.run_on_terminal({"hook", "install", "claude-code"}, 80, "n\n", "[y/N]");
  EXPECT_EQ(no.status, 1) << no.out;
  EXPECT_EQ(text_of(settings()), "{}");
  const Finished yes =
      directory_.run_on_terminal({"hook", "install", "claude-code"}, 80, "y\n", "[y/N]");
  EXPECT_EQ(yes.status, 0) << yes.out;
  EXPECT_NE(yes.out.find("\x1b[32m+"), std::string::npos) << yes.out;
  EXPECT_NE(text_of(settings()), "{}");
}

TEST_F(HookSetupTest, ADiffCanBePatched) {
  write_settings("{\n  \"a\": 1\n}");
  const std::string before = text_of(settings());
  const Finished shown = install();
  const auto copy = directory_.file("copy.json", before);
  const auto diff = directory_.file("install.diff", shown.out);
  if (!is_installed("patch")) GTEST_SKIP() << "there is no patch here";
  const std::string command = "patch -s " + copy.native() + " " + diff.native();
  ASSERT_EQ(::system(command.c_str()), 0);
  EXPECT_EQ(text_of(copy), text_of(settings()));
}

TEST_F(HookSetupTest, TheSettingsOfAProjectAreInItAndAnAgentsVariableNamesItsOwn) {
  const std::filesystem::path project = directory_.path() / "project";
  std::filesystem::create_directory(project);
  const auto installed_by = [&](const std::string& before, const std::string& option) {
    const Finished done =
        directory_.run_script("cd '" + project.native() + "'; " + before +
                              R"( "$AGENTAUDIT" hook install claude-code --yes --json )" + option);
    EXPECT_EQ(done.status, 0) << done.err;
    return json::parse(done.out)["file"].get<std::string>();
  };
  const auto file = project / ".claude/settings.json";
  EXPECT_EQ(installed_by("", "--project"), file.native());
  EXPECT_EQ(command_in(json::parse(text_of(file)), "Stop"), AGENTAUDIT_COMMAND " hook");
  EXPECT_EQ(installed_by("CLAUDE_CONFIG_DIR=mine", ""), (project / "mine/settings.json").native());
  EXPECT_TRUE(std::filesystem::exists(project / "mine/settings.json"));
  EXPECT_FALSE(std::filesystem::exists(settings()));
}

TEST_F(HookSetupTest, SettingsOfMoreThanSixteenMebibytesAreLeftAlone) {
  write_settings("{}");
  std::filesystem::resize_file(settings(), (16U << 20U) + 1);
  const Finished refused = install();
  EXPECT_EQ(refused.status, 3);
  EXPECT_EQ(refused.err, "agentaudit: " + settings().native() + " is over 16 MiB\n");
  EXPECT_EQ(std::filesystem::file_size(settings()), (16U << 20U) + 1);
}

TEST_F(HookSetupTest, UninstallLeavesTheHooksOfOthersAndSaysWhenThereIsNothing) {
  EXPECT_NE(uninstall().err.find("nothing to take out"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(settings()));
  write_settings(R"({"hooks":{"Stop":[{"hooks":[{"command":"agentaudit hook"},{"command":"x"}]}],)"
                 R"("Made":[{"hooks":[{"command":"agentaudit hook -v"}]}]}})");
  ASSERT_EQ(uninstall().status, 0);
  EXPECT_EQ(text_of(settings()), R"({"hooks":{"Stop":[{"hooks":[{"command":"x"}]}]}})");
}

TEST_F(HookSetupTest, TheAnswerAsJson) {
  write_settings("{}");
  const json done =
      json::parse(directory_.run({"hook", "install", "claude-code", "--yes", "--json"}).out);
  EXPECT_EQ(done["agent"], "claude-code");
  EXPECT_EQ(done["file"], settings().native());
  EXPECT_EQ(done["changed"], true);
  EXPECT_EQ(done["backup"], backups().front().native());
  const json again =
      json::parse(directory_.run({"hook", "install", "claude-code", "--yes", "--json"}).out);
  EXPECT_EQ(again["changed"], false);
  EXPECT_EQ(again["backup"], nullptr);
}

TEST_F(HookSetupTest, AWrongWordIsRefusedThoughAgentsMaySayAnything) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"hook", "install"},
                                                {"hook", "install", "emacs"},
                                                {"hook", "install", "codex", "more"},
                                                {"hook", "install", "codex", "--dry-rn"},
                                                {"hook", "codex", "install"}}) {
    EXPECT_EQ(directory_.run(wrong).status, 2) << wrong.back();
  }
  EXPECT_FALSE(std::filesystem::exists(directory_.trail()));
}

TEST(ShellWords, AQuotedWordIsReadBack) {
  for (const std::string word :
       {"plain", "a b", "it's", "", "$HOME `x` \\ \"y\"", "a;b|c", "ä\n"}) {
    EXPECT_EQ(shell_words(shell_quoted(word)), std::vector<std::string>{word});
  }
  EXPECT_EQ(shell_words("a 'b c'd \"e\\\"f\"\t g\\ h"),
            (std::vector<std::string>{"a", "b cd", "e\"f", "g h"}));
}

TEST_F(HookSetupTest, OfAProgramThatWasReplacedMeanwhileNothingIsInstalled) {
  const Finished refused = directory_.run_script(
      R"(cd; ln "$AGENTAUDIT" tool 2>/dev/null || cp "$AGENTAUDIT" tool; exec 3<tool; rm tool; )"
      R"(exec /proc/self/fd/3 hook install codex --yes)");
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find(" is gone; run agentaudit by its new path"), std::string::npos)
      << refused.err;
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / ".codex"));
}

TEST_F(HookSetupTest, ADirectoryThatIsGoneIsSaidToBe) {
  const std::filesystem::path before = std::filesystem::current_path();
  const std::filesystem::path gone = directory_.path() / "gone";
  std::filesystem::create_directory(gone);
  std::filesystem::current_path(gone);
  std::filesystem::remove(gone);
  const Finished refused = directory_.run({"hook", "install", "claude-code", "--project", "--yes"});
  const Finished connected = directory_.run({"connect", "claude-code"});
  std::filesystem::current_path(before);
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("cannot find the current directory"), std::string::npos)
      << refused.err;
  EXPECT_EQ(connected.status, 0) << connected.err;
}

}  // namespace
}  // namespace agentaudit
