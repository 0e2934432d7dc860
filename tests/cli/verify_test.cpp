// verify: its verdicts, what it prints, and its exit status.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/agentaudit_process.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

constexpr std::string_view sample = R"({"category":"llm","summary":"one"}
{"category":"tool_call","summary":"two"}
{"category":"mcp","summary":"three"}
)";

void change(const TrailDirectory& directory, std::string_view sql) {
  auto connection = SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_write,
                                           std::chrono::seconds(5));
  ASSERT_TRUE(connection->exec(sql));
}

TEST(Verify, AnIntactTrailEndsWithZero) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished done = directory.run({"verify"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("intact  ")) << done.out;
  EXPECT_NE(done.out.find("events    3 compared with their leaves"), std::string::npos) << done.out;
  const Json json = Json::parse(directory.run({"verify", "--json"}).out);
  EXPECT_EQ(json["verdict"], "intact");
  EXPECT_EQ(json["level"], "unsigned");
  EXPECT_EQ(json["leaves"], 3);
  EXPECT_EQ(json["integrity"], (Json{{"total", 0}, {"findings", Json::array()}}));
}

TEST(Verify, ATrailThatSomebodyEditedEndsWithTwoAndNamesTheEvent) {
  const TrailDirectory directory;
  directory.record(sample);
  change(directory, "UPDATE events SET summary = 'x' WHERE id = 2");
  const Finished done = directory.run({"verify", "--json"});
  EXPECT_EQ(done.status, 2);
  const Json json = Json::parse(done.out);
  EXPECT_EQ(json["verdict"], "tampered");
  EXPECT_EQ(json["integrity"]["findings"][0],
            (Json{{"id", 2}, {"what", "event 2 is not what was recorded"}}));
  EXPECT_NE(directory.run({"verify"}).out.find("event 2 is not what was recorded"),
            std::string::npos);
  EXPECT_EQ(directory.run({"verify", "--to", "1", "--from", "1"}).status, 2);
}

TEST(Verify, AnIntentThatNeverEndedEndsWithOne) {
  const TrailDirectory directory;
  directory.record(
      R"({"timestamp":"2026-01-01T00:00:00Z","category":"tool_call","status":"pending","span_id":"b7ad6b7169203331"})"
      "\n");
  EXPECT_EQ(directory.run({"verify"}).status, 1);
  EXPECT_EQ(directory.run({"verify", "--pending-max", "500000w"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--pending-max", "5000w"}).status, 0);
}

TEST(Verify, WhatIsNoTrailEndsWithFour) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"verify"}).status, 4);
  const auto file = directory.file("words", "not a database, only some words that fill a page");
  EXPECT_EQ(directory.run({"verify", "--store", file}).status, 4);
}

TEST(Verify, AWrongCommandLineIsNoVerdict) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"verify", "--frm", "1"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--from", "3", "--to", "2"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--from", "0"}).status, 64);
}

// A directory with a key of its own, and a trail that it signed.
class SignedTrail : public testing::Test {
 protected:
  void SetUp() override {
    key_ = run({"key", "init", "--name", "own.example"}).out;
    key_.pop_back();
    directory_.record(sample);
    ASSERT_EQ(run({"checkpoint"}).status, 0);
  }

  Finished run(const std::vector<std::string>& arguments) const {
    return directory_.run(arguments);
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (directory_.path() / name).native();
  }

  TrailDirectory directory_;
  std::string key_;  // the public one
};

TEST_F(SignedTrail, TheCheckpointIsANoteOverAllEvents) {
  const std::string note = run({"checkpoint"}).out;
  EXPECT_TRUE(note.starts_with("own.example/")) << note;
  EXPECT_NE(note.find("\n3\n"), std::string::npos) << note;
  EXPECT_NE(note.find("\n\n\xe2\x80\x94 own.example "), std::string::npos) << note;
  EXPECT_EQ(run({"key", "show"}).out, key_ + '\n');
}

TEST_F(SignedTrail, VerifyKnowsItsOwnKeyAndAnyThatIsNamed) {
  EXPECT_EQ(Json::parse(run({"verify", "--json"}).out)["level"], "signed");
  const Json named = Json::parse(run({"verify", "--json", "--key", key_}).out);
  EXPECT_EQ(named["level"], "signed");
  EXPECT_EQ(named["sealed"], 3);
  const std::string other = "other.example+9cfd4b0e+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_EQ(run({"verify", "--key", other}).status, 64);
  EXPECT_EQ(run({"verify", "--key", "nowhere.pub"}).status, 64);
  const std::string public_key = file(".config/agentaudit/key.pub");
  EXPECT_EQ(Json::parse(run({"verify", "--json", "--key", public_key}).out)["level"], "signed");
}

TEST_F(SignedTrail, AFileThatHoldsNoKeyIsNamed) {
  const std::string words = directory_.file("words", "no key at all\n").native();
  const std::string empty = directory_.file("empty", " \n").native();
  const std::string huge = directory_.file("huge", std::string(4'096, 'x')).native();
  const auto complaint = [&](const std::string& key) {
    const Finished refused = run({"verify", "--key", key});
    EXPECT_EQ(refused.status, 64) << key;
    EXPECT_EQ(refused.out, "");
    return refused.err;
  };
  EXPECT_TRUE(complaint(words).starts_with("agentaudit: --key: " + words + ": "));
  EXPECT_EQ(complaint(empty), "agentaudit: --key: " + empty + " holds no key\n");
  EXPECT_EQ(complaint(huge), "agentaudit: --key: " + huge + " holds no key\n");
  EXPECT_EQ(complaint(file("")),
            "agentaudit: --key: cannot read " + file("") + ": Is a directory\n");
}

TEST_F(SignedTrail, WhatIsNoBundleIsNoVerdict) {
  const auto complaint = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"verify"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished refused = run(arguments);
    EXPECT_EQ(refused.status, 4) << refused.err;
    EXPECT_EQ(refused.out, "");
    return refused.err;
  };
  const std::string evidence = directory_.file("evidence.json", run({"prove", "1"}).out).native();
  const std::string anchors = file("anchors");
  ASSERT_EQ(run({"anchor", "--to", anchors}).status, 0);
  EXPECT_EQ(complaint({evidence, "--anchor", anchors}),
            "agentaudit: --anchor is for a trail, not for a bundle\n");
  EXPECT_EQ(complaint({file("nothing")}),
            "agentaudit: cannot open " + file("nothing") + ": No such file or directory\n");
  std::filesystem::resize_file(evidence, (16U << 20U) + 1);
  EXPECT_EQ(complaint({evidence}), "agentaudit: " + evidence + " is larger than any bundle\n");
}

TEST_F(SignedTrail, AnAnchorRaisesTheLevelAndTellsWhenTheFileIsRolledBack) {
  const std::string anchors = file("anchors");
  std::filesystem::copy_file(directory_.trail(), file("older.db"));
  directory_.record(sample);
  ASSERT_EQ(run({"anchor", "--to", anchors}).status, 0);
  ASSERT_EQ(run({"anchor", "--to", "|cat >> '" + anchors + "'"}).status, 0);
  const Finished anchored = run({"verify", "--anchor", anchors, "--key", key_, "--json"});
  EXPECT_EQ(anchored.status, 0) << anchored.out;
  EXPECT_EQ(Json::parse(anchored.out)["level"], "anchored");
  const Finished older =
      run({"verify", "--store", file("older.db"), "--anchor", anchors, "--key", key_});
  EXPECT_EQ(older.status, 3) << older.out;
  EXPECT_TRUE(older.out.starts_with("rolled_back")) << older.out;
  // The witness beside the key tells it without an anchor.
  EXPECT_EQ(run({"verify", "--store", file("older.db")}).status, 3);
  EXPECT_EQ(run({"verify", "--anchor", file("nothing")}).status, 64);
}

TEST_F(SignedTrail, AnAnchorFileOfMoreThanSixteenMebibytesIsRefused) {
  const auto anchors = directory_.file("anchors", "x");
  std::filesystem::resize_file(anchors, (16U << 20U) + 1);
  const Finished refused = run({"verify", "--anchor", anchors.native()});
  EXPECT_EQ(refused.status, 64);
  EXPECT_NE(refused.err.find("16 MiB"), std::string::npos) << refused.err;
}

TEST_F(SignedTrail, AnAnchorThatIsNotTakenIsNotNoted) {
  const Finished failed = run({"anchor", "--to", "|cat > /dev/null; exit 7"});
  EXPECT_EQ(failed.status, 3);
  EXPECT_NE(failed.err.find("exit status 7"), std::string::npos) << failed.err;
  EXPECT_EQ(run({"anchor", "--to", file("no/such/directory")}).status, 3);
}

TEST_F(SignedTrail, AProofNeedsNoTrail) {
  const Finished proof = run({"prove", "2", "3", "--hide", "summary"});
  ASSERT_EQ(proof.status, 0) << proof.err;
  EXPECT_EQ(proof.out.find("two"), std::string::npos);
  const auto evidence = directory_.file("evidence.json", proof.out).native();
  std::filesystem::remove(directory_.trail());
  const Finished checked = run({"verify", evidence, "--key", key_, "--json"});
  EXPECT_EQ(checked.status, 0) << checked.out;
  EXPECT_EQ(Json::parse(checked.out)["events"], 2);
  std::string forged = proof.out;
  forged.replace(forged.rfind("tool_call"), 4, "took");
  EXPECT_EQ(run({"verify", directory_.file("forged.json", forged).native()}).status, 2);
  EXPECT_EQ(run({"verify", directory_.file("cut.json", proof.out.substr(0, 300)).native()}).status,
            4);
}

TEST_F(SignedTrail, ABundleHoldsWhatAQueryFinds) {
  const Finished bundle = run({"bundle", "--category", "llm,mcp"});
  ASSERT_EQ(bundle.status, 0) << bundle.err;
  const Json json = Json::parse(bundle.out);
  EXPECT_EQ(json["events"].size(), 2);
  EXPECT_EQ(json["query"]["categories"], (Json{"llm", "mcp"}));
  EXPECT_EQ(run({"bundle", "--agent", "nobody"}).status, 1);
  EXPECT_EQ(run({"prove", "99"}).status, 1);
  const Finished never = run({"bundle", "--since", "soon"});
  EXPECT_EQ(never.status, 2);
  EXPECT_EQ(never.err.find("agentaudit: --since: \"soon\" is not a time"), 0U) << never.err;
  EXPECT_EQ(run({"prove", "two"}).status, 2);
}

TEST_F(SignedTrail, EvidenceIsWrittenToAFileThatAppearsWhenItIsComplete) {
  const std::string evidence = directory_.file("evidence.json", "what was here before").native();
  const Finished proved = run({"prove", "2", "-o", evidence});
  EXPECT_EQ(proved.status, 0) << proved.err;
  EXPECT_EQ(proved.out, "");
  EXPECT_EQ(proved.err, "wrote 1 event to " + evidence + '\n');
  EXPECT_EQ(run({"verify", evidence, "--key", key_}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(evidence + ".part"));
  const Finished bundled = run({"bundle", "--category", "llm,mcp", "--output", evidence});
  EXPECT_EQ(bundled.err, "wrote 2 events to " + evidence + '\n');
  EXPECT_EQ(Json::parse(run({"verify", evidence, "--json"}).out)["events"], 2);
  EXPECT_TRUE(run({"prove", "2", "-o", "-"}).out.starts_with("{"));
}

TEST_F(SignedTrail, EvidenceThatCannotBeMadeOrWrittenLeavesWhatWasThere) {
  const std::string evidence = directory_.file("evidence.json", "what was here before").native();
  EXPECT_EQ(run({"prove", "99", "-o", evidence}).status, 1);
  EXPECT_EQ(run({"bundle", "--agent", "nobody", "-o", evidence}).status, 1);
  EXPECT_EQ(std::filesystem::file_size(evidence), 20);
  const Finished full = run({"prove", "2", "-o", "/dev/full"});
  EXPECT_EQ(full.status, 3);
  EXPECT_EQ(full.err, "agentaudit: cannot write /dev/full: No space left on device\n");
  const Finished nowhere = run({"bundle", "-o", file("no/such/directory")});
  EXPECT_EQ(nowhere.status, 3);
  EXPECT_NE(nowhere.err.find("cannot write"), std::string::npos) << nowhere.err;
}

TEST_F(SignedTrail, AKeyThatOthersCanReadIsNotUsed) {
  const auto key = directory_.path() / ".config" / "agentaudit" / "key";
  std::filesystem::permissions(key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const Finished recorded = directory_.run({"record"}, sample);
  EXPECT_EQ(recorded.status, 0);
  EXPECT_NE(recorded.err.find("chmod 600"), std::string::npos) << recorded.err;
  EXPECT_NE(recorded.err.find("nothing is signed"), std::string::npos) << recorded.err;
}

TEST_F(SignedTrail, AKeyIsNeverOverwritten) {
  const Finished again = run({"key", "init"});
  EXPECT_EQ(again.status, 2);
  EXPECT_NE(again.err.find("is there already"), std::string::npos);
  EXPECT_EQ(run({"key", "show"}).out, key_ + '\n');
}

TEST(Key, ThatCannotBeKeptWholeIsNotMade) {
  const TrailDirectory directory;
  const Finished absent = directory.run({"key", "show"});
  EXPECT_EQ(absent.status, 3);
  EXPECT_NE(absent.err.find("; `agentaudit key init` makes a key"), std::string::npos)
      << absent.err;
  const auto plain = directory.file("plain", "no directory");
  const Finished nowhere = directory.run({"key", "init", "--key", (plain / "key").native()});
  EXPECT_EQ(nowhere.status, 3);
  EXPECT_EQ(nowhere.err,
            "agentaudit: cannot write " + (plain / "key").native() + ": Not a directory\n");
  // Of another private key, which may still be needed.
  directory.file("key.pub", "an old public key\n");
  const std::filesystem::path key = directory.path() / "key";
  EXPECT_EQ(directory.run({"key", "init", "--key", key.native()}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(key)) << "half of a pair";
}

TEST(Checkpoint, WithoutAKeySaysHowToMakeOne) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished none = directory.run({"checkpoint"});
  EXPECT_EQ(none.status, 1);
  EXPECT_NE(none.err.find("agentaudit key init"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
