// Erasing a text of a trail in SQLite: gone from every byte of the file.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

constexpr std::string_view secret = "correct horse battery staple";

Event secretive(std::size_t padding = 0) {
  Event event = event_at(at(1));
  event.conversation_id = "c-1";
  event.summary = "told: " + std::string(secret);
  event.detail = R"({"text":")" + std::string(secret) + '"' + std::string(padding, ' ') + '}';
  return event;
}

class SqliteRedactTest : public SqliteTrail {
 protected:
  // Whether any file of the trail has the bytes.
  bool is_on_disk(std::string_view text) {
    for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
      std::ostringstream out;
      out << std::ifstream(beside(suffix), std::ios::binary).rdbuf();
      if (out.str().find(text) != std::string::npos) return true;
    }
    return false;
  }

  Verification verified() { return open({.read_only = true})->verify({}, {}).value(); }

  void change(const std::string& sql) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(sql));
  }
};

TEST_F(SqliteRedactTest, NothingOfTheTextsIsLeftInTheFiles) {
  const auto store = open();
  append(*store, 3);
  const EventId id = store->insert(secretive()).value();
  append(*store, 3);
  ASSERT_TRUE(is_on_disk(secret));
  ASSERT_TRUE(store->redact({.id = id, .detail = true}));
  EXPECT_TRUE(is_on_disk(secret)) << "of the summary";
  ASSERT_TRUE(store->redact({.id = id, .summary = true}));
  EXPECT_FALSE(is_on_disk(secret));
}

TEST_F(SqliteRedactTest, WhatIsLeftOfARedactedEventCannotBeEdited) {
  const auto store = open();
  const EventId id = store->insert(secretive()).value();
  ASSERT_TRUE(store->redact({.id = id, .detail = true}));
  for (const char* const edit : {"summary = 'x'", "detail = '{}'", "nonce = zeroblob(16)",
                                 "nonce = zeroblob(32)", "agent = action"}) {
    SCOPED_TRACE(edit);
    change("CREATE TABLE kept AS SELECT * FROM events WHERE id = 1");
    change("UPDATE events SET " + std::string(edit) + " WHERE id = 1");
    EXPECT_EQ(verified().verdict, Verdict::tampered);
    change("INSERT OR REPLACE INTO events SELECT * FROM kept; DROP TABLE kept");
  }
  EXPECT_EQ(verified().verdict, Verdict::intact);
  change("UPDATE redactions SET detail = zeroblob(32)");
  EXPECT_EQ(verified().verdict, Verdict::tampered);
}

TEST_F(SqliteRedactTest, ARedactionWithoutItsEventIsNamed) {
  const auto store = open();
  append(*store, 2);
  const EventId id = store->insert(secretive()).value();
  ASSERT_TRUE(store->redact({.id = id, .summary = true}));
  // As somebody would who erases the other text by hand.
  change("UPDATE redactions SET detail = (SELECT zeroblob(32))");
  EXPECT_EQ(verified().verdict, Verdict::tampered);
  change("DELETE FROM events WHERE action = (SELECT id FROM names WHERE name = 'redacted')");
  const Verification result = verified();
  ASSERT_EQ(result.verdict, Verdict::tampered);
  EXPECT_EQ(result.redacted, 0);
}

TEST_F(SqliteRedactTest, LargeTextsGoFromEveryPage) {
  const auto store = open();
  append(*store, 50);
  std::vector<EventId> ids;
  for (const std::size_t padding : {100U, 5'000U, 16'000U, 40'000U, 300'000U}) {
    Event event = secretive();
    std::string whole;
    while (whole.size() < padding) whole += secret;
    event.detail = whole;
    ids.push_back(store->insert(event).value());
    append(*store, 20);
  }
  for (const EventId id : ids) {
    ASSERT_TRUE(store->redact({.id = id, .summary = true, .detail = true}));
  }
  EXPECT_FALSE(is_on_disk(secret));
  EXPECT_FALSE(is_on_disk(secret.substr(3, 12)));
  EXPECT_EQ(verified().verdict, Verdict::intact);
}

TEST_F(SqliteRedactTest, TheSearchFilterOfASealedChunkForgetsTheText) {
  const auto store = open();
  append(*store, 10);
  const EventId id = store->insert(secretive()).value();
  append(*store, chunk_events);
  const auto filter = [&] {
    return raw().text("SELECT hex(three) FROM grams WHERE chunk = 0").value();
  };
  const std::string before = filter();
  ASSERT_TRUE(store->redact({.id = id, .summary = true, .detail = true}));
  EXPECT_NE(filter(), before);
  EXPECT_EQ(store->list({.search = std::string(secret), .total = TotalMode::exact})->total, 0);
  EXPECT_EQ(store->list({.search = "[REDACTED]", .total = TotalMode::exact})->total, 1);
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(verified().verdict, Verdict::intact);
}

TEST_F(SqliteRedactTest, AWriterThatHasTheTextInItsOpenChunkDoesNotSealIt) {
  const auto writer = open();
  append(*writer, 10);
  const EventId id = writer->insert(secretive()).value();
  ASSERT_TRUE(open()->redact({.id = id, .summary = true, .detail = true}));
  append(*writer, chunk_events);
  EXPECT_TRUE(writer->check({}));
  // A bitmap without the text says so for at least one of its grams.
  const std::string with = raw().text("SELECT hex(three) FROM grams WHERE chunk = 0").value();
  ASSERT_TRUE(writer->repair({.keep_pace = false}, {}));
  EXPECT_EQ(raw().text("SELECT hex(three) FROM grams WHERE chunk = 0").value(), with);
}

TEST_F(SqliteRedactTest, AnEventThatWaitsForItsLeafCanBeRedacted) {
  {
    const auto store = open({.ledger = false});
    append(*store, 3'000);
    const EventId id = store->insert(secretive()).value();
    ASSERT_TRUE(store->redact({.id = id, .detail = true}));
  }
  const auto store = open();
  ASSERT_TRUE(store->seal({.keep_pace = false}, {}));
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.waiting, 0);
}

TEST_F(SqliteRedactTest, AReaderThatHoldsTheLogIsNamed) {
  const auto store = open({.busy_timeout = std::chrono::milliseconds(50)});
  const EventId id = store->insert(secretive()).value();
  {
    SqliteConnection reader = raw();
    auto transaction = SqliteTransaction::begin_read(reader).value();
    ASSERT_TRUE(reader.integer("SELECT count(*) FROM events"));
    const auto redacted = store->redact({.id = id, .detail = true});
    ASSERT_EQ(error_code(redacted), ErrorCode::busy);
    EXPECT_NE(redacted.error().message.find("readers hold"), std::string::npos);
  }
  EXPECT_EQ(store->get(id)->detail, R"({"redacted":true})");
}

TEST_F(SqliteRedactTest, ThePruneOfARedactedEventNeedsNothingOfIt) {
  const auto store = open();
  const EventId id = store->insert(secretive()).value();
  append(*store, 10, 100);
  const EventId record = store->redact({.id = id, .detail = true}).value();
  ASSERT_EQ(store->prune_before(at(50)).value(), 1);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM redactions"), 0);
  // The record of a redaction stays.
  ASSERT_TRUE(store->prune_before(Timestamp::from_ns(Timestamp::now().ns() + 1'000'000'000)));
  EXPECT_TRUE(store->get(record));
  EXPECT_EQ(verified().verdict, Verdict::intact);
}

// Pages are split, merged and moved as the trail grows; none may keep a copy.
RC_GTEST_PROP(SqliteRedact, NoByteOfItStaysWhateverCameBefore, ()) {
  const ScratchDirectory scratch;
  const auto path = scratch / "audit.db";
  auto store = SqliteStore::open(path).value();
  std::vector<EventId> ids;
  const auto events = *rc::gen::container<std::vector<std::pair<bool, std::size_t>>>(
      rc::gen::pair(rc::gen::arbitrary<bool>(),
                    rc::gen::element<std::size_t>(0, 300, 3'000, 9'000, 17'000, 70'000)));
  for (const auto& [is_secret, bytes] : events) {
    Event event = event_at(at(1));
    while (event.detail.size() < bytes) event.detail += is_secret ? secret : "plain words ";
    const EventId id = store->insert(event).value();
    if (is_secret && bytes > 0) ids.push_back(id);
  }
  for (const EventId id : ids) RC_ASSERT(bool(store->redact({.id = id, .detail = true})));
  for (const char* const suffix : {"", "-wal"}) {
    std::ostringstream out;
    out << std::ifstream(path.native() + suffix, std::ios::binary).rdbuf();
    RC_ASSERT(out.str().find(secret.substr(0, 14)) == std::string::npos);
  }
}

}  // namespace
}  // namespace agentaudit
