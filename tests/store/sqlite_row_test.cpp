#include "store/sqlite_row.h"

#include <set>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

class SqliteRowTest : public testing::Test {
 protected:
  // What comes back of `text`, and as what SQLite holds it.
  template <typename Id>
  std::pair<std::string, std::string> stored(std::string_view text) {
    auto statement = connection_.prepare("SELECT ?1, typeof(?1)");
    Id id;
    id.assign(text);
    if (id.is_bytes()) {
      statement->bind_blob(1, id.value());
    } else if (!id.is_null()) {
      statement->bind_text(1, id.value());
    }
    EXPECT_TRUE(statement->step().value());
    return {hex_id(*statement, 0), std::string(statement->bytes(1))};
  }

  SqliteConnection connection_ = std::move(
      SqliteConnection::open({}, SqliteConnection::Mode::memory, std::chrono::milliseconds(0))
          .value());
};

using Stored = std::pair<std::string, std::string>;

TEST_F(SqliteRowTest, LowerCaseHexOfTheRightLengthIsABlob) {
  EXPECT_EQ(stored<StoredSpanId>("b7ad6b7169203331"), Stored("b7ad6b7169203331", "blob"));
  EXPECT_EQ(stored<StoredTraceId>("00000000000000000000000000000000"),
            Stored("00000000000000000000000000000000", "blob"));
}

TEST_F(SqliteRowTest, AnyOtherTextIsText) {
  for (const std::string text : {"B7AD6B7169203331", "b7ad6b716920333", "b7ad6b71692033311",
                                 "b7ad6b716920333g", "x", "123"}) {
    EXPECT_EQ(stored<StoredSpanId>(text), Stored(text, "text"));
  }
  EXPECT_EQ(stored<StoredSpanId>(std::string("\0\xff", 2)).first, std::string("\0\xff", 2));
}

TEST_F(SqliteRowTest, NoIdIsNull) { EXPECT_EQ(stored<StoredSpanId>(""), Stored("", "null")); }

TEST(SqliteRow, EveryKindOfNameHasOneColumn) {
  std::set<sqlite_schema::NameKind> kinds;
  std::set<std::string_view> columns;
  for (const NameColumn& column : name_columns) {
    kinds.insert(column.kind);
    columns.insert(column.column);
  }
  EXPECT_EQ(kinds.size(), sqlite_schema::name_kinds);
  EXPECT_EQ(columns.size(), sqlite_schema::name_kinds);
}

}  // namespace
}  // namespace agentaudit
