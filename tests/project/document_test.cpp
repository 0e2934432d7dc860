// What the documents say of this repository is so.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "store/scratch_directory.h"

namespace agentaudit::project {
namespace {

namespace fs = std::filesystem;

const fs::path top = AGENTAUDIT_SOURCE_DIR;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string all_tests() {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(top / "tests")) {
    if (entry.path().native().ends_with("_test.cpp")) all += read_text(entry.path());
  }
  return all;
}

TEST(Documents, EveryTestThatAPromiseNamesIsThere) {
  const std::string tests = all_tests();
  for (const char* const document : {"docs/durability.md", "docs/security.md"}) {
    const std::string text = read_text(top / document);
    const std::regex named("`([A-Z][A-Za-z]+)\\.([A-Z][A-Za-z0-9]+)`");
    int found = 0;
    for (std::sregex_iterator name(text.begin(), text.end(), named), end; name != end; ++name) {
      ++found;
      const std::regex declared("TEST(_F)?\\(" + (*name)[1].str() + ",\\s*" + (*name)[2].str() +
                                "\\)");
      EXPECT_TRUE(std::regex_search(tests, declared)) << document << ": " << name->str();
    }
    EXPECT_GT(found, 5) << document;
  }
}

// systemd's own tools, where they are installed.
int systemd_analyze(const std::string& arguments) {
  return std::system(("systemd-analyze " + arguments + " >/dev/null 2>&1").c_str());
}

TEST(Documents, TheUnitIsSoundAndClosedToMost) {
  if (systemd_analyze("--version") != 0) GTEST_SKIP() << "systemd-analyze is not installed";
  const ScratchDirectory scratch;
  const std::regex program("/usr/bin/agentaudit");
  for (const char* const unit : {"agentaudit.service", "agentaudit.socket"}) {
    // The program need not be installed.
    std::ofstream(scratch / unit) << std::regex_replace(
        read_text(top / "packaging" / "systemd" / unit), program, "/bin/true");
  }
  const std::string service = (scratch / "agentaudit.service").native();
  // Where systemd cannot even do with the least of units, it says nothing about ours.
  std::ofstream(scratch / "least.service") << "[Service]\nExecStart=/bin/true\n";
  const bool verifies =
      systemd_analyze("verify --man=no " + (scratch / "least.service").native()) == 0;
  EXPECT_TRUE(!verifies || systemd_analyze("verify --man=no " + service + " " +
                                           (scratch / "agentaudit.socket").native()) == 0);
  // 20 is an exposure of 2.0.
  EXPECT_EQ(systemd_analyze("security --offline=true --threshold=20 " + service), 0);
}

}  // namespace
}  // namespace agentaudit::project
