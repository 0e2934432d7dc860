// What is said of errors of SQLite, and what of a file that nobody changes.

#include "store/sqlite_connection.h"

#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using Mode = SqliteConnection::Mode;

class SqliteConnectionTest : public SqliteTrail {
 protected:
  template <typename T>
  void expect_error(const Result<T>& result, ErrorCode code, const std::string& says) {
    ASSERT_EQ(error_code(result), code);
    EXPECT_TRUE(result.error().message.starts_with(path_.native() + " " + says + " (SQLite: "))
        << result.error().message;
  }
};

TEST_F(SqliteConnectionTest, ErrorsNameTheFileAndAWayOut) {
  expect_error(SqliteConnection::open(path_, Mode::read_write, {}), ErrorCode::not_found,
               "does not exist");
  append(*open(), 1);
  expect_error(raw(Mode::read_only).exec("DELETE FROM events"), ErrorCode::read_only,
               "cannot be written: it is read-only");
  expect_error(raw().text("SELECT zeroblob(2000000000)"), ErrorCode::too_large,
               "could not be used");
  SqliteConnection writer = raw(Mode::read_write);
  const auto transaction = SqliteTransaction::begin_write(writer);
  ASSERT_TRUE(transaction);
  auto other = SqliteConnection::open(path_, Mode::read_write, {});
  ASSERT_TRUE(other);
  expect_error(SqliteTransaction::begin_write(*other), ErrorCode::busy,
               "is locked by another process; try again");
}

TEST_F(SqliteConnectionTest, AnImmutableFileIsReadWithoutItsLog) {
  append(*open(), 3);
  const auto writer = open({.checkpoint_on_close = false});
  append(*writer, 2);
  EXPECT_EQ(raw(Mode::immutable).integer("SELECT count(*) FROM events"), 3);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM events"), 5);
}

TEST_F(SqliteConnectionTest, WithoutAWriteAheadLogThereIsNoTrail) {
  auto memory = SqliteConnection::open({}, Mode::memory, {});
  ASSERT_TRUE(memory);
  const auto refused = sqlite_schema::turn_log_on(*memory, "audit.db");
  ASSERT_EQ(error_code(refused), ErrorCode::unsupported);
  EXPECT_EQ(refused.error().message,
            "audit.db: SQLite cannot keep a write-ahead log here (journal mode memory); put the "
            "trail on a local disk");
}

}  // namespace
}  // namespace agentaudit
