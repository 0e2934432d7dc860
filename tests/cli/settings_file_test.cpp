#include "cli/settings_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "store/error_code.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

const Timestamp now = Timestamp::parse("2026-11-24T08:00:00Z").value();

class SettingsFileTest : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    return out.str();
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    const std::filesystem::directory_iterator all(directory_.path());
    return std::distance(begin(all), end(all));
  }

  ScratchDirectory directory_;
  const std::filesystem::path path_ = directory_ / "settings.json";
  const std::string copy_ = path_.native() + ".agentaudit-backup-20261124T080000Z";
};

TEST_F(SettingsFileTest, OneThatSomebodyChangedMeanwhileIsLeftToThem) {
  const auto absent = SettingsFile::read(path_).value();
  write("theirs");
  EXPECT_EQ(error_code(absent.replace("ours", now)), ErrorCode::busy);
  const auto file = SettingsFile::read(path_).value();
  write("theirs, again");
  const auto replaced = file.replace("ours", now);
  EXPECT_EQ(error_code(replaced), ErrorCode::busy);
  EXPECT_EQ(replaced.error().message, path_.native() + " was changed meanwhile; try again");
  EXPECT_EQ(text(), "theirs, again");
  EXPECT_EQ(files(), 1) << "there is no copy, and no file of ours";
}

TEST_F(SettingsFileTest, CopiesOfOneSecondHaveNumbersUpToAHundred) {
  write("0");
  for (int i = 0; i < 100; ++i) {
    const auto copy = SettingsFile::read(path_).value().replace(std::to_string(i + 1), now);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(copy->native(), copy_ + (i == 0 ? "" : "-" + std::to_string(i)));
  }
  const auto full = SettingsFile::read(path_).value().replace("more", now);
  EXPECT_EQ(error_code(full), ErrorCode::io);
  EXPECT_EQ(full.error().message, "cannot write the backup " + copy_ + ": File exists");
  EXPECT_EQ(text(), "100");
  EXPECT_EQ(files(), 101);
}

}  // namespace
}  // namespace agentaudit
