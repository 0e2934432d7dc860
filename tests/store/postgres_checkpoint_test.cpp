// Signed checkpoints of a trail in PostgreSQL that its owner tampered with, or others sign too.

#include "agentaudit/store/postgres_store.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ledger/checkpoint.h"
#include "store/error_code.h"
#include "store/postgres_trail.h"
#include "store/test_keys.h"

namespace agentaudit {
namespace {

PostgresStoreOptions signing(const NoteSigner& key = own_key()) {
  PostgresStoreOptions options;
  options.signing_key = *key.private_text();
  return options;
}

class PostgresCheckpointTest : public PostgresTrailTest {
 protected:
  void SetUp() override {
    PostgresTrailTest::SetUp();
    if (server_ != nullptr) open(signing());
  }

  std::string finding(bool expect_signed = false) {
    VerifyOpts opts;
    opts.keys = {own_key().verifier().to_text()};
    opts.expect_signed = expect_signed;
    const auto found = store_->verify(opts, {});
    EXPECT_TRUE(found) << found.error().message;
    return found->integrity.first.empty() ? "" : found->integrity.first[0].what;
  }

  // What an owner of the database can do.
  void forge_history() {
    change(
        "UPDATE agentaudit_tiles SET hashes = decode(repeat('ab', 32 * 100), 'hex')"
        " WHERE level = 0");
  }
};

TEST_F(PostgresCheckpointTest, ATreeOfAnotherHistoryIsNeitherIntactNorSignedNorPruned) {
  insert(100);
  forge_history();
  // A writer that went on would write the end of the tree as it remembers it.
  open(signing());
  EXPECT_EQ(verify().verdict, Verdict::tampered);
  insert(1);
  const auto refused = store_->checkpoint();
  ASSERT_EQ(error_code(refused), ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("nothing more is signed"), std::string::npos);
  EXPECT_EQ(error_code(store_->prune_before(Timestamp::now())), ErrorCode::corrupt);
  EXPECT_EQ(store_->list(ListOpts{})->total, 101);
}

TEST_F(PostgresCheckpointTest, AStrippedCheckpointIsMissed) {
  insert(10);
  change("DELETE FROM agentaudit_checkpoints");
  EXPECT_EQ(finding(), "the trail was sealed, and its checkpoints are gone");
  change("UPDATE agentaudit_trail SET sealed_by = NULL");
  EXPECT_EQ(finding(), "");
  EXPECT_NE(finding(true).find("no checkpoint is signed by own.example"), std::string::npos);
}

TEST_F(PostgresCheckpointTest, AForgedCheckpointIsNamed) {
  insert(10);
  change("UPDATE agentaudit_checkpoints SET note = replace(note, E'\\n10\\n', E'\\n9\\n')");
  EXPECT_NE(finding().find("is not signed by own.example"), std::string::npos);
  change("UPDATE agentaudit_checkpoints SET note = 'words'");
  EXPECT_NE(finding().find("cannot be read"), std::string::npos);
}

TEST_F(PostgresCheckpointTest, OnlyTheNewestIsKeptAndThoseThatWereAnchored) {
  for (int i = 0; i < 4; ++i) {
    insert(10);
    ASSERT_TRUE(store_->checkpoint());
    if (i == 1) {
      ASSERT_TRUE(store_->note_anchor("/mnt/worm's"));
    }
  }
  EXPECT_EQ(number("SELECT sum(size) FROM agentaudit_checkpoints"), 20 + 40);
  EXPECT_EQ(number("SELECT size FROM agentaudit_checkpoints WHERE anchored = '/mnt/worm''s'"), 20);
}

TEST_F(PostgresCheckpointTest, AllThatWriteATrailSignItOnceASecond) {
  insert(10);
  const auto newest = [&] { return number("SELECT max(size) FROM agentaudit_checkpoints"); };
  EXPECT_EQ(newest(), 10);
  // As if it were signed in a minute from now, and as if long ago.
  for (const auto& [signed_at, size] : {std::pair("signed_at + 60000000000", 10), {"0", 12}}) {
    change("UPDATE agentaudit_checkpoints SET signed_at = " + std::string(signed_at));
    const auto another = PostgresStore::open(server_->url(schema_), signing());
    ASSERT_TRUE(another);
    ASSERT_TRUE((*another)->insert(event(Timestamp::now())));
    EXPECT_EQ(newest(), size);
  }
}

TEST_F(PostgresCheckpointTest, ATrailSignedWithAnotherKeyIsNamed) {
  insert(10);
  open(signing(other_key()));
  insert(10);
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_NE(finding().find("is not signed by own.example"), std::string::npos);
}

TEST_F(PostgresCheckpointTest, ASignatureWaitsForNobody) {
  insert(10);
  change("DELETE FROM agentaudit_checkpoints");
  open(signing());
  const auto holder = PostgresConnection::open(server_->url(schema_), {}).value();
  ASSERT_TRUE(holder->run("BEGIN; SELECT 1 FROM agentaudit_trail FOR UPDATE"));
  EXPECT_TRUE(store_->sign());
  EXPECT_EQ(number("SELECT max(size) FROM agentaudit_checkpoints"), 10);
}

}  // namespace
}  // namespace agentaudit
