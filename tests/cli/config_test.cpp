// Options that a file gives.

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    directory_.record(R"({"category":"llm","agent":"ada"})"
                      "\n"
                      R"({"category":"tool_call","agent":"bob"})"
                      "\n");
  }
  void write(const std::string& text) const {
    std::filesystem::create_directories(path_.parent_path());
    std::ofstream(path_) << text;
    std::filesystem::permissions(
        path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  TrailDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / ".config" / "agentaudit" / "config.toml";
};

TEST_F(ConfigTest, GivesWhatTheCommandLineDoesNot) {
  write("[list]\nagent = [\"bob\"]\njson = true\n");
  const std::string bob = directory_.run({"list"}).out;
  EXPECT_EQ(bob.find("ada"), std::string::npos) << bob;
  EXPECT_NE(bob.find(R"("agent":"bob")"), std::string::npos) << bob;
  const std::string ada = directory_.run({"list", "--agent", "ada"}).out;
  EXPECT_NE(ada.find(R"("agent":"ada")"), std::string::npos) << ada;
  EXPECT_EQ(ada.find("bob"), std::string::npos) << ada;
}

TEST_F(ConfigTest, BeforeItsTablesItIsForEveryCommandThatHasTheOption) {
  write("limit = 1\n[stats]\njson = true\n");
  const std::string list = directory_.run({"list", "--json"}).out;
  EXPECT_EQ(list.find("ada"), std::string::npos) << list;
  EXPECT_EQ(directory_.run({"stats"}).out.front(), '{');
}

TEST_F(ConfigTest, YieldsToTheVariableOfTheEnvironment) {
  // The tests name the trail by AGENTAUDIT_STORE.
  write("store = \"/nowhere/audit.db\"\n");
  EXPECT_EQ(directory_.run({"list"}).status, 0);
}

TEST_F(ConfigTest, SaysWhereItIsWrong) {
  struct Case {
    std::string text;
    std::string complaint;
  };
  for (const Case& wrong :
       {Case{"[list]\nagnet = \"x\"\n",
             "config.toml:2: there is no option \"agnet\"; did you mean"},
        Case{"[list]\njson = \"yes\"\n", "config.toml:2: json is true or false"},
        Case{"[list]\nagent = true\n", "config.toml:2: agent takes a value"},
        Case{"[list]\nlimit = [1, 2]\n", "config.toml:2: limit takes one value"},
        Case{"[list]\nlimit = 1.5\n", "config.toml:2: a value is a text"},
        Case{"[list]\norder = \"sideways\"\n", "config.toml:2:"},
        Case{"[list\n", "config.toml:1:"}}) {
    write(wrong.text);
    const Finished finished = directory_.run({"list"});
    EXPECT_EQ(finished.status, 2) << wrong.text;
    EXPECT_NE(finished.err.find(wrong.complaint), std::string::npos) << finished.err;
  }
}

TEST_F(ConfigTest, OfMoreThanAMebibyteIsNotRead) {
  write(std::string((1U << 20U) + 1, '#'));
  const Finished finished = directory_.run({"list"});
  EXPECT_NE(finished.status, 0);
  EXPECT_EQ(finished.err, "agentaudit: " + path_.native() + " is over 1 MiB\n");
}

TEST_F(ConfigTest, OfOthersIsNotTrusted) {
  write("limit = 1\n");
  std::filesystem::permissions(path_, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  const Finished finished = directory_.run({"list"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("chmod go-w"), std::string::npos) << finished.err;
}

TEST_F(ConfigTest, ThatIsWrongNeverDisturbsAHook) {
  write("[hook]\nnonsense = [[]]\n");
  const Finished hook =
      directory_.run({"hook"}, R"({"hook_event_name":"SessionStart","session_id":"s"})");
  EXPECT_EQ(hook.status, 0);
  EXPECT_EQ(hook.out + hook.err, "");
  write("");
  EXPECT_NE(directory_.run({"list", "--category", "session", "--json"}).out, "");
}

TEST_F(ConfigTest, HasRulesForSecrets) {
  write(
      "[redaction]\nallow = [\"^harmless$\"]\n[[redaction.rules]]\nkind = \"acme-badge\"\n"
      "keywords = [\"badge\"]\npattern = 'badge ([0-9]{6})'\n");
  directory_.record(R"({"category":"llm","agent":"eve","summary":"badge 123456"})"
                    "\n");
  const std::string eve = directory_.run({"list", "--agent", "eve", "--json"}).out;
  EXPECT_EQ(eve.find("123456"), std::string::npos) << eve;
  EXPECT_NE(eve.find("acme-badge"), std::string::npos) << eve;
  for (const auto& [text, complaint] :
       {std::pair("[redaction]\nallow = 5\n", "allow is a list of texts"),
        std::pair("[[redaction.rules]]\nentropy = \"high\"\n", "entropy is a number"),
        std::pair("[[redaction.rules]]\nregex = \"x\"\n",
                  "a rule has kind, keywords, pattern and entropy, not regex")}) {
    write(text);
    const Finished wrong = directory_.run({"record"}, R"({"category":"llm"})");
    EXPECT_NE(wrong.status, 0);
    EXPECT_NE(wrong.err.find(complaint), std::string::npos) << wrong.err;
    const Finished proxy = directory_.run({"mcp", "--", "true"});
    EXPECT_EQ(proxy.status, 0);
    EXPECT_NE(proxy.err.find(complaint), std::string::npos) << proxy.err;
    EXPECT_NE(proxy.err.find("; the built-in rules hold"), std::string::npos) << proxy.err;
  }
  const Finished hook = directory_.run(
      {"hook"}, R"({"hook_event_name":"UserPromptSubmit","session_id":"s","prompt":"use ghp_)"
                R"(x8Kd02Jf93mNq7VbT5rWz1LcP6yHs4GaE0uQ"})");
  EXPECT_EQ(hook.status, 0);
  const std::string prompt = directory_.run({"search", "use", "--json"}).out;
  EXPECT_EQ(prompt.find("x8Kd02"), std::string::npos) << prompt;
}

TEST_F(ConfigTest, IsCheckedAsAWholeByADaemon) {
  const auto check = [&](const std::string& text) {
    write(text);
    return directory_.run({"serve", "--listen", "0", "--check"});
  };
  const Finished good = check("[serve]\nunix = \"s\"\n[list]\nlimit = 5\n");
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_NE(good.err.find("config.toml"), std::string::npos) << good.err;
  EXPECT_NE(check("[lsit]\nlimit = 5\n").err.find("did you mean [list]?"), std::string::npos);
  EXPECT_NE(check("[list]\nlimits = 5\n").err.find("did you mean"), std::string::npos);
  EXPECT_NE(check("nonsense = 5\n").err.find("no command has an option"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
