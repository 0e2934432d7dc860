#include "store/sqlite_filter.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

// A trail in memory whose names and rows a test writes itself.
class SqliteFilterTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sqlite_schema::create(connection_));
    ASSERT_TRUE(connection_.exec(
        "INSERT INTO names(id, kind, name) VALUES (1, 3, 'a'), (2, 3, 'b'), (3, 6, 'a');"
        "INSERT INTO events VALUES"
        "(1, 10, 0, 0,0, 1, 0,0, 3, 0,0,0, x'0af7651916cd43dd8448eb211c80319c', NULL,NULL,"
        " 'One', 'x', x'', NULL),"
        "(2, 20, 0, 0,0, 2, 0,0, 0, 0,0,0, 'text', NULL,NULL, 'Two', 'y', x'', NULL),"
        "(3, 30, 0, 0,0, 0, 0,0, 0, 0,0,0, NULL, NULL,NULL, 'Three', 'z', x'', NULL)"));
  }

  std::vector<std::int64_t> ids(const SqliteFilter& filter) {
    auto statement =
        connection_.prepare("SELECT id FROM events WHERE " + filter.sql() + " ORDER BY id");
    EXPECT_TRUE(statement) << statement.error().message << filter.sql();
    filter.bind(*statement);
    std::vector<std::int64_t> ids;
    while (statement->step().value()) ids.push_back(statement->integer(0));
    return ids;
  }

  SqliteConnection connection_ = std::move(
      SqliteConnection::open({}, SqliteConnection::Mode::memory, std::chrono::milliseconds(0))
          .value());
};

using Found = std::vector<std::int64_t>;

TEST_F(SqliteFilterTest, WithoutConditionsItIsTrue) {
  SqliteFilter filter(1);
  filter.names(NameKind::agent, {});
  filter.name(NameKind::conversation, "");
  filter.since({});
  EXPECT_EQ(filter.sql(), "1");
  EXPECT_EQ(ids(filter), (Found{1, 2, 3}));
}

TEST_F(SqliteFilterTest, ParametersCountFromTheFirstGiven) {
  SqliteFilter filter(3);
  filter.compare("timestamp >=", 20);
  filter.compare("timestamp <=", 20);
  EXPECT_EQ(filter.sql(), "(timestamp >= ?3) AND (timestamp <= ?4)");
  EXPECT_EQ(ids(filter), (Found{2}));
}

TEST_F(SqliteFilterTest, NamesAreOfTheirKind) {
  SqliteFilter agents(1);
  agents.names(NameKind::agent, {"a"});
  EXPECT_EQ(ids(agents), (Found{1}));
  SqliteFilter targets(1);
  targets.names(NameKind::target, {"a"});
  EXPECT_EQ(ids(targets), (Found{1}));
  SqliteFilter conversations(1);
  conversations.name(NameKind::conversation, "a");
  EXPECT_EQ(ids(conversations), Found{});
}

TEST_F(SqliteFilterTest, TheEmptyNameIsZero) {
  SqliteFilter filter(1);
  filter.names(NameKind::agent, {"", "b"});
  EXPECT_EQ(ids(filter), (Found{2, 3}));
}

TEST_F(SqliteFilterTest, ValuesNeverBecomeSql) {
  SqliteFilter filter(1);
  filter.names(NameKind::agent, {"') OR 1 --"});
  EXPECT_EQ(ids(filter), Found{});
}

}  // namespace
}  // namespace agentaudit
