// Evidence bundles: what they show, what they hide, and what happens to one that somebody
// touched.

#include "agentaudit/core/names.h"
#include "agentaudit/ledger/bundle.h"
#include "ledger/note_signer.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteBundleTest : public SqliteTrail {
 protected:
  std::shared_ptr<SqliteStore> open_signing() {
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    return open(options);
  }

  Verification verified(const std::string& json, bool with_key = true) {
    const auto result = verify_bundle(
        json, with_key ? std::vector{key_.verifier().to_text()} : std::vector<std::string>());
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Verification{};
  }

  NoteSigner key_ = NoteSigner::generate("own.example").value();
};

std::vector<Event> odd_events() {
  std::vector<Event> events(6, event_at(at(1)));
  events[1].summary = std::string("NUL \0 and \xc3\x28", 12);
  events[1].agent = "\xff";
  events[2].timestamp = Timestamp::from_ns(-1);
  events[2].duration = std::chrono::milliseconds(-5);
  events[3].trace_id = "0af7651916cd43dd8448eb211c80319c";
  events[3].span_id = "of its own";
  events[4].detail = "\"\\ \u2028 {";
  events[5].summary = "";
  events[5].detail = "";
  events[5].status = "";
  return events;
}

TEST_F(SqliteBundleTest, EveryEventIsProved) {
  const auto store = open_signing();
  append(*store, 700);
  const std::vector<Event> odd = odd_events();
  ASSERT_TRUE(store->insert_batch(std::vector<EventView>(odd.begin(), odd.end())));
  ASSERT_TRUE(store->checkpoint());
  BundleOpts opts;
  opts.ids = {1, 256, 257, 512, 700, 701, 702, 703, 704, 705, 706};
  opts.query = R"({"agents":["ada"]})";
  const std::string json = store->bundle(opts).value();
  const Verification result = verified(json);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result.events, 11);
  EXPECT_EQ(result.leaves, 706);
  EXPECT_NE(json.find(R"("query":{"agents":["ada"]})"), std::string::npos);
}

TEST_F(SqliteBundleTest, WithoutACheckpointItIsUnsigned) {
  const auto store = open();
  append(*store, 10);
  const std::string json = store->bundle({.ids = {3}}).value();
  const Verification result = verified(json, false);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::unsigned_tree);
  EXPECT_EQ(verified(json).verdict, Verdict::tampered);
}

TEST_F(SqliteBundleTest, HiddenTextsAreNotInIt) {
  const auto store = open_signing();
  Event event = event_at(at(1));
  event.summary = "said aloud";
  event.detail = R"({"card":"4111 1111"})";
  ASSERT_TRUE(store->insert(event));
  BundleOpts opts;
  opts.ids = {1};
  opts.hide_detail = true;
  const std::string json = store->bundle(opts).value();
  EXPECT_EQ(json.find("4111"), std::string::npos);
  EXPECT_NE(json.find("said aloud"), std::string::npos);
  EXPECT_NE(json.find(R"("hidden":"undisclosed")"), std::string::npos);
  EXPECT_EQ(verified(json).verdict, Verdict::intact);
}

TEST_F(SqliteBundleTest, RedactedTextsStayProved) {
  const auto store = open_signing();
  append(*store, 3);
  ASSERT_TRUE(store->redact({.id = 2, .detail = true}));
  ASSERT_TRUE(store->redact({.id = 3, .summary = true, .detail = true}));
  ASSERT_TRUE(store->checkpoint());
  const std::string json = store->bundle({.ids = {1, 2, 3}}).value();
  const Verification result = verified(json);
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.redacted, 2);
}

TEST_F(SqliteBundleTest, AProofHoldsWhereAllAroundItIsPruned) {
  const auto store = open_signing();
  append(*store, sqlite_schema::chunk_events + 300);
  ASSERT_TRUE(store->prune_before(at(sqlite_schema::chunk_events + 100)));
  ASSERT_TRUE(store->checkpoint());
  EXPECT_EQ(verified(store->bundle({.ids = {sqlite_schema::chunk_events + 100}}).value()).verdict,
            Verdict::intact);
}

TEST_F(SqliteBundleTest, WhatCannotBeProvedIsSaid) {
  const auto store = open();
  append(*store, 10);
  EXPECT_EQ(error_code(store->bundle({})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store->bundle({.ids = {11}})), ErrorCode::not_found);
  ASSERT_TRUE(store->prune_before(at(3)));
  EXPECT_EQ(error_code(store->bundle({.ids = {1}})), ErrorCode::not_found);
  BundleOpts many;
  many.ids.assign(bundle_events_max + 1, 5);
  EXPECT_EQ(error_code(store->bundle(many)), ErrorCode::too_large);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec("UPDATE events SET summary = 'x'"));
  EXPECT_EQ(error_code(store->bundle({.ids = {5}})), ErrorCode::corrupt);
}

TEST_F(SqliteBundleTest, OneThatNobodyWouldReadIsNotMade) {
  const auto store = open();
  Event large = event_at(at(1));
  large.detail.assign(1'000'000, 'x');
  BundleOpts opts;
  for (int i = 0; i < 17; ++i) opts.ids.push_back(store->insert(large).value());
  EXPECT_EQ(error_code(store->bundle(opts)), ErrorCode::too_large);
  opts.hide_detail = true;
  EXPECT_TRUE(store->bundle(opts));
}

// But for what the bundle says of itself that nothing proves.
TEST_F(SqliteBundleTest, NoFlippedBitPassesForIntact) {
  const auto store = open_signing();
  append(*store, 300);
  ASSERT_TRUE(store->redact({.id = 7, .detail = true}));
  ASSERT_TRUE(store->checkpoint());
  const std::string json = store->bundle({.ids = {7, 300}}).value();
  const std::size_t created = json.find("\"created\"");
  const std::size_t tree = json.find("\"tree\"");
  ASSERT_EQ(verified(json).verdict, Verdict::intact);
  int unreadable = 0;
  int tampered = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (i >= created && i < tree) continue;
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = json;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const auto result = verify_bundle(flipped, {key_.verifier().to_text()});
      if (!result) {
        ++unreadable;
        continue;
      }
      // White space between the parts may be other white space.
      if (result->verdict == Verdict::intact && json[i] == '\n') continue;
      ASSERT_EQ(result->verdict, Verdict::tampered)
          << i << ": " << json.substr(i < 20 ? 0 : i - 20, 40) << " -> " << flipped[i];
      ++tampered;
    }
  }
  EXPECT_GT(unreadable, 0);
  EXPECT_GT(tampered, 0);
}

TEST_F(SqliteBundleTest, WhatIsNoBundleIsUnreadable) {
  for (const char* const text : {"", "{}", "[]", "null", R"({"format":"agentaudit-bundle/2"})",
                                 R"({"format":"agentaudit-bundle/1"})"}) {
    EXPECT_EQ(error_code(verify_bundle(text, {})), ErrorCode::parse) << text;
  }
  EXPECT_EQ(error_code(verify_bundle("{}", {"no key"})), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
