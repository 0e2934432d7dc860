// Rows in memory become rows of the table, byte for byte.
#include "store/new_rows.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace agentaudit {
namespace {

class NewRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sqlite_schema::create(connection_));
    auto rows = NewRows::make(connection_);
    ASSERT_TRUE(rows);
    rows_.emplace(std::move(*rows));
    ASSERT_TRUE(connection_.exec("BEGIN"));
  }

  std::string text(std::string_view sql) { return connection_.text(sql).value(); }

  SqliteConnection connection_ = std::move(
      SqliteConnection::open({}, SqliteConnection::Mode::memory, std::chrono::milliseconds(0))
          .value());
  std::optional<NewRows> rows_;
};

TEST_F(NewRowsTest, EveryColumnHoldsWhatItsRowSays) {
  EventView event;
  event.summary = "a summary";
  event.detail = std::string_view("\0\xff", 2);
  event.duration = std::chrono::milliseconds(12);
  NewRow row{.event = &event, .id = 7, .timestamp_ns = -5, .recorded_at_ns = 6};
  row.trace_id.assign("0af7651916cd43dd8448eb211c80319c");
  row.span_id.assign("no hex");
  row.nonce = "nonce";
  row.names = {11, 12, 13, 14, 15, 16, 17, 0xFFFFFFFF};
  ASSERT_TRUE(rows_->insert({&row, 1}));
  EXPECT_EQ(text("SELECT id || ' ' || timestamp || ' ' || recorded_at || ' ' || duration_ms"
                 " FROM events"),
            "7 -5 6 12");
  EXPECT_EQ(text("SELECT summary || ' ' || hex(detail) || ' ' || typeof(detail) FROM events"),
            "a summary 00FF text");
  EXPECT_EQ(text("SELECT hex(trace_id) || ' ' || span_id || ' ' || typeof(span_id) || ' ' ||"
                 " typeof(parent_span_id) || ' ' || hex(nonce) || ' ' || typeof(nonce)"
                 " FROM events"),
            "0AF7651916CD43DD8448EB211C80319C no hex text null 6E6F6E6365 blob");
  EXPECT_EQ(text("SELECT category || action || agent || status || source || target || principal"
                 " || conversation FROM events"),
            "111213141516174294967295");
}

TEST_F(NewRowsTest, NoRowsAreNoInsert) {
  EXPECT_TRUE(rows_->insert({}));
  EXPECT_EQ(connection_.integer("SELECT count(*) FROM events").value(), 0);
}

TEST_F(NewRowsTest, OneAfterTheOtherAndNoneTwice) {
  const EventView event;
  std::vector<NewRow> rows(3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].event = &event;
    rows[i].id = static_cast<EventId>(i) + 1;
  }
  ASSERT_TRUE(rows_->insert(std::span(rows).first(2)));
  ASSERT_TRUE(rows_->insert(std::span(rows).last(1)));
  EXPECT_EQ(text("SELECT group_concat(id) FROM events"), "1,2,3");
  EXPECT_FALSE(rows_->insert(rows)) << "the ids are taken";
  ASSERT_TRUE(connection_.exec("DELETE FROM events"));
  EXPECT_TRUE(rows_->insert(rows)) << "an error stays with its call";
}

TEST_F(NewRowsTest, AViewThatAFileBringsCannotReadThem) {
  ASSERT_TRUE(connection_.exec("CREATE VIEW spy AS SELECT * FROM new_rows"));
  EXPECT_FALSE(connection_.prepare("SELECT * FROM spy"));
  EXPECT_TRUE(connection_.prepare("SELECT * FROM new_rows"));
}

}  // namespace
}  // namespace agentaudit
