// The rules of source_rules.h, applied to this repository.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "project/source_rules.h"

namespace agentaudit::project {
namespace {

namespace fs = std::filesystem;

const fs::path top = AGENTAUDIT_SOURCE_DIR;

std::string read_text(const std::string& path) {
  std::ifstream file(top / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool has_ending(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_source(std::string_view path) { return has_ending(path, {".h", ".cpp"}); }

bool is_library_or_cli(std::string_view path) {
  return is_source(path) && (path.starts_with("src/") || path.starts_with("include/"));
}

// What people wrote: recordings and golden files are what machines said.
bool is_ours(std::string_view path) {
  return !path.starts_with("tests/golden/") && !path.starts_with("examples/recordings/") &&
         !path.starts_with("fuzz/corpus/");
}

// Every file below the top, as paths from there; not what builds leave behind, nor what git
// keeps, which is a file in a worktree.
std::vector<std::string> files() {
  static const std::set<std::string> skipped = {".git", "build"};
  std::vector<std::string> paths;
  for (fs::recursive_directory_iterator entry(top), end; entry != end; ++entry) {
    const fs::path relative = entry->path().lexically_relative(top);
    // In a second working tree .git is a file.
    if (skipped.contains(relative.string()) || relative.filename() == "node_modules") {
      if (entry->is_directory()) entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      paths.push_back(relative.generic_string());
    }
  }
  return paths;
}

template <typename Wanted, typename Rule>
std::string all_findings(Wanted wanted, Rule rule) {
  std::string all;
  int checked = 0;
  for (const std::string& path : files()) {
    if (!wanted(path)) continue;
    ++checked;
    for (const std::string& finding : rule(path)) all += finding + '\n';
  }
  return checked == 0 ? "no file was checked" : all;
}

TEST(SourceTree, IncludesPointDown) {
  EXPECT_EQ(all_findings(is_library_or_cli,
                         [](const auto& path) { return upward_includes(path, read_text(path)); }),
            "");
}

TEST(SourceTree, TheLibraryNeverPrintsEndsOrReadsTheEnvironment) {
  EXPECT_EQ(all_findings(is_library_or_cli,
                         [](const auto& path) { return misplaced_uses(path, read_text(path)); }),
            "");
}

TEST(SourceTree, EveryTestIsRegistered) {
  std::vector<std::string> tests;
  for (const std::string& path : files()) {
    constexpr std::string_view folder = "tests/";
    if (path.starts_with(folder) && path.ends_with("_test.cpp")) {
      tests.push_back(path.substr(folder.size()));
    }
  }
  ASSERT_FALSE(tests.empty());
  EXPECT_EQ(unregistered_tests(tests, read_text("tests/CMakeLists.txt")), Findings{});
}

TEST(SourceTree, FilesAreShortOrSayWhyNot) {
  EXPECT_EQ(
      all_findings(is_source, [](const auto& path) { return too_long(path, read_text(path)); }),
      "");
}

TEST(SourceTree, NothingIsLeftUnfinished) {
  EXPECT_EQ(all_findings(is_ours,
                         [](const auto& path) { return unfinished_work(path, read_text(path)); }),
            "");
}

TEST(SourceTree, NoPathOfOneMachineIsWrittenDown) {
  EXPECT_EQ(
      all_findings(is_ours, [](const auto& path) { return machine_paths(path, read_text(path)); }),
      "");
}

TEST(SourceTree, NamesSaySomething) {
  EXPECT_EQ(all_findings([](const auto&) { return true; }, vague_names), "");
}

TEST(SourceTree, LinksBetweenDocumentsLeadSomewhere) {
  EXPECT_EQ(all_findings([](const auto& path) { return path.ends_with(".md") && is_ours(path); },
                         [](const auto& path) {
                           Findings dead;
                           const fs::path folder = fs::path(path).parent_path();
                           for (const std::string& file : linked_files(read_text(path))) {
                             if (!fs::exists(top / folder / file))
                               dead.push_back(path + " links to " + file);
                           }
                           return dead;
                         }),
            "");
}

}  // namespace
}  // namespace agentaudit::project
