// What cannot be opened: one clear sentence, the right code, and nothing touched.

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

#include "store/forked_child.h"
#include "store/pipe.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return "";
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> files_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

const std::string newer_version =
    "PRAGMA user_version=" + std::to_string(sqlite_schema::version + 1);

class SqliteOpenTest : public SqliteTrail {
 protected:
  // Neither a writer nor a reader gets in, and the file and its neighbours stay the same.
  void expect_refused(ErrorCode code, const std::string& words) {
    const std::string before = bytes_of(path_);
    const auto files = files_in(scratch_.path());
    for (const bool read_only : {false, true}) {
      const auto store = SqliteStore::open(path_, {.read_only = read_only});
      ASSERT_EQ(error_code(store), code) << read_only;
      EXPECT_NE(store.error().message.find(words), std::string::npos) << store.error().message;
      EXPECT_NE(store.error().message.find(path_.native()), std::string::npos)
          << store.error().message;
    }
    EXPECT_EQ(bytes_of(path_), before);
    EXPECT_EQ(files_in(scratch_.path()), files);
  }

  // Runs `work` as a user whom file modes hold back; root is not. Its answer is the
  // child's exit status.
  static int as_nobody(const std::function<int()>& work) {
    return ForkedChild([&] { return become_nobody() ? work() : 99; }).wait();
  }

  static bool become_nobody() {
    constexpr uid_t nobody = 65'534;
    return geteuid() != 0 || (setegid(nobody) == 0 && seteuid(nobody) == 0);
  }

  // What opening says, for the exit status of a child.
  int code_of_open(const SqliteStoreOptions& options = {}) const {
    const auto code = error_code(SqliteStore::open(path_, options));
    return code ? static_cast<int>(*code) : 50;
  }
};

TEST_F(SqliteOpenTest, TextIsNotATrail) {
  std::ofstream(path_) << "just some notes, and quite a few of them\n";
  expect_refused(ErrorCode::not_a_trail, "not an agentaudit trail (not a SQLite database)");
}

TEST_F(SqliteOpenTest, BytesThatBeginLikeADatabaseAreNotATrail) {
  std::ofstream(path_) << std::string("SQLite format 3\0", 16);
  expect_refused(ErrorCode::not_a_trail, "not an agentaudit trail");
}

TEST_F(SqliteOpenTest, AnotherDatabaseIsNotATrail) {
  std::ofstream{path_};
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec("CREATE TABLE t(x)"));
  expect_refused(ErrorCode::not_a_trail, "a SQLite database, but not an agentaudit trail");
}

TEST_F(SqliteOpenTest, ANewerVersionIsRefused) {
  append(*open(), 3);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(newer_version));
  std::filesystem::remove(beside(".lock"));
  expect_refused(ErrorCode::newer_version, "Install a newer agentaudit");
}

TEST_F(SqliteOpenTest, ANewerVersionThatIsOnlyInTheLogIsRefusedToo) {
  const auto store = open();
  SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
  ASSERT_TRUE(connection.exec(newer_version));
  EXPECT_EQ(error_code(SqliteStore::open(path_)), ErrorCode::newer_version);
  EXPECT_EQ(error_code(SqliteStore::open(path_, {.read_only = true})), ErrorCode::newer_version);
}

TEST_F(SqliteOpenTest, ADirectoryIsNotATrail) {
  path_ = scratch_ / "directory";
  std::filesystem::create_directory(path_);
  expect_refused(ErrorCode::not_a_trail, "is a directory");
}

TEST_F(SqliteOpenTest, ADeviceIsNotATrail) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  for (const bool read_only : {false, true}) {
    EXPECT_EQ(code_of_open({.read_only = read_only}), static_cast<int>(ErrorCode::not_a_trail));
  }
}

TEST_F(SqliteOpenTest, AMissingFileIsFoundByNobodyWhoMayNotMakeIt) {
  for (const SqliteStoreOptions& options :
       std::vector<SqliteStoreOptions>{{.read_only = true}, {.create = false}}) {
    const auto store = SqliteStore::open(scratch_ / "missing" / "audit.db", options);
    ASSERT_EQ(error_code(store), ErrorCode::not_found);
    EXPECT_NE(store.error().message.find("there is no trail at"), std::string::npos);
  }
  EXPECT_TRUE(files_in(scratch_.path()).empty());
}

TEST_F(SqliteOpenTest, AFileWhereADirectoryShouldBeIsNotFound) {
  std::ofstream(scratch_ / "file") << "x";
  path_ = scratch_ / "file" / "audit.db";
  EXPECT_EQ(code_of_open(), static_cast<int>(ErrorCode::not_found));
  EXPECT_EQ(code_of_open({.read_only = true}), static_cast<int>(ErrorCode::not_found));
}

TEST_F(SqliteOpenTest, ADirectoryThatCannotBeMadeIsNamed) {
  const auto nowhere = SqliteStore::open("/proc/agentaudit/below/audit.db");
  ASSERT_EQ(error_code(nowhere), ErrorCode::not_found);
  EXPECT_EQ(nowhere.error().message,
            "cannot make the directory /proc/agentaudit: No such file or directory");
  std::filesystem::create_symlink(scratch_ / "missing", scratch_ / "link");
  const auto beyond = SqliteStore::open(scratch_ / "link" / "audit.db");
  ASSERT_EQ(error_code(beyond), ErrorCode::not_found);
  EXPECT_EQ(beyond.error().message,
            (scratch_ / "link" / "audit.db").native() + ": No such file or directory");
}

TEST_F(SqliteOpenTest, AnEmptyFileBecomesATrailForAWriterAndIsNothingToAReader) {
  std::ofstream{path_};
  const auto reader = SqliteStore::open(path_, {.read_only = true});
  ASSERT_EQ(error_code(reader), ErrorCode::not_found);
  EXPECT_NE(reader.error().message.find("nothing was recorded yet"), std::string::npos);
  append(*open(), 1);
  EXPECT_EQ(open({.read_only = true})->list({})->total, 1);
}

TEST_F(SqliteOpenTest, ADamagedTrailIsCorrupt) {
  append(*open(), 20'000);
  const std::string zeros(static_cast<std::size_t>(std::filesystem::file_size(path_)) - 16'384,
                          '\0');
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(16'384) << zeros;
  const auto store = SqliteStore::open(path_, {.read_only = true});
  const auto code = store ? error_code((*store)->list({})) : error_code(store);
  EXPECT_EQ(code, ErrorCode::corrupt);
}

TEST_F(SqliteOpenTest, AReaderSeesWhatAWriterBesideItCommits) {
  const auto writer = open();
  const auto reader = open({.read_only = true});
  EXPECT_EQ(reader->list({})->total, 0);
  append(*writer, 5);
  EXPECT_EQ(reader->list({})->total, 5);
  EXPECT_EQ(error_code(reader->insert(event_at(at(1)))), ErrorCode::read_only);
  EXPECT_EQ(error_code(reader->prune_before(at(9))), ErrorCode::read_only);
  EXPECT_TRUE(reader->close());
  EXPECT_TRUE(reader->close());
  append(*writer, 1);
}

TEST_F(SqliteOpenTest, ACopyWithoutItsLogIsReadAsItStands) {
  append(*open(), 4);
  const auto store = open();
  append(*store, 3);  // only in the log
  std::filesystem::copy_file(path_, scratch_ / "copy.db");
  path_ = scratch_ / "copy.db";
  EXPECT_EQ(open({.read_only = true})->list({})->total, 4);
}

TEST_F(SqliteOpenTest, ATrailInADirectoryThatCannotBeWrittenIsRead) {
  append(*open(), 4);
  chmod(path_.c_str(), 0444);
  chmod(scratch_.path().c_str(), 0555);
  EXPECT_EQ(as_nobody([&] {
              const auto store = SqliteStore::open(path_, {.read_only = true});
              if (!store) return 1;
              if ((*store)->list({})->total != 4 || !(*store)->get(2)) return 2;
              return (*store)->close() ? 0 : 3;
            }),
            0);
  chmod(scratch_.path().c_str(), 0700);
  EXPECT_EQ(files_in(scratch_.path()), (std::vector<std::string>{"audit.db", "audit.db.lock"}));
}

TEST_F(SqliteOpenTest, AReaderOfSuchADirectorySeesWhatIsWrittenLater) {
  append(*open(), 4);
  chmod(path_.c_str(), 0644);
  chmod(scratch_.path().c_str(), 0755);
  const Pipe asked;
  const Pipe written;
  ForkedChild reader([&] {
    if (!become_nobody()) return 99;
    const auto store = SqliteStore::open(path_, {.read_only = true});
    const bool before = store && (*store)->list({})->total == 4;
    asked.send();
    written.receive();
    return before && (*store)->list({})->total == 6 ? 0 : 1;
  });
  asked.receive();
  append(*open(), 2);
  written.send();
  EXPECT_EQ(reader.wait(), 0);
}

TEST_F(SqliteOpenTest, WhoMayNotWriteIsToldSo) {
  append(*open(), 1);
  chmod(scratch_.path().c_str(), 0755);
  chmod(path_.c_str(), 0444);
  chmod(beside(".lock").c_str(), 0666);
  EXPECT_EQ(as_nobody([&] { return code_of_open(); }), static_cast<int>(ErrorCode::permission));
  chmod(path_.c_str(), 0000);
  EXPECT_EQ(as_nobody([&] { return code_of_open({.read_only = true}); }),
            static_cast<int>(ErrorCode::permission));
  path_ = scratch_ / "new.db";
  EXPECT_EQ(as_nobody([&] { return code_of_open(); }), static_cast<int>(ErrorCode::permission));
  path_ = scratch_ / "below" / "new.db";
  EXPECT_EQ(as_nobody([&] { return code_of_open(); }), static_cast<int>(ErrorCode::permission));
}

}  // namespace
}  // namespace agentaudit
