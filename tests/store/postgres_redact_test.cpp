// Erasing a text of a trail in PostgreSQL: what an owner of the database may forge, what the
// server forgets, and what `ship` hands on.

#include "core/bytes.h"
#include "core/hex.h"
#include "ledger/leaf.h"
#include "store/error_code.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresRedactTest : public PostgresTrailTest {
 protected:
  EventId insert_secret(Timestamp timestamp = Timestamp::now()) {
    Event secret = event(timestamp, "told: a horse");
    secret.detail = R"({"text":"a horse"})";
    return store_->insert(secret).value_or(0);
  }

  // As somebody would by hand, who has the nonce.
  void forge(EventId id, bool with_salt) {
    const RecordedEvent recorded = store_->recorded(id - 1, 1, {})->front();
    const Hash kept =
        *kept_commitment(SecretField::detail, recorded.event.detail, recorded.nonce, {});
    const std::string salt =
        with_salt ? to_hex(view_of(salt_of(recorded.nonce, SecretField::summary))) : "";
    change("UPDATE agentaudit_events SET detail = '" + std::string(redacted_detail) +
           "', erased_detail = '\\x" + to_hex(view_of(kept)) + "'" +
           (with_salt ? ", nonce = '\\x" + salt + "'" : "") + " WHERE id = " + std::to_string(id));
  }
};

TEST_F(PostgresRedactTest, WhatIsLeftOfARedactedEventCannotBeEdited) {
  insert(2);
  const EventId id = insert_secret();
  ASSERT_TRUE(store_->redact({.id = id, .detail = true}));
  const std::string zeros16 = "nonce = decode(repeat('00', 16), 'hex')";
  const std::string zeros32 = "decode(repeat('00', 32), 'hex')";
  change("CREATE TABLE kept AS SELECT * FROM agentaudit_events WHERE id = 3");
  for (const std::string& edit :
       {std::string("summary = 'x'"), std::string("detail = '{}'"), zeros16, "nonce = " + zeros32,
        std::string("nonce = ''"), std::string("agent = action"), "erased_detail = " + zeros32,
        std::string("erased_detail = NULL"), std::string("erased_detail = 'short'"),
        "erased_summary = " + zeros32}) {
    SCOPED_TRACE(edit);
    change("UPDATE agentaudit_events SET " + edit + " WHERE id = 3");
    EXPECT_EQ(first_finding(), "event 3 is not what was recorded");
    EXPECT_EQ(error_code(store_->recorded(0, 10, {})), ErrorCode::corrupt);
    change(
        "DELETE FROM agentaudit_events WHERE id = 3;"
        "INSERT INTO agentaudit_events SELECT * FROM kept");
  }
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresRedactTest, ARedactionThatNoRecordNamesIsFound) {
  for (const bool with_salt : {true, false}) forge(insert_secret(), with_salt);
  const Verification found = verify();
  EXPECT_EQ(found.verdict, Verdict::tampered);
  ASSERT_EQ(found.integrity.total, 2);
  EXPECT_EQ(found.integrity.first[0].what, "event 1 is redacted, and no `redacted` event says so");
  EXPECT_EQ(found.integrity.first[1].id, 2);
}

TEST_F(PostgresRedactTest, ARecordOfOneTextDoesNotCoverTheOther) {
  const EventId id = insert_secret();
  ASSERT_TRUE(store_->redact({.id = id, .summary = true}));
  forge(id, false);
  EXPECT_EQ(first_finding(), "event 1 is redacted, and no `redacted` event says so");
}

TEST_F(PostgresRedactTest, ARecordThatWasDeletedIsMissed) {
  const EventId id = insert_secret();
  const EventId record = store_->redact({.id = id, .detail = true}).value();
  change("DELETE FROM agentaudit_events WHERE id = " + std::to_string(record));
  EXPECT_EQ(verify().verdict, Verdict::tampered);
  EXPECT_EQ(verify().redacted, 0);
}

TEST_F(PostgresRedactTest, ADamagedEventCanBeRedactedAndStaysDamaged) {
  const EventId id = insert_secret();
  change("UPDATE agentaudit_events SET nonce = 'short'");
  ASSERT_TRUE(store_->redact({.id = id, .detail = true}));
  EXPECT_EQ(store_->get(id)->detail, redacted_detail);
  EXPECT_EQ(first_finding(), "event 1 is not what was recorded");
}

TEST_F(PostgresRedactTest, TheOldVersionOfTheRowIsVacuumed) {
  server_->run("CREATE EXTENSION IF NOT EXISTS pgstattuple SCHEMA public");
  const EventId id = insert_secret(Timestamp::from_ns(1));
  ASSERT_TRUE(store_->redact({.id = id, .summary = true, .detail = true}));
  EXPECT_EQ(number("SELECT tuple_count FROM public.pgstattuple('agentaudit_events_rest')"), 1);
  EXPECT_EQ(number("SELECT dead_tuple_count FROM public.pgstattuple('agentaudit_events_rest')"), 0);
}

TEST_F(PostgresRedactTest, WhileAnotherReadsTheTextTheRedactionIsDoneAllTheSame) {
  const EventId id = insert_secret();
  const auto other = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*other)->run(
      "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM agentaudit_events"));
  ASSERT_TRUE(store_->redact({.id = id, .detail = true}));
  EXPECT_EQ((*other)
                ->number("SELECT count(*) FROM agentaudit_events WHERE detail LIKE '%horse%'")
                .value(),
            1);
  EXPECT_EQ(store_->get(id)->detail, redacted_detail);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresRedactTest, AMonthThatIsDroppedTakesItsRedactionsAndKeepsThoseOfWhatStays) {
  const Timestamp old = Timestamp::now().minus(std::chrono::hours(24 * 100));
  Event held = event(old, "a horse");
  held.agent = "ada";
  ASSERT_TRUE(store_->insert(held));
  const EventId gone = insert_secret(old);
  ASSERT_TRUE(store_->redact({.id = 1, .summary = true}));
  ASSERT_TRUE(store_->redact({.id = gone, .detail = true}));
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "case 7"}));
  EXPECT_EQ(store_->prune_before(Timestamp::now().minus(std::chrono::hours(24 * 50))), 1);
  EXPECT_EQ(store_->get(1)->summary, redacted_summary);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_events_rest"), 1);
  const Verification found = verify();
  EXPECT_EQ(found.verdict, Verdict::intact);
  EXPECT_EQ(found.redacted, 1);
  EXPECT_EQ(found.pruned, 1);
}

}  // namespace
}  // namespace agentaudit
