// The file of a SQLite trail is as docs/sqlite_schema.md says.

#include "agentaudit/store/sqlite_store.h"

#include <chrono>
#include <thread>

#include <sys/stat.h>

#include "store/colliding_names.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

class SqliteStoreTest : public SqliteTrail {};

TEST_F(SqliteStoreTest, FilesArePrivateAndSoIsTheDirectoryMadeForThem) {
  path_ = scratch_ / "made" / "for" / "audit.db";
  const auto store = open();
  ASSERT_TRUE(store->insert(event_at(at(1))));
  EXPECT_EQ(mode_of(scratch_ / "made"), 0750U);
  EXPECT_EQ(mode_of(scratch_ / "made" / "for"), 0750U);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    EXPECT_EQ(mode_of(beside(suffix)), 0600U) << suffix;
  }
}

TEST_F(SqliteStoreTest, TheFileHasTheSettingsOfItsFormat) {
  open();
  SqliteConnection connection = raw();
  EXPECT_EQ(connection.integer("PRAGMA application_id"), 0x41417564);
  EXPECT_EQ(connection.integer("PRAGMA user_version"), sqlite_schema::version);
  EXPECT_EQ(connection.integer("PRAGMA page_size"), 16'384);
  EXPECT_EQ(connection.integer("PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(connection.text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(connection.text("PRAGMA encoding"), "UTF-8");
}

TEST_F(SqliteStoreTest, TheOnlyIndexOfEventsIsThatOfTheirOrigins) {
  append(*open(), 100);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM pragma_index_list('events')"), 1);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM events INDEXED BY event_origins"
                          " WHERE origin_key IS NOT NULL"),
            0);
}

TEST_F(SqliteStoreTest, EveryEventHasANonceOfItsOwn) {
  append(*open(), 100);
  EXPECT_EQ(raw().integer("SELECT count(DISTINCT nonce) FROM events WHERE length(nonce) = 32"),
            100);
}

TEST_F(SqliteStoreTest, TheTimeOfRecordingNeverDecreases) {
  const auto store = open();
  append(*store, 3);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("UPDATE events SET recorded_at = 9000000000000000000 WHERE id = 3"));
  ASSERT_TRUE(store->insert(event_at(at(4))));
  EXPECT_EQ(raw().integer("SELECT recorded_at FROM events WHERE id = 4"),
            9'000'000'000'000'000'000);
}

TEST_F(SqliteStoreTest, TheViewShowsNamesHexAndTimesThatSortAsText) {
  const auto store = open();
  Event event = event_at(Timestamp::parse("2026-03-01T12:00:00.5Z").value());
  event.agent = "an agent";
  event.conversation_id = "c";
  event.target = "";
  event.duration = std::chrono::milliseconds(7);
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  event.span_id = "Not Hex";
  ASSERT_TRUE(store->insert(event));
  event.timestamp = Timestamp::parse("2026-03-01T12:00:00Z").value();
  ASSERT_TRUE(store->insert(event));
  event.timestamp = Timestamp::parse("1969-12-31T23:59:59.999999999Z").value();
  ASSERT_TRUE(store->insert(event));
  event.timestamp = Timestamp::parse("1677-09-21T00:12:43.145224192Z").value();
  ASSERT_TRUE(store->insert(event));

  SqliteConnection connection = raw();
  EXPECT_EQ(connection.text("SELECT group_concat(timestamp, ' ') FROM"
                            " (SELECT timestamp FROM audit_events ORDER BY timestamp)"),
            "1677-09-21T00:12:43.145224192Z 1969-12-31T23:59:59.999999999Z "
            "2026-03-01T12:00:00.000000000Z 2026-03-01T12:00:00.500000000Z");
  EXPECT_EQ(connection.text("SELECT category || action || '|' || agent || '|' || target || '|' ||"
                            " duration_ms || trace_id || '|' || span_id || '|' || parent_span_id"
                            " || conversation_id || status || source"
                            " FROM audit_events WHERE id = 1"),
            "tool_callexecute|an agent||70af7651916cd43dd8448eb211c80319c|Not Hex|cokengine");
  EXPECT_EQ(connection.text("SELECT group_concat(name) FROM pragma_table_info('audit_events')"),
            "id,timestamp,category,action,agent,summary,detail,status,duration_ms,source,"
            "conversation_id,target,principal,trace_id,span_id,parent_span_id");
}

TEST_F(SqliteStoreTest, NamesAreStoredOnceAKind) {
  const auto store = open();
  append(*store, 50);
  const auto other = open();
  append(*other, 50);
  // tool_call, execute, researcher, ok, engine.
  EXPECT_EQ(raw().integer("SELECT count(*) FROM names"), 5);
}

// More of them than the writer looks at before it asks the dictionary.
TEST_F(SqliteStoreTest, NamesThatCollideInTheCacheAreKeptApart) {
  const auto names = colliding_names(sqlite_schema::NameKind::target, 200);
  const auto store = open();
  for (int round = 0; round < 2; ++round) {
    std::vector<Event> events(names.size(), event_at(at(1)));
    for (std::size_t i = 0; i < names.size(); ++i) events[i].target = names[i];
    ASSERT_TRUE(store->insert_batch(std::vector<EventView>(events.begin(), events.end())));
  }
  EXPECT_EQ(raw().integer("SELECT count(*) FROM names WHERE kind = 6"), 200);
  const auto first_id = static_cast<EventId>(names.size()) + 1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ASSERT_EQ(store->get(first_id + static_cast<EventId>(i))->target, names[i]) << i;
  }
}

TEST_F(SqliteStoreTest, ADictionaryThatTakesNoNameIsCorrupt) {
  const auto store = open();
  ASSERT_TRUE(store->insert(event_at(at(1))));
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("CREATE TRIGGER refuse BEFORE INSERT ON names"
                        " BEGIN SELECT raise(IGNORE); END"));
  Event event = event_at(at(2));
  event.agent = "a new one";
  const auto refused = store->insert(event);
  ASSERT_EQ(error_code(refused), ErrorCode::corrupt);
  EXPECT_EQ(refused.error().message, "the dictionary took a name and gave no id");
  EXPECT_EQ(store->insert(event_at(at(3))), 2);
}

TEST_F(SqliteStoreTest, AFileNameMayHoldAnything) {
  for (const char* name :
       {"a b.db", "100%25.db", "what?.db", "a#b&c=d.db", "\xc3\xa4.db", "'\".db"}) {
    path_ = scratch_ / name;
    append(*open(), 2);
    EXPECT_TRUE(std::filesystem::exists(path_)) << name;
    EXPECT_EQ(open({.read_only = true})->list({})->total, 2) << name;
  }
  EXPECT_TRUE(SqliteStore::open("/" + (scratch_ / "a b.db").native()));
}

TEST_F(SqliteStoreTest, ARelativePathMeansTheSameFileAfterAChangeOfDirectory) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch_.path());
  const auto store = SqliteStore::open("audit.db");
  std::filesystem::current_path("/");
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->insert(event_at(at(1))));
  EXPECT_EQ((*store)->list({})->total, 1);
  EXPECT_EQ((*store)->info()->path, path_.native());
  std::filesystem::current_path(before);
}

TEST_F(SqliteStoreTest, ALinkToATrailIsTheSameTrailWithTheSameLock) {
  append(*open(), 1);
  std::filesystem::create_directory(scratch_ / "links");
  std::filesystem::create_symlink(path_, scratch_ / "links" / "audit.db");
  path_ = scratch_ / "links" / "audit.db";
  append(*open(), 1);
  EXPECT_EQ(open()->list({})->total, 2);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "links" / "audit.db.lock"));
}

TEST_F(SqliteStoreTest, OptionsOutOfRangeAreRefusedBeforeAnythingIsMade) {
  using std::chrono::milliseconds;
  for (const SqliteStoreOptions& options :
       std::vector<SqliteStoreOptions>{{.busy_timeout = milliseconds(-1)},
                                       {.query_timeout = milliseconds::max()},
                                       {.search_total_budget = milliseconds(-1)},
                                       {.wal_pages = 0}}) {
    EXPECT_EQ(error_code(SqliteStore::open(path_, options)), ErrorCode::invalid_argument);
    EXPECT_EQ(error_code(SqliteStore::in_memory(options)), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(error_code(SqliteStore::open("")), ErrorCode::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteStoreTest, InfoTellsWhatTheTrailIs) {
  const auto store = open();
  append(*store, 5);
  ASSERT_TRUE(store->prune_before(at(3)));
  const SqliteStoreInfo info = store->info().value();
  EXPECT_EQ(info.path, path_.native());
  EXPECT_EQ(info.journal_mode, "wal");
  EXPECT_EQ(info.trail_id.size(), 32U);
  EXPECT_EQ(info.schema_version, sqlite_schema::version);
  EXPECT_EQ(info.page_bytes, 16'384);
  EXPECT_EQ(info.events, 4);  // the record of the prune is one
  EXPECT_EQ(info.first_id, 3);
  EXPECT_EQ(info.last_id, 6);
  EXPECT_LE(info.created, Timestamp::now());
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteStoreTest, TrailsInMemoryAreApart) {
  const auto first = SqliteStore::in_memory().value();
  const auto second = SqliteStore::in_memory().value();
  EXPECT_TRUE(first->insert(event_at(at(1))));
  EXPECT_EQ(second->list({})->total, 0);
  EXPECT_EQ(first->info()->path, "");
  EXPECT_NE(first->info()->trail_id, second->info()->trail_id);
  EXPECT_TRUE(first->check({}));
}

TEST_F(SqliteStoreTest, AWriterThatLeavesTheLogLeavesItForTheNext) {
  append(*open({.checkpoint_on_close = false}), 10);
  EXPECT_GT(std::filesystem::file_size(beside("-wal")), 0U);
  append(*open(), 10);
  EXPECT_FALSE(std::filesystem::exists(beside("-wal")));
  EXPECT_EQ(open()->list({})->total, 20);
}

TEST_F(SqliteStoreTest, TheLogStaysNearItsLimit) {
  const auto store = open({.wal_pages = 8});
  for (int i = 0; i < 40; ++i) append(*store, 100);
  EXPECT_LE(std::filesystem::file_size(beside("-wal")), 2U * 8U * (16'384U + 24U));
}

TEST_F(SqliteStoreTest, ReadersThatOverlapAllTheTimeDoNotLetTheLogGrowWithoutEnd) {
  const auto store = open({.wal_pages = 8});
  append(*store, 100);
  // Each snapshot is let go only after a newer one was taken.
  std::jthread overlapping([&](const std::stop_token& stop) {
    SqliteConnection readers[2] = {raw(), raw()};
    for (int turn = 0; !stop.stop_requested(); ++turn) {
      EXPECT_TRUE(readers[turn % 2].exec("BEGIN"));
      EXPECT_TRUE(readers[turn % 2].integer("SELECT count(*) FROM events"));
      readers[(turn + 1) % 2].rollback();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  for (int i = 0; i < 200; ++i) append(*store, 100);
  overlapping.request_stop();
  overlapping.join();
  // The batches have written more than a thousand pages.
  EXPECT_LE(std::filesystem::file_size(beside("-wal")), 200U * 16'384U);
}

TEST(OpenStore, APathAndItsUrlsNameTheSameTrail) {
  const ScratchDirectory scratch;
  const std::string path = scratch / "audit.db";
  ASSERT_TRUE(open_store(path).value()->insert(event_at(at(1))));
  for (const std::string& url : {path, "sqlite:" + path, "sqlite://" + path}) {
    const auto store = open_store(url, {.read_only = true});
    ASSERT_TRUE(store) << url;
    EXPECT_EQ((*store)->list({})->total, 1) << url;
  }
}

TEST(OpenStore, AnUnknownSchemeIsUnsupported) {
  EXPECT_EQ(error_code(open_store("mysql://host/db")), ErrorCode::unsupported);
  EXPECT_EQ(error_code(open_store("")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(open_store("sqlite:")), ErrorCode::invalid_argument);
}

TEST(OpenStore, MemoryHasTwoNames) {
  for (const char* url : {":memory:", "sqlite::memory:"}) {
    EXPECT_TRUE(open_store(url).value()->insert(event_at(at(1))));
  }
  EXPECT_FALSE(std::filesystem::exists(":memory:"));
}

}  // namespace
}  // namespace agentaudit
