// Signed checkpoints of a trail: when they are made, and what verify makes of them.

#include <fstream>
#include <sstream>

#include "agentaudit/core/names.h"
#include "ledger/checkpoint.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"
#include "store/test_keys.h"

namespace agentaudit {
namespace {

class SqliteCheckpointTest : public SqliteTrail {
 protected:
  SqliteStoreOptions signing(const NoteSigner& key = own_key()) {
    SqliteStoreOptions options;
    options.signing_key = *key.private_text();
    options.checkpoint_directory = scratch_ / "checkpoints";
    return options;
  }

  std::string witness() {
    const std::string id = open({.read_only = true})->info()->trail_id;
    std::ostringstream out;
    out << std::ifstream(scratch_ / "checkpoints" / id).rdbuf();
    return out.str();
  }

  Checkpoint opened(const std::string& note) {
    const auto checkpoint = open_checkpoint(note, own_key().verifier());
    EXPECT_TRUE(checkpoint) << checkpoint.error().message;
    return checkpoint ? *checkpoint : Checkpoint{};
  }

  Verification verified(VerifyOpts opts) {
    const auto result = open({.read_only = true})->verify(opts, {});
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Verification{};
  }

  static VerifyOpts by_own_key() {
    VerifyOpts opts;
    opts.keys = {own_key().verifier().to_text()};
    opts.expect_signed = true;
    return opts;
  }

  static std::string findings(const Verification& result) {
    std::string all;
    for (const VerifyFinding& finding : result.integrity.first) all += finding.what + '\n';
    return all;
  }

  void change(const std::string& sql) {
    const auto changed = raw(SqliteConnection::Mode::read_write).exec(sql);
    ASSERT_TRUE(changed) << changed.error().message;
  }

  void rebuild_tree() {
    change("DELETE FROM tree; UPDATE trail SET value = 1 << 40 WHERE key = 'ledger_backlog'");
    ASSERT_TRUE(open()->seal({.keep_pace = false}, {}));
    change("UPDATE trail SET value = 0 WHERE key = 'ledger_backlog'");
  }
};

TEST_F(SqliteCheckpointTest, AStoreThatSignsSealsEverythingWhenItCloses) {
  {
    const auto store = open(signing());
    append(*store, 1'000);
    append(*store, 500);
  }
  const std::string note = open({.read_only = true})->checkpoint().value();
  const Checkpoint checkpoint = opened(note);
  EXPECT_EQ(checkpoint.size, 1'500);
  EXPECT_EQ(checkpoint.origin, "own.example/" + open()->info()->trail_id);
  EXPECT_EQ(witness(), note);
  const Verification result = verified(by_own_key());
  EXPECT_EQ(result.verdict, Verdict::intact) << findings(result);
  EXPECT_EQ(result.level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result.sealed, 1'500);
}

TEST_F(SqliteCheckpointTest, OnlyTheNewestIsKeptAndThoseThatWereAnchored) {
  const auto store = open(signing());
  for (int i = 0; i < 4; ++i) {
    append(*store, 10);
    ASSERT_TRUE(store->checkpoint());
    if (i == 1) {
      ASSERT_TRUE(store->note_anchor("/mnt/worm"));
    }
  }
  EXPECT_EQ(raw().text("SELECT group_concat(size) FROM checkpoints"), "20,40");
  EXPECT_EQ(raw().text("SELECT anchored FROM checkpoints WHERE size = 20"), "/mnt/worm");
}

TEST_F(SqliteCheckpointTest, ARebuiltTreeDisagreesWithTheCheckpoint) {
  append(*open(signing()), 100);
  change("UPDATE events SET summary = 'x' WHERE id = 50");
  rebuild_tree();
  const Verification result = verified(by_own_key());
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(findings(result).find("is of another history"), std::string::npos) << findings(result);
}

TEST_F(SqliteCheckpointTest, ACutEndWithARebuiltTreeIsShorterThanTheCheckpoint) {
  append(*open(signing()), 100);
  change("DELETE FROM events WHERE id > 90");
  rebuild_tree();
  const Verification result = verified({});
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(findings(result).find("is ahead of the trail, which has 90"), std::string::npos);
}

TEST_F(SqliteCheckpointTest, AStrippedCheckpointIsMissed) {
  append(*open(signing()), 100);
  change("DELETE FROM checkpoints");
  EXPECT_NE(findings(verified({})).find("its checkpoints are gone"), std::string::npos);
  change("DELETE FROM trail WHERE key = 'sealed_by'");
  EXPECT_EQ(verified({}).verdict, Verdict::intact);
  EXPECT_EQ(verified(by_own_key()).verdict, Verdict::tampered);
  VerifyOpts opts;
  opts.keys = by_own_key().keys;
  opts.witnesses = {witness()};
  // The witness agrees, so that nothing is lost but the trail's own copy.
  EXPECT_EQ(verified(opts).verdict, Verdict::intact);
}

TEST_F(SqliteCheckpointTest, AForgedCheckpointIsNamed) {
  append(*open(signing()), 100);
  const std::string note = open()->checkpoint().value();
  const auto set = [&](const std::string& text) {
    change("UPDATE checkpoints SET note = '" + text + "'");
  };
  set("words");
  EXPECT_NE(findings(verified({})).find("cannot be read"), std::string::npos);
  std::string size = note;
  size.replace(size.find("\n100\n"), 5, "\n099\n");
  set(size);
  EXPECT_EQ(verified({}).verdict, Verdict::tampered);
  size.replace(size.find("\n099\n"), 5, "\n99\n");
  set(size);
  EXPECT_EQ(verified({}).verdict, Verdict::tampered);
  EXPECT_NE(findings(verified(by_own_key())).find("is not signed by own.example"),
            std::string::npos);
}

TEST_F(SqliteCheckpointTest, ATrailSignedAnewWithAnotherKeyIsNamed) {
  append(*open(), 100);
  change("UPDATE events SET summary = 'x' WHERE id = 50");
  rebuild_tree();
  SqliteStoreOptions options = signing(other_key());
  options.checkpoint_directory.clear();
  ASSERT_TRUE(open(options)->checkpoint());
  EXPECT_EQ(verified({}).verdict, Verdict::intact);
  const Verification result = verified(by_own_key());
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(findings(result).find("is not signed by own.example"), std::string::npos);
}

TEST_F(SqliteCheckpointTest, AnOlderCopyOfTheFileIsRolledBackAgainstWitnessAndAnchor) {
  append(*open(signing()), 50);
  std::filesystem::copy_file(path_, scratch_ / "older.db");
  append(*open(signing()), 50);
  const std::string anchor = open()->checkpoint().value();
  const std::string seen = witness();
  for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(beside(suffix));
  std::filesystem::copy_file(scratch_ / "older.db", path_);
  EXPECT_EQ(verified(by_own_key()).verdict, Verdict::intact);
  for (const bool anchored : {true, false}) {
    VerifyOpts opts = by_own_key();
    (anchored ? opts.anchors : opts.witnesses) = {anchored ? anchor : seen};
    const Verification result = verified(opts);
    EXPECT_EQ(result.verdict, Verdict::rolled_back);
    EXPECT_NE(findings(result).find("is ahead of the trail, which has 50"), std::string::npos)
        << findings(result);
  }
}

TEST_F(SqliteCheckpointTest, AnAnchorOfAnotherHistoryOrTrailIsNoMatch) {
  append(*open(signing()), 50);
  const std::string anchor = open()->checkpoint().value();
  for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
    std::filesystem::remove(beside(suffix));
  }
  append(*open(signing()), 60);
  VerifyOpts opts = by_own_key();
  opts.anchors = {anchor};
  Verification result = verified(opts);
  EXPECT_EQ(result.verdict, Verdict::rolled_back);
  EXPECT_NE(findings(result).find("is of another trail"), std::string::npos);
  // A forger gives it the old name.
  const std::string id = anchor.substr(12, 32);
  change("UPDATE trail SET value = '" + id + "' WHERE key = 'trail_id'");
  opts.expect_signed = false;
  result = verified(opts);
  EXPECT_EQ(result.verdict, Verdict::rolled_back);
  EXPECT_NE(findings(result).find("is of another history"), std::string::npos) << findings(result);
}

TEST_F(SqliteCheckpointTest, NothingIsPrunedWhereTheTrailIsNotWhatWasSigned) {
  append(*open(signing()), 100);
  change("UPDATE events SET summary = 'x' WHERE id = 50");
  rebuild_tree();
  const auto store = open(signing());
  EXPECT_EQ(error_code(store->prune_before(at(10))), ErrorCode::corrupt);
  EXPECT_TRUE(store->get(1));
}

TEST_F(SqliteCheckpointTest, ATreeThatIsNotWhatWasSignedIsNotSignedAgain) {
  append(*open(signing()), 100);
  change("UPDATE events SET summary = 'x' WHERE id = 50");
  rebuild_tree();
  const auto store = open(signing());
  const auto refused = store->checkpoint();
  ASSERT_EQ(error_code(refused), ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("nothing more is signed"), std::string::npos);
  // It goes on recording.
  EXPECT_EQ(store->insert(event_at(at(1))), 101);
}

TEST_F(SqliteCheckpointTest, TheWitnessBindsTheSignerWhereTheTrailWasRolledBack) {
  append(*open(signing()), 50);
  std::filesystem::copy_file(path_, scratch_ / "older.db");
  append(*open(signing()), 50);
  for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(beside(suffix));
  std::filesystem::copy_file(scratch_ / "older.db", path_);
  const auto store = open(signing());
  append(*store, 10);
  EXPECT_EQ(error_code(store->checkpoint()), ErrorCode::corrupt);
}

}  // namespace
}  // namespace agentaudit
