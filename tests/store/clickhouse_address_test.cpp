#include "store/clickhouse_address.h"

#include <gtest/gtest.h>

#include "store/error_code.h"

namespace agentaudit {
namespace {

TEST(ClickhouseAddress, ReadsEveryPartOfAUrl) {
  const std::string id(32, 'a');
  const auto address =
      ClickhouseAddress::parse("clickhouses://me:p%40s%3As@db.example:9443/audit?trail=" + id);
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->user, "me");
  EXPECT_EQ(address->password, "p@s:s");
  EXPECT_EQ(address->host, "db.example");
  EXPECT_EQ(address->port, 9443);
  EXPECT_EQ(address->database, "audit");
  EXPECT_EQ(address->trails, std::vector<std::string>{id});
  EXPECT_TRUE(address->tls);
  EXPECT_EQ(address->to_string(), "clickhouses://db.example:9443/audit");
}

TEST(ClickhouseAddress, HasDefaults) {
  const auto plain = ClickhouseAddress::parse("clickhouse://[::1]/audit");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->host, "[::1]");
  EXPECT_EQ(plain->port, 8123);
  EXPECT_EQ(plain->user, "default");
  EXPECT_TRUE(plain->trails.empty());
  EXPECT_EQ(ClickhouseAddress::parse("clickhouses://h/audit")->port, 8443);
}

TEST(ClickhouseAddress, NamesWhatIsWrongAndNeverThePassword) {
  for (const char* url :
       {"http://u:secret@h/d", "clickhouse://", "clickhouse:///d", "clickhouse://u:secret@h:0/d",
        "clickhouse://u:secret@h:65536/d", "clickhouse://u:secret@h:8123x/d", "clickhouse://h",
        "clickhouse://u:secret@h/1d", "clickhouse://h/a-b", "clickhouse://h/d?trail=1",
        "clickhouse://h/d?shard=1", "clickhouse://u:secret%@h/d"}) {
    const auto address = ClickhouseAddress::parse(url);
    ASSERT_EQ(error_code(address), ErrorCode::invalid_argument) << url;
    EXPECT_EQ(address.error().message.find("secret"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace agentaudit
