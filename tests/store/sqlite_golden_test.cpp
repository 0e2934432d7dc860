// A trail written by an earlier version opens and answers forever. To add the file of a
// version, have `write_golden_trail` write it (AGENTAUDIT_GOLDEN_TRAIL) and keep the files
// before.

#include <cstdlib>

#include "agentaudit/core/names.h"
#include "ledger/note_signer.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

const std::filesystem::path golden =
    std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests" / "golden" / "store";

std::vector<Event> golden_events() {
  std::vector<Event> events(4);
  Event& call = events[0];
  call.timestamp = Timestamp::parse("2026-03-01T12:00:00.5Z").value();
  call.category = "tool_call";
  call.action = "execute";
  call.agent = "researcher";
  call.summary = "web_search: weather in Lisbon";
  call.detail = R"({"arguments":{"query":"weather in Lisbon"}})";
  call.status = "pending";
  call.source = "engine";
  call.conversation_id = "c-1";
  call.target = "web_search";
  call.principal = "ana";
  call.trace_id = "0af7651916cd43dd8448eb211c80319c";
  call.span_id = "b7ad6b7169203331";
  call.parent_span_id = "00f067aa0ba902b7";
  Event& effect = events[1];
  effect = call;
  effect.timestamp = Timestamp::parse("2026-03-01T12:00:02Z").value();
  effect.action = "complete";
  effect.status = "ok";
  effect.duration = std::chrono::milliseconds(1'500);
  Event& odd = events[2];
  odd.timestamp = Timestamp::parse("1900-01-01T00:00:00.000000001Z").value();
  odd.category = std::string("\0\xff", 2);
  odd.summary = "NUL \0 and \xc3\x28";
  odd.detail = std::string("\0{", 2);
  odd.status = "of its own";
  odd.duration = std::chrono::milliseconds(-7);
  odd.trace_id = "0AF7651916CD43DD8448EB211C80319C";
  odd.span_id = "open";
  Event& open = events[3];
  open = call;
  open.timestamp = Timestamp::parse("2026-03-01T12:00:01Z").value();
  open.span_id = "00f067aa0ba902b8";
  for (std::size_t i = 0; i < events.size(); ++i) events[i].id = static_cast<EventId>(i) + 1;
  return events;
}

struct GoldenTrail {
  std::string file;
  std::string trail_id;

  friend std::ostream& operator<<(std::ostream& out, const GoldenTrail& trail) {
    return out << trail.file;
  }
};

class SqliteGoldenTest : public SqliteTrail, public testing::WithParamInterface<GoldenTrail> {
 protected:
  void SetUp() override { std::filesystem::copy_file(golden / GetParam().file, path_); }

  static void expect_golden(Store& store) {
    const ListResult all = store.list({.order = Order::commit}).value();
    EXPECT_EQ(all.events, golden_events());
    EXPECT_EQ(store.list({.search = "LISBON"})->total, 3);
    EXPECT_EQ(store.list({.trace_id = "0af7651916cd43dd8448eb211c80319c"})->total, 3);
    EXPECT_EQ(store.open_intents({}, {})->events.at(0).id, 4);
    EXPECT_EQ(store.stats({})->total, 4);
  }
};

TEST_P(SqliteGoldenTest, AReaderReadsIt) { expect_golden(*open({.read_only = true})); }

TEST_P(SqliteGoldenTest, AWriterGoesOnWithIt) {
  const auto store = open();
  expect_golden(*store);
  EXPECT_EQ(store->info()->trail_id, GetParam().trail_id);
  EXPECT_EQ(store->insert(golden_events()[0]), 5);
  EXPECT_TRUE(store->check({}));
}

INSTANTIATE_TEST_SUITE_P(
    Versions, SqliteGoldenTest,
    testing::Values(GoldenTrail{.file = "v1.db", .trail_id = "ded9728562f92b1bbdca1902b253d8f3"},
                    GoldenTrail{.file = "v2.db", .trail_id = "ee1fc07e601684cdc1b3c5a5222b2487"},
                    GoldenTrail{.file = "v3.db", .trail_id = "f0503b8a7c819b9fa629d5a0b7588109"}),
    [](const auto& golden_trail) { return golden_trail.param.file.substr(0, 2); });

constexpr EventId pruned_id = 5;
constexpr EventId redacted_id = 6;
constexpr EventId last_golden_id = 9;

// The origin of the event at that place, as the file of version 5 has it.
std::string golden_key(std::size_t place) { return "origin-" + std::to_string(place); }

// What a trail with a ledger holds: the events above, one that is pruned, one whose detail is
// erased, and a hold over the first; signed to its end.
void write_golden_trail(const std::filesystem::path& path, const NoteSigner& key) {
  SqliteStoreOptions options;
  options.signing_key = *key.private_text();
  const auto store = SqliteStore::open(path, options).value();
  std::vector<Event> events = golden_events();
  Event& old = events.emplace_back(events[0]);
  old.timestamp = Timestamp::parse("1899-12-31T23:59:59Z").value();
  old.summary = "to be pruned";
  old.span_id.clear();
  old.conversation_id = "c-0";
  Event& erased = events.emplace_back(old);
  erased.timestamp = Timestamp::parse("2026-03-01T12:00:03Z").value();
  erased.status = "ok";
  erased.summary = "its detail was erased";
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < events.size(); ++i) keys.push_back(golden_key(i));
  std::vector<KeyedView> keyed;
  for (std::size_t i = 0; i < events.size(); ++i) keyed.emplace_back(events[i], keys[i]);
  ASSERT_TRUE(store->insert_new(keyed));
  ASSERT_TRUE(
      store->add_hold({.conversation_id = "c-1", .reason = "case 7", .principal = "counsel"}));
  ASSERT_EQ(store->prune_before({.cutoff = Timestamp::parse("1900-01-01T00:00:00Z").value(),
                                 .principal = "ana",
                                 .reason = "old",
                                 .progress = {}},
                                {}),
            1);
  ASSERT_TRUE(store->redact(
      {.id = redacted_id, .detail = true, .principal = "ana", .reason = "asked for"}));
  ASSERT_TRUE(store->close());
}

struct GoldenLedger {
  std::string file;
  std::string trail_id;
  std::string public_key;  // nobody has the private one
  bool has_origins = false;

  friend std::ostream& operator<<(std::ostream& out, const GoldenLedger& trail) {
    return out << trail.file;
  }
};

class SqliteGoldenLedgerTest : public SqliteTrail,
                               public testing::WithParamInterface<GoldenLedger> {
 protected:
  static Verification verified(SqliteStore& store, const std::string& key) {
    VerifyOpts opts;
    opts.keys = {key};
    opts.expect_signed = true;
    opts.pending_max = std::chrono::hours(24 * 365 * 200);
    return store.verify(opts, {}).value();
  }

  static void expect_golden(SqliteStore& store, const std::string& key) {
    std::vector<Event> events = store.list({.order = Order::commit}).value().events;
    ASSERT_EQ(events.size(), last_golden_id - 1);
    EXPECT_EQ(std::vector<Event>(events.begin(), events.begin() + 4), golden_events());
    EXPECT_EQ(store.get(pruned_id).error().code, ErrorCode::not_found);
    const Event& erased = events.at(4);
    EXPECT_EQ(erased.id, redacted_id);
    EXPECT_EQ(erased.summary, "its detail was erased");
    EXPECT_EQ(erased.detail, R"({"redacted":true})");
    EXPECT_EQ(events.at(5).action, action::hold_added);
    EXPECT_EQ(events.at(6).action, action::pruned);
    EXPECT_EQ(events.at(7).action, action::redacted);
    EXPECT_EQ(store.list({.search = "LISBON"})->total, 3);
    EXPECT_EQ(store.stats({})->total, last_golden_id - 1);
    const auto holds = store.holds().value();
    ASSERT_EQ(holds.size(), 1);
    EXPECT_EQ(holds[0].opts.conversation_id, "c-1");
    EXPECT_EQ(holds[0].opts.reason, "case 7");

    const Verification found = verified(store, key);
    EXPECT_EQ(found.verdict, Verdict::intact)
        << (found.integrity.first.empty() ? "" : found.integrity.first[0].what);
    EXPECT_EQ(found.level, ProofLevel::signed_checkpoint);
    EXPECT_EQ(found.sealed, last_golden_id);
    EXPECT_EQ(found.pruned, 1);
    EXPECT_EQ(found.redacted, 1);
  }
};

TEST_P(SqliteGoldenLedgerTest, AReaderReadsAndVerifiesIt) {
  std::filesystem::copy_file(golden / GetParam().file, path_);
  expect_golden(*open({.read_only = true}), GetParam().public_key);
}

TEST_P(SqliteGoldenLedgerTest, AWriterKnowsWhatCameBefore) {
  std::filesystem::copy_file(golden / GetParam().file, path_);
  const Event event = golden_events()[1];
  const std::string key = golden_key(1);
  const KeyedView keyed(event, key);
  const auto inserted = open()->insert_new({&keyed, 1});
  ASSERT_TRUE(inserted);
  EXPECT_EQ(inserted->ids.front(), GetParam().has_origins ? 2 : last_golden_id + 1);
}

TEST_P(SqliteGoldenLedgerTest, AWriterGoesOnWithIt) {
  std::filesystem::copy_file(golden / GetParam().file, path_);
  const std::string public_key = GetParam().public_key;
  const auto store = open();
  expect_golden(*store, public_key);
  EXPECT_EQ(store->info()->trail_id, GetParam().trail_id);
  EXPECT_EQ(store->info()->schema_version, sqlite_schema::version);
  EXPECT_EQ(store->insert(golden_events()[0]), last_golden_id + 1);
  EXPECT_EQ(store->redact({.id = 1, .detail = true}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store->prune_before(Timestamp::now()), 2) << "all but what is held, and the records";
  const Verification after = verified(*store, public_key);
  EXPECT_EQ(after.verdict, Verdict::intact);
  EXPECT_EQ(after.sealed, last_golden_id);
  EXPECT_EQ(after.leaves, last_golden_id + 2);
  EXPECT_TRUE(store->check({}));
}

// The same of a trail that is written now, so that the file can be told from the format.
TEST_P(SqliteGoldenLedgerTest, WhatIsWrittenTodayAnswersTheSame) {
  const NoteSigner key = NoteSigner::generate("golden.example").value();
  const char* const wanted = std::getenv("AGENTAUDIT_GOLDEN_TRAIL");
  const std::filesystem::path path = wanted == nullptr ? path_ : std::filesystem::path(wanted);
  write_golden_trail(path, key);
  ASSERT_FALSE(HasFailure());
  expect_golden(*SqliteStore::open(path, {.read_only = true}).value(), key.verifier().to_text());
  if (wanted != nullptr) {
    GTEST_SKIP() << "wrote " << path << ", signed by " << key.verifier().to_text();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Versions, SqliteGoldenLedgerTest,
    testing::Values(
        GoldenLedger{
            .file = "v4.db",
            .trail_id = "bb51c983260b5baabbaf283d42a56e79",
            .public_key = "golden.example+712e323e+Ab240svUyHvTO5yxTVU6aPiAohHRcPOiyGKW0UEN3PEn"},
        GoldenLedger{
            .file = "v5.db",
            .trail_id = "8fb6f62850691dd4240e114b3bd4c504",
            .public_key = "golden.example+d6bf742c+AV+oQ/mLHn4gOD2+dwFkhbVL+1UUNZol7APraaG16U8z",
            .has_origins = true}),
    [](const auto& trail) { return trail.param.file.substr(0, 2); });

}  // namespace
}  // namespace agentaudit
