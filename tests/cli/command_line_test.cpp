#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/command_help.h"
#include "cli/command_table.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

// A command line with one option of each kind.
struct Sample {
  Sample() {
    line.flag({"-f", "--follow"}, follow, "Follow");
    line.option({"--store"}, "PATH", store, "Store");
    line.option({"--agent"}, "NAMES", agents, "Agents");
    line.option({"-n", "--limit"}, "N", limit, "Limit");
    line.option({"--order"}, "ORDER", order, "Order").choices = {"newest", "oldest"};
    line.argument("FILE", files, "Files");
  }
  Result<void> parse(std::vector<const char*> words, bool lenient = false) {
    return line.parse(words, lenient);
  }

  bool follow = false;
  std::string store;
  std::vector<std::string> agents;
  std::int64_t limit = 50;
  std::string order;
  std::vector<std::string> files;
  CommandLine line;
};

using Names = std::vector<std::string>;

TEST(CommandLine, SetsWhatIsNamed) {
  Sample sample;
  ASSERT_TRUE(sample.parse({"-f", "--store=a=b", "--agent", "x", "--agent", "y", "-n", "7", "one",
                            "--order", "oldest", "two"}));
  EXPECT_TRUE(sample.follow);
  EXPECT_EQ(sample.store, "a=b");
  EXPECT_EQ(sample.agents, (Names{"x", "y"}));
  EXPECT_EQ(sample.limit, 7);
  EXPECT_EQ(sample.order, "oldest");
  EXPECT_EQ(sample.files, (Names{"one", "two"}));
}

TEST(CommandLine, TheLastOfSeveralValuesHolds) {
  Sample sample;
  ASSERT_TRUE(sample.parse({"--store", "a", "--store", "b"}));
  EXPECT_EQ(sample.store, "b");
}

TEST(CommandLine, ArgumentsAreTakenAsTheyAre) {
  Sample sample;
  ASSERT_TRUE(sample.parse({"[a,b]", "-", "", "--", "--store", "-x", "--"}));
  EXPECT_EQ(sample.files, (Names{"[a,b]", "-", "", "--store", "-x", "--"}));
  EXPECT_EQ(sample.store, "");
}

TEST(CommandLine, ValuesInBracketsAreTakenAsTheyAre) {
  Sample sample;
  ASSERT_TRUE(sample.parse({"--agent", "[a,b]", "--store", "{\"a\":[1]}"}));
  EXPECT_EQ(sample.agents, (Names{"[a,b]"}));
  EXPECT_EQ(sample.store, "{\"a\":[1]}");
}

TEST(CommandLine, AnUnknownOptionIsRefusedAndTheNearestNamed) {
  Sample sample;
  const auto parsed = sample.parse({"--agnet", "x"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(parsed.error().message, "unknown option \"--agnet\"; did you mean \"--agent\"?");
}

TEST(CommandLine, BadValuesAreRefusedWithTheirOption) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"--limit", "many"},
                                                {"--limit", "7x"},
                                                {"--limit", ""},
                                                {"--order", "random"},
                                                {"--store"}}) {
    Sample sample;
    const auto parsed = sample.parse(words);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(parsed.error().message.find(words.front()), std::string::npos)
        << parsed.error().message;
  }
}

TEST(CommandLine, AValueThatAFlagDoesNotTakeIsRefused) {
  Sample sample;
  const auto parsed = sample.parse({"--follow=yes"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(parsed.error().message, "--follow takes no value");
}

TEST(CommandLine, AnArgumentTooManyIsNamed) {
  CommandLine line;
  std::string file;
  line.argument("FILE", file, "File");
  const std::vector<const char*> words = {"one", "two", "three"};
  const auto parsed = line.parse(words);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(parsed.error().message, "unexpected argument \"two\"");
}

TEST(CommandLine, LenientlyWhatIsWrongIsPassedOver) {
  Sample sample;
  ASSERT_TRUE(sample.parse(
      {"--unknown", "--limit=many", "--store", "s", "-z", "payload", "--agent"}, true));
  EXPECT_EQ(sample.store, "s");
  EXPECT_EQ(sample.limit, 50);
  EXPECT_EQ(sample.files, (Names{"payload"}));
}

TEST(NearestWord, NamesOnlyWhatIsNear) {
  const Names names = {"list", "tail", "stats", "conversations"};
  EXPECT_EQ(nearest_word("lst", names), "list");
  EXPECT_EQ(nearest_word("conversation", names), "conversations");
  EXPECT_EQ(nearest_word("deploy", names), "");
  EXPECT_EQ(nearest_word("", names), "");
}

TEST(Help, FitsAScreenOfEightyColumns) {
  std::string all = help_of_all();
  for (const CommandEntry* const entry : command_table()) all += help_of(*entry);
  std::size_t start = 0;
  for (std::size_t end; (end = all.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = all.substr(start, end - start);
    EXPECT_LE(terminal_columns(line), 80U) << line;
  }
}

TEST(Help, EveryOptionIsExplainedAndEveryCommandHasASummary) {
  for (const CommandEntry* const entry : command_table()) {
    EXPECT_FALSE(entry->summary.empty()) << entry->name;
    EXPECT_FALSE(entry->summary.ends_with('.')) << entry->name;
    EXPECT_NE(help_of_all().find(entry->name), std::string::npos) << entry->name;
    const DeclaredCommand declared(*entry);
    for (const OptionSpec& spec : declared.line.options()) {
      EXPECT_FALSE(spec.help.empty()) << entry->name << ' ' << spec.heading();
    }
  }
}

}  // namespace
}  // namespace agentaudit
