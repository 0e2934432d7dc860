// Evidence bundles: what they show, what they hide, and what happens to one that somebody
// touched.

#include "agentaudit/core/names.h"
#include "agentaudit/ledger/bundle.h"
#include "ledger/note_signer.h"
#include "store/bundle_ids.h"
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

TEST_F(SqliteBundleTest, WhatMatchesIsBundledUnlessItIsTooMuch) {
  const auto store = open_signing();
  append(*store, bundle_events_max + 1);
  const auto some = bundle_ids(*store, {.since = at(2)}, {});
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(some->size(), bundle_events_max);
  EXPECT_EQ(some->front(), 2);
  EXPECT_EQ(some->back(), bundle_events_max + 1);
  const auto all = bundle_ids(*store, {}, {});
  ASSERT_EQ(error_code(all), ErrorCode::invalid_argument);
  EXPECT_EQ(all.error().message,
            "more than 5000 events match, which is all that one bundle takes; narrow it by time, "
            "agent or conversation");
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

TEST_F(SqliteBundleTest, AnEventThatIsNotWhatWasRecordedIsNotProved) {
  const auto store = open();
  append(*store, 10);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec("UPDATE events SET summary = 'x'"));
  EXPECT_EQ(error_code(store->bundle({.ids = {5}})), ErrorCode::corrupt);
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
