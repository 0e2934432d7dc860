// Events that come more than once.

#include "agentaudit/core/keyed_event.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteOriginTest : public SqliteTrail {
 protected:
  static KeyedEvent keyed(const std::string& key, const std::string& summary = "s") {
    KeyedEvent keyed{.event = event_at(at(1)), .origin_key = key};
    keyed.event.summary = summary;
    return keyed;
  }
  std::vector<EventId> insert(const std::vector<KeyedEvent>& events) {
    const std::vector<KeyedView> views(events.begin(), events.end());
    const auto ids = store_->insert_new(views);
    EXPECT_TRUE(ids) << ids.error().message;
    return ids ? ids->ids : std::vector<EventId>();
  }
  using Ids = std::vector<EventId>;

  std::shared_ptr<SqliteStore> store_ = open();
};

TEST_F(SqliteOriginTest, ARepeatedDeliveryIsNotStoredAgainAndGetsTheOldIds) {
  EXPECT_EQ(insert({keyed("a"), keyed("b")}), (Ids{1, 2}));
  EXPECT_EQ(insert({keyed("a"), keyed("b")}), (Ids{1, 2}));
  EXPECT_EQ(store_->list({})->total, 2);
}

TEST_F(SqliteOriginTest, OnlyWhatIsNewOfABatchIsStored) {
  insert({keyed("a")});
  EXPECT_EQ(insert({keyed("b"), keyed("a"), keyed("c"), keyed("b"), keyed("")}),
            (Ids{2, 1, 3, 2, 4}));
  EXPECT_EQ(store_->list({})->total, 4);
}

TEST_F(SqliteOriginTest, WithoutAKeyEveryDeliveryIsNew) {
  EXPECT_EQ(insert({keyed(""), keyed("")}), (Ids{1, 2}));
  EXPECT_EQ(insert({keyed("")}), (Ids{3}));
}

TEST_F(SqliteOriginTest, KeysHoldAnyBytesAndOutliveTheStore) {
  const std::string key("\0\xff'\0", 4);
  insert({keyed(key), keyed(std::string(64, 'k'))});
  store_ = open();
  EXPECT_EQ(insert({keyed(key), keyed(std::string(1, '\0'))}), (Ids{1, 3}));
}

TEST_F(SqliteOriginTest, AKeyThatIsTooLongIsRefused) {
  const KeyedEvent event = keyed(std::string(65, 'k'));
  const KeyedView view(event);
  EXPECT_EQ(error_code(store_->insert_new({&view, 1})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->insert_new({})), ErrorCode::invalid_argument);
  EXPECT_EQ(store_->list({})->total, 0);
}

TEST_F(SqliteOriginTest, TwoWritersAgreeOnWhatCameFirst) {
  const auto other = open();
  const KeyedEvent event = keyed("a");
  const KeyedView view(event);
  EXPECT_EQ(insert({event}), Ids{1});
  EXPECT_EQ(other->insert_new({&view, 1})->ids, Ids{1});
  EXPECT_EQ(other->insert_new({&view, 1})->stored, 0);
}

TEST_F(SqliteOriginTest, APrunedEventsKeyGoesWithIt) {
  insert({keyed("a")});
  ASSERT_TRUE(store_->prune_before(at(2)));
  EXPECT_EQ(insert({keyed("a")}), Ids{3});  // 2 is the `pruned` event
}

TEST_F(SqliteOriginTest, ARedactedEventsKeyIsForgotten) {
  insert({keyed("a", "secret")});
  RedactOpts opts;
  opts.id = 1;
  opts.detail = true;
  opts.reason = "asked for";
  ASSERT_TRUE(store_->redact(opts));
  auto trail = raw();
  EXPECT_EQ(trail.integer("SELECT count(*) FROM events WHERE origin_key IS NOT NULL").value(), 0);
}

TEST_F(SqliteOriginTest, TheTrailStaysIntact) {
  for (int round = 0; round < 3; ++round) {
    std::vector<KeyedEvent> events;
    for (int i = 0; i < 9'000; ++i) events.push_back(keyed(std::to_string(i + round * 6'000)));
    insert(events);
  }
  EXPECT_EQ(store_->list({})->total, 21'000);
  EXPECT_EQ(store_->verify({}, {})->verdict, Verdict::intact);
}

}  // namespace
}  // namespace agentaudit
