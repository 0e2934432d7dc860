#include "core/write_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ReplaceFileTest, TheFileHasTheTextForItsOwnerAlone) {
  const ScratchDirectory directory;
  const auto path = directory / "file";
  std::ofstream(path) << "a longer text than the next";
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(replace_file(path, "text"), 0);
  EXPECT_EQ(content(path), "text");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(directory / "file.part"));
}

TEST(ReplaceFileTest, WhatCannotBeWrittenStaysAsItWas) {
  const ScratchDirectory directory;
  EXPECT_EQ(replace_file(directory / "none" / "file", "text"), ENOENT);
  const auto path = directory / "file";
  std::ofstream(path) << "before";
  std::filesystem::create_directory(directory / "file.part");
  EXPECT_EQ(replace_file(path, "text"), EISDIR);
  EXPECT_EQ(content(path), "before");
}

TEST(ReplaceFileTest, WhatCannotTakeTheFilesPlaceIsNotLeftBesideIt) {
  const ScratchDirectory directory;
  std::filesystem::create_directory(directory / "file");
  EXPECT_EQ(replace_file(directory / "file", "text"), EISDIR);
  EXPECT_FALSE(std::filesystem::exists(directory / "file.part"));
}

}  // namespace
}  // namespace agentaudit
