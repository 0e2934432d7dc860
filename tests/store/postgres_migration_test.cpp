// Trails in PostgreSQL whose tables an older agentaudit made.

#include "agentaudit/store/postgres_store.h"

#include <string>

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/postgres_schema.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresMigrationTest : public PostgresTrailTest, public testing::WithParamInterface<int> {};

TEST_P(PostgresMigrationTest, AnOlderTrailIsBroughtToThisFormatWhenAWriterOpensIt) {
  const Timestamp now = Timestamp::now();
  insert(10, now.minus(std::chrono::hours(24 * 100)));
  insert(5, now);
  make_format(GetParam());
  PostgresStoreOptions reading;
  reading.read_only = true;
  const auto refused = PostgresStore::open(server_->url(schema_), reading);
  ASSERT_EQ(error_code(refused), ErrorCode::read_only);
  EXPECT_NE(refused.error().message.find("has format " + std::to_string(GetParam())),
            std::string::npos);
  open();
  EXPECT_EQ(number("SELECT format FROM agentaudit_trail"), postgres_schema::format);
  EXPECT_EQ(store_->stats(StatsOpts{})->total, 15);
  EXPECT_EQ(verify().verdict, Verdict::intact);
  insert(1, now);
  EXPECT_EQ(store_->list(ListOpts{})->total, 16);
  EXPECT_EQ(store_->prune_before(now.minus(std::chrono::hours(1))), 10);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_P(PostgresMigrationTest, WhoDoesNotOwnAnOlderTrailIsToldWhoMayBringItHere) {
  make_format(GetParam());
  const std::string role = "writer_of_" + schema_;
  change("CREATE ROLE " + role + " LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA \"" + schema_ +
         "\" TO " + role + "; GRANT ALL ON ALL TABLES IN SCHEMA \"" + schema_ + "\" TO " + role);
  const auto refused = PostgresStore::open(server_->url_as(role, "r", "postgres") +
                                           "?options=-csearch_path%3D" + schema_);
  ASSERT_EQ(error_code(refused), ErrorCode::permission);
  EXPECT_NE(refused.error().message.find("as the tables' owner"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(number("SELECT format FROM agentaudit_trail"), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Formats, PostgresMigrationTest, testing::Range(1, postgres_schema::format),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace agentaudit
