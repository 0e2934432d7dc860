// Replays the corpus of one fuzz target: a broken promise ends the process, so a run to
// the end is the test. Built once a target, see CMakeLists.txt.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz_check.h"

namespace agentaudit {
namespace {

void replay(const std::string& input) {
  EXPECT_EQ(
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()), 0);
}

TEST(Corpus, KeepsEveryPromise) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(AGENTAUDIT_CORPUS_DIR)) {
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), {});
    ASSERT_TRUE(file);
    replay(input);
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST(Corpus, KeepsEveryPromiseForTheStartOfEachInput) {
  constexpr std::size_t bytes_max = 512;
  for (const auto& entry : std::filesystem::directory_iterator(AGENTAUDIT_CORPUS_DIR)) {
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), {});
    for (std::size_t bytes = 0; bytes < std::min(input.size(), bytes_max); ++bytes) {
      replay(input.substr(0, bytes));
    }
  }
}

}  // namespace
}  // namespace agentaudit
