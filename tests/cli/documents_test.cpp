// The man page and the completions.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "cli/agentaudit_process.h"
#include "cli/command_table.h"
#include "store/is_installed.h"

namespace agentaudit {
namespace {

// Whether the checker accepts what the command prints.
void expect_accepted(const std::vector<std::string>& arguments, const std::string& checker) {
  const TrailDirectory directory;
  const Finished printed = directory.run(arguments);
  ASSERT_EQ(printed.status, 0) << printed.err;
  const auto file = directory.file("document", printed.out);
  EXPECT_EQ(std::system((checker + " " + file.native()).c_str()), 0) << printed.out;
}

TEST(ManPage, IsCleanRoff) {
  if (!is_installed("mandoc")) GTEST_SKIP() << "mandoc is not installed";
  expect_accepted({"man"}, "mandoc -T lint -W warning");
}

TEST(ManPage, NamesEveryCommandAndOption) {
  const TrailDirectory directory;
  const std::string page = directory.run({"man"}).out;
  for (const CommandEntry* const entry : command_table()) {
    std::string name(entry->name);
    if (const std::size_t dash = name.find('-'); dash != std::string::npos) name.insert(dash, "\\");
    EXPECT_NE(page.find(".SS " + name), std::string::npos) << name;
  }
  EXPECT_NE(page.find("\\-\\-exclude\\-source"), std::string::npos);
}

TEST(Completion, BashAcceptsIts) { expect_accepted({"completion", "bash"}, "bash -n"); }

TEST(Completion, BashCompletesCommandsOptionsAndChoices) {
  const TrailDirectory directory;
  const auto script = directory.file("completion", directory.run({"completion", "bash"}).out);
  const auto completes = [&](const std::string& words, const std::string& expected) {
    const std::string command = "bash -c 'source " + script.native() + "; COMP_WORDS=(" + words +
                                "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _agentaudit; [[ \" "
                                "${COMPREPLY[*]} \" == *\" " +
                                expected + " \"* ]]'";
    return std::system(command.c_str()) == 0;
  };
  EXPECT_TRUE(completes("agentaudit conv", "conversations"));
  EXPECT_TRUE(completes("agentaudit list --exc", "--exclude-source"));
  EXPECT_TRUE(completes("agentaudit export --format c", "csv"));
  EXPECT_FALSE(completes("agentaudit export --format c", "jsonl"));
}

TEST(Completion, ZshAcceptsIts) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  expect_accepted({"completion", "zsh"}, "zsh -n");
}

TEST(Completion, FishAcceptsIts) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  expect_accepted({"completion", "fish"}, "fish -n");
}

TEST(Help, EveryCommandHasIts) {
  const TrailDirectory directory;
  for (const CommandEntry* const entry : command_table()) {
    const Finished asked = directory.run({std::string(entry->name), "--help"});
    EXPECT_EQ(asked.status, 0);
    EXPECT_NE(asked.out.find("Usage: agentaudit " + std::string(entry->name)), std::string::npos);
    EXPECT_EQ(directory.run({"help", std::string(entry->name)}).out, asked.out);
  }
}

TEST(Help, WithoutArgumentsOneScreenIsShown) {
  const TrailDirectory directory;
  const Finished shown = directory.run({});
  EXPECT_EQ(shown.status, 0);
  EXPECT_LE(std::count(shown.out.begin(), shown.out.end(), '\n'), 52);
  EXPECT_EQ(directory.run({"--version"}).out, directory.run({"version"}).out);
}

}  // namespace
}  // namespace agentaudit
