#include "project/source_rules.h"

#include <gtest/gtest.h>

namespace agentaudit::project {
namespace {

using Names = std::vector<std::string>;

TEST(SourceRules, ReadsIncludesOfBothKinds) {
  constexpr std::string_view source =
      "#include <span>\n#include \"core/hex.h\"\n// #include \"x\"\n";
  EXPECT_EQ(quoted_includes(source), Names{"core/hex.h"});
  EXPECT_EQ(angled_includes(source), Names{"span"});
}

TEST(SourceRules, AllowsIncludesOfLowerFloorsAndOfTheOwnFolder) {
  EXPECT_EQ(upward_includes("src/store/sqlite_store.cpp",
                            "#include \"agentaudit/store/store.h\"\n#include \"store/lock.h\"\n"
                            "#include \"core/hex.h\"\n#include \"agentaudit/core/event.h\"\n"),
            Findings{});
}

TEST(SourceRules, FindsAnIncludeOfAHigherFloor) {
  EXPECT_EQ(upward_includes("src/core/hex.cpp", "#include \"agentaudit/store/store.h\"\n").size(),
            1U);
  EXPECT_EQ(
      upward_includes("include/agentaudit/core/event.h", "#include \"agentaudit/emit/span.h\"\n")
          .size(),
      1U);
}

TEST(SourceRules, FindsAnIncludeOfANeighbour) {
  EXPECT_EQ(upward_includes("src/emit/arena.cpp", "#include \"render/csv.h\"\n").size(), 1U);
}

TEST(SourceRules, FindsAPrivateHeaderInAPublicOne) {
  EXPECT_EQ(upward_includes("include/agentaudit/emit/span.h", "#include \"core/hex.h\"\n").size(),
            1U);
}

TEST(SourceRules, FindsAnIncludeThatIsNoneOfOurs) {
  EXPECT_EQ(upward_includes("src/core/hex.cpp", "#include \"hex.h\"\n").size(), 1U);
}

TEST(SourceRules, FindsAFolderWithoutAFloor) {
  EXPECT_EQ(upward_includes("src/attic/old.cpp", "").size(), 1U);
}

TEST(SourceRules, KeepsTheUmbrellaHeaderOutOfTheLibrary) {
  constexpr std::string_view source = "#include \"agentaudit/agentaudit.h\"\n";
  EXPECT_EQ(upward_includes("src/store/sqlite_store.cpp", source).size(), 1U);
  EXPECT_EQ(upward_includes("src/cli/main.cpp", source), Findings{});
}

TEST(SourceRules, AllowsFmtOnlyInSourcesOfCliAndRender) {
  constexpr std::string_view source = "#include <fmt/core.h>\n";
  EXPECT_EQ(misplaced_uses("src/render/table.cpp", source), Findings{});
  EXPECT_EQ(misplaced_uses("src/cli/list.cpp", source), Findings{});
  EXPECT_EQ(misplaced_uses("src/cli/list.h", source).size(), 1U);
  EXPECT_EQ(misplaced_uses("src/core/event.cpp", source).size(), 1U);
}

TEST(SourceRules, FindsPrintingInTheLibrary) {
  EXPECT_EQ(misplaced_uses("src/store/a.cpp", "  std::cerr << 1;\n").size(), 1U);
  EXPECT_EQ(misplaced_uses("src/store/a.cpp", "  printf(\"x\");\n").size(), 1U);
  EXPECT_EQ(misplaced_uses("src/cli/a.cpp", "  printf(\"x\");\n"), Findings{});
}

TEST(SourceRules, FindsTheEnvironmentAndTheEndOfTheProcessInTheLibrary) {
  EXPECT_EQ(misplaced_uses("src/core/a.cpp", "auto* x = std::getenv(\"X\");\n").size(), 1U);
  EXPECT_EQ(misplaced_uses("src/core/a.cpp", "std::abort();\n").size(), 1U);
  EXPECT_EQ(misplaced_uses("src/core/a.cpp", "  transaction.abort();\n"), Findings{});
  EXPECT_EQ(misplaced_uses("src/core/a.cpp", "// std::abort() is never called\n"), Findings{});
  EXPECT_EQ(misplaced_uses("src/core/a.cpp", "x = \"std::cout\";\n"), Findings{});
}

TEST(SourceRules, LooksPastRawStrings) {
  EXPECT_EQ(
      misplaced_uses("src/store/a.cpp", "x = R\"sql(\nSELECT printf('x')\n)sql\";\nabort();\n"),
      Findings{"src/store/a.cpp:4: the library prints, ends the process or reads the "
               "environment"});
}

TEST(SourceRules, IsNotFooledByStringsThatEndLikeARawStringBegins) {
  EXPECT_EQ(misplaced_uses("src/store/a.cpp", "x = \"ERROR\";\ny = (1);\nabort();\n").size(), 1U);
}

TEST(SourceRules, FindsMacros) {
  EXPECT_EQ(misplaced_uses("src/cli/a.cpp", "#define ANSWER 42\n").size(), 1U);
  EXPECT_EQ(misplaced_uses("src/cli/a.h", "#define TOML_EXCEPTIONS 0\n").size(), 0U);
}

TEST(SourceRules, FindsATestThatIsNotRegistered) {
  constexpr std::string_view lists =
      "agentaudit_test(core\n  SOURCES\n    event_test.cpp\n    hex_test.cpp)\n"
      "agentaudit_test(emit\n  SOURCES span_test.cpp\n)\n";
  EXPECT_EQ(
      unregistered_tests({"core/event_test.cpp", "core/hex_test.cpp", "emit/span_test.cpp"}, lists),
      Findings{});
  EXPECT_EQ(unregistered_tests({"core/span_test.cpp"}, lists).size(), 1U);
  EXPECT_EQ(unregistered_tests({"core/vent_test.cpp"}, lists).size(), 1U);
  EXPECT_EQ(unregistered_tests({"store/a_test.cpp"}, lists).size(), 1U);
}

TEST(SourceRules, LooksThroughEveryListOfAFolder) {
  const std::string lists =
      "agentaudit_test(core\n  SOURCES\n    a_test.cpp)\n"
      "agentaudit_test(core NAME apart\n  SOURCES\n    b_test.cpp\n  LINK c_test.cpp)\n"
      "agentaudit_test(core_more SOURCES d_test.cpp)\n";
  EXPECT_EQ(unregistered_tests({"core/a_test.cpp", "core/b_test.cpp"}, lists), Findings{});
  EXPECT_EQ(unregistered_tests({"core/d_test.cpp"}, lists).size(), 1U);
}

TEST(SourceRules, AcceptsATestRegisteredByItsPath) {
  EXPECT_EQ(unregistered_tests({"fuzz/corpus_test.cpp"}, "add_executable(x fuzz/corpus_test.cpp)"),
            Findings{});
}

TEST(SourceRules, LetsALongFileSayWhy) {
  const std::string lines(lines_max + 1, '\n');
  EXPECT_EQ(too_long("a.cpp", lines).size(), 1U);
  EXPECT_EQ(too_long("a.cpp", "// This file is long because it is a table.\n" + lines), Findings{});
  EXPECT_EQ(too_long("a.cpp", std::string(lines_max, '\n')), Findings{});
}

TEST(SourceRules, FindsUnfinishedWork) {
  EXPECT_EQ(unfinished_work("a.md", std::string("one\n// TO") + "DO: two\n"),
            Findings{"a.md:2: unfinished work"});
  EXPECT_EQ(unfinished_work("a.md", "a todo list\n"), Findings{});
}

TEST(SourceRules, FindsPathsOfOneMachine) {
  EXPECT_EQ(machine_paths("a.md", std::string("see /ro") + "ot/notes/x\n").size(), 1U);
  EXPECT_EQ(machine_paths("a.md", std::string("\"/ho") + "me/ann/x\"\n").size(), 1U);
  EXPECT_EQ(machine_paths("a.md", "/var/lib/x, src/work/x, https://a.b/root/c\n"), Findings{});
}

TEST(SourceRules, FindsVagueNames) {
  EXPECT_EQ(vague_names("src/utils/hex.h").size(), 1U);
  EXPECT_EQ(vague_names("src/core/string_helpers.h").size(), 1U);
  EXPECT_EQ(vague_names("src/core/hex.h"), Findings{});
}

TEST(SourceRules, ReadsLinksOutsideCode) {
  EXPECT_EQ(linked_files("[a](docs/a.md#top) [b](https://x.y/z) [c](#here) `[d](d.md)`\n"
                         "```\n[e](e.md)\n```\n[f](f.md)\n"),
            (Names{"docs/a.md", "f.md"}));
}

}  // namespace
}  // namespace agentaudit::project
