// Trails of a file that were shipped, and what became of them.
#include <algorithm>
#include <stop_token>
#include <utility>

#include "core/bytes.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/leaf.h"
#include "ledger/note_signer.h"
#include "store/clickhouse_schema.h"
#include "store/clickhouse_shipped.h"
#include "store/clickhouse_verify.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

class ClickhouseVerifyTest : public ClickhouseShippedTest {
 protected:
  [[nodiscard]] VerifyOpts by_key() const {
    VerifyOpts opts;
    opts.keys = {key_.verifier().to_text()};
    opts.expect_signed = true;
    return opts;
  }

  [[nodiscard]] Verification verified(const VerifyOpts& opts) const {
    const auto result = open("?trail=" + trail_)->verify(opts, {});
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Verification{};
  }
  [[nodiscard]] Verification verified() const { return verified(by_key()); }

  // The findings of integrity, one a line.
  static std::string wrong(const Verification& result) { return lines(result.integrity); }
  static std::string open_ends(const Verification& result) { return lines(result.completeness); }
  static std::string lines(const VerifyFindings& findings) {
    std::string all;
    for (const VerifyFinding& finding : findings.first) all += finding.what + '\n';
    return all;
  }

  // A leaf for what a record says now, as a forger makes it.
  static void make_leaf(RecordedEvent& record) {
    std::string entry;
    append_entry(entry, record.event, record.recorded_at,
                 commitments_of(record.event, record.nonce));
    record.leaf = view_of(leaf_hash(entry));
  }

  [[nodiscard]] std::string note_of(std::uint64_t size, const NoteSigner& key) const {
    Checkpoint checkpoint{.origin = "other.example/" + trail_, .size = size};
    checkpoint.root.fill(7);
    return sign_checkpoint(checkpoint, key).value();
  }
};

TEST_F(ClickhouseVerifyTest, AShippedTrailIsIntact) {
  ship();
  ship();
  std::int64_t done = 0;
  VerifyOpts opts = by_key();
  opts.progress = [&](std::int64_t so_far, std::int64_t all) {
    done = so_far;
    EXPECT_EQ(all, 20);
  };
  const Verification result = verified(opts);
  EXPECT_EQ(result.verdict, Verdict::intact) << wrong(result) << open_ends(result);
  EXPECT_EQ(result.level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result.trail_id, trail_);
  EXPECT_EQ(result.events, 20);
  EXPECT_EQ(result.leaves, 20);
  EXPECT_EQ(result.sealed, 20);
  const std::string root = file_->root_at(20).value();
  Hash hash{};
  std::copy(root.begin(), root.end(), hash.begin());
  EXPECT_EQ(result.root, to_base64(hash));
  EXPECT_EQ(done, 20);
}

TEST_F(ClickhouseVerifyTest, AChangedRowIsNamed) {
  ship([](auto& events) { events[6].event.agent = "another"; });
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_EQ(wrong(result), "event 7 is not what was recorded\n");
  EXPECT_EQ(result.integrity.first[0].id, 7);
}

TEST_F(ClickhouseVerifyTest, SoIsAChangedCopyBesideTheRightOne) {
  run("SYSTEM STOP MERGES");
  ship();
  ship([](auto& events) { events[6].event.detail = "{}{}"; });
  const Verification result = verified();
  run("SYSTEM START MERGES");
  EXPECT_EQ(wrong(result), "event 7 is not what was recorded\n");
  EXPECT_EQ(result.events, 20);
}

TEST_F(ClickhouseVerifyTest, ADeletedRowIsNamed) {
  ship([](auto& events) { events.erase(events.begin() + 4); });
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_EQ(wrong(result), "event 5 is not here, and no `pruned` event says so\n");
  EXPECT_NE(open_ends(result).find("over 20 events, cannot be compared: event 5 is not here"),
            std::string::npos)
      << open_ends(result);
  EXPECT_EQ(result.events, 19);
  EXPECT_EQ(result.root, "");
  EXPECT_EQ(result.level, ProofLevel::unsigned_tree);
}

TEST_F(ClickhouseVerifyTest, AnEndThatHasNotArrivedIsIncomplete) {
  ship([](auto& events) { events.resize(15); });
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::incomplete) << wrong(result);
  EXPECT_EQ(open_ends(result),
            "a checkpoint of the trail, over 20 events, is ahead of what is here, which is 15\n");
}

TEST_F(ClickhouseVerifyTest, ARowThatWasForgedWithItsLeafIsAnotherHistory) {
  ship([](auto& events) {
    events[6].event.agent = "another";
    make_leaf(events[6]);
  });
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(wrong(result).find("a checkpoint of the trail, over 20 events, is of another history"),
            std::string::npos)
      << wrong(result);
}

TEST_F(ClickhouseVerifyTest, AForkIsNamed) {
  ship();
  ship([](auto& events) {
    events = {events[6]};
    events[0].event.agent = "another";
    make_leaf(events[0]);
  });
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(wrong(result).find("event 7 is there in two versions: the trail was forked"),
            std::string::npos)
      << wrong(result);
  EXPECT_EQ(result.events, 20);
}

TEST_F(ClickhouseVerifyTest, WhatAPruneNamedIsMissingWithoutAWordAgainstIt) {
  const auto events = file_->recorded(0, 1'000, {});
  ASSERT_TRUE(events);
  std::vector<std::int64_t> times;
  for (const RecordedEvent& record : *events) times.push_back(record.event.timestamp.ns());
  std::sort(times.begin(), times.end());
  const auto deleted = file_->prune_before(Timestamp::from_ns(times[10]));
  ASSERT_TRUE(deleted) << deleted.error().message;
  ASSERT_GT(*deleted, 0);
  ship();
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::incomplete) << wrong(result);
  EXPECT_EQ(wrong(result), "");
  EXPECT_EQ(result.pruned, *deleted);
  EXPECT_EQ(result.events + result.pruned, result.leaves);
  EXPECT_NE(open_ends(result).find("cannot be compared"), std::string::npos) << open_ends(result);
  EXPECT_EQ(result.level, ProofLevel::unsigned_tree);
}

TEST_F(ClickhouseVerifyTest, ARedactedTextIsCheckedByItsCommitment) {
  ASSERT_TRUE(file_->redact({.id = 3, .summary = true, .detail = true}));
  ASSERT_TRUE(file_->redact({.id = 4, .detail = true}));
  ship();
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact) << wrong(result) << open_ends(result);
  EXPECT_EQ(result.redacted, 2);
}

TEST_F(ClickhouseVerifyTest, ARedactionThatNobodyRecordedIsNamed) {
  ship([](auto& events) {
    RecordedEvent& record = events[2];
    record.erased_detail = view_of(commitments_of(record.event, record.nonce).detail);
    record.event.detail = redacted_detail;
  });
  EXPECT_EQ(wrong(verified()), "event 3 is redacted, and no `redacted` event says so\n");
}

TEST_F(ClickhouseVerifyTest, ATextThatStandsWhereOneWasErasedIsNamed) {
  ASSERT_TRUE(file_->redact({.id = 3, .detail = true}));
  ship([](auto& events) { events[2].event.detail = R"({"made":"up"})"; });
  EXPECT_EQ(wrong(verified()), "event 3 is not what was recorded\n");
}

TEST_F(ClickhouseVerifyTest, ACheckpointOfAnotherKeyOrRootIsNamed) {
  ship();
  ASSERT_TRUE(writer_->checkpoint(trail_, note_of(10, NoteSigner::generate("x").value())));
  ASSERT_TRUE(writer_->checkpoint(trail_, note_of(11, key_)));
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_NE(wrong(result).find("over 10 events, is not signed by"), std::string::npos);
  EXPECT_NE(wrong(result).find("over 11 events, is of another history"), std::string::npos);
}

TEST_F(ClickhouseVerifyTest, ACheckpointsRowMustSayWhatItsNoteSays) {
  ship();
  run("INSERT INTO " + database_ + ".checkpoints SELECT trail, size + 5, root, note, received_at " +
      "FROM " + database_ + ".checkpoints");
  const Verification result = verified();
  EXPECT_NE(wrong(result).find("a checkpoint's row says a size of 25"), std::string::npos)
      << wrong(result);
}

TEST_F(ClickhouseVerifyTest, AnAnchorOfAnotherHistoryIsARollback) {
  ship();
  VerifyOpts opts = by_key();
  opts.anchors = {note_of(12, key_)};
  EXPECT_EQ(verified(opts).verdict, Verdict::rolled_back);
  opts.anchors = {*file_->checkpoint()};
  const Verification result = verified(opts);
  EXPECT_EQ(result.verdict, Verdict::intact) << wrong(result);
  EXPECT_EQ(result.level, ProofLevel::anchored_checkpoint);
}

TEST_F(ClickhouseVerifyTest, ATrailOfSeveralStepsIsIntact) {
  std::vector<Event> events = some_events(9'000, 10);
  for (Event& event : events) {
    event.status = "ok";
    event.id = 0;
  }
  const std::vector<EventView> views(events.begin(), events.end());
  ASSERT_TRUE(file_->insert_batch(views));
  ASSERT_TRUE(writer_->insert(trail_, file_->recorded(0, 8'000, {}).value()));
  ASSERT_TRUE(writer_->insert(trail_, file_->recorded(8'000, 8'000, {}).value()));
  ASSERT_TRUE(writer_->checkpoint(trail_, file_->checkpoint().value()));
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact) << wrong(result) << open_ends(result);
  EXPECT_EQ(result.events, 9'020);
}

TEST_F(ClickhouseVerifyTest, AnEventOfAnIdThatNoStoreGivesIsNamed) {
  ship();
  std::string names;
  std::string values;
  for (const auto& column : clickhouse_schema::event_columns()) {
    names.append(names.empty() ? "" : ", ").append(column.name);
    values.append(values.empty() ? "" : ", ");
    values.append(column.name == "id" ? "toInt64(-3)" : column.name);
  }
  run("INSERT INTO " + database_ + ".events (" + names + ") SELECT " + values + " FROM " +
      database_ + ".events WHERE id = 1");
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_EQ(wrong(result), "an event has an id that no store gives\n");
  EXPECT_EQ(result.integrity.first[0].id, -3);
}

TEST_F(ClickhouseVerifyTest, ATimeOfRecordingThatGoesBackIsNamed) {
  ship([](auto& events) {
    events[6].recorded_at = events[5].recorded_at.minus(std::chrono::hours(1));
    make_leaf(events[6]);
  });
  const std::string found = wrong(verified());
  EXPECT_NE(found.find("event 7 was recorded before the one that precedes it\n"), std::string::npos)
      << found;
}

TEST_F(ClickhouseVerifyTest, AGapOfSeveralStepsIsOneFinding) {
  ASSERT_TRUE(send(trail_, some_events(5, 1)));
  auto later = some_events(2, 2);
  later[0].id = 30'000;
  later[1].id = 30'001;
  for (Event& event : later) event.timestamp = Timestamp::from_ns(1'800'000'000'000'000'000);
  ASSERT_TRUE(send(trail_, later));
  const Verification result = verified({});
  EXPECT_NE(wrong(result).find("events 6 to 29999 are not here, and no `pruned` event says so\n"),
            std::string::npos)
      << wrong(result);
  EXPECT_EQ(result.events, 7);
  EXPECT_EQ(result.leaves, 30'001);
}

TEST_F(ClickhouseVerifyTest, WhatIsTooLargeForOneAnswerIsReadInSmallerSteps) {
  ship();
  auto address = ClickhouseAddress::parse(url_ + "?trail=" + trail_);
  ASSERT_TRUE(address);
  address->answer_bytes_max = 1'000;
  const auto client = ClickhouseClient::make(*address);
  ASSERT_TRUE(client);
  std::int64_t steps = 0;
  VerifyOpts opts = by_key();
  opts.progress = [&](std::int64_t, std::int64_t) { ++steps; };
  const auto result = clickhouse_verify(**client, opts, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::intact) << wrong(*result);
  EXPECT_EQ(result->events, 20);
  EXPECT_GT(steps, 1);
}

TEST_F(ClickhouseVerifyTest, SaysWhichTrailItNeeds) {
  ship();
  const auto all = open()->verify({}, {});
  EXPECT_EQ(error_code(all), ErrorCode::unsupported);
  EXPECT_NE(all.error().message.find("?trail=ID"), std::string::npos);
  EXPECT_EQ(error_code(open("?trail=" + trail_b)->verify({}, {})), ErrorCode::not_found);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_code(open("?trail=" + trail_)->verify({}, stop.get_token())),
            ErrorCode::cancelled);
}

}  // namespace
}  // namespace agentaudit
