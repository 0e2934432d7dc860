// What the tests of SqliteStore share: a trail on a file of their own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/store/sqlite_store.h"
#include "store/error_code.h"
#include "store/scratch_directory.h"
#include "store/sqlite_connection.h"
#include "store/store_conformance.h"

namespace agentaudit {

// Takes away what versions 4 and 5 added to the schema.
inline constexpr const char* back_to_version_3 =
    "DROP INDEX event_origins; ALTER TABLE events DROP COLUMN origin_key;"
    "DROP TABLE tree; DROP TABLE checkpoints; DROP TABLE redactions; DROP TABLE sessions;"
    "DROP TABLE holds; DROP TABLE retention;"
    "DELETE FROM trail WHERE key = 'ledger_backlog'; PRAGMA user_version = 3;";

class SqliteTrail : public testing::Test {
 protected:
  std::shared_ptr<SqliteStore> open(const SqliteStoreOptions& options = {}) {
    auto store = SqliteStore::open(path_, options);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *store : nullptr;
  }

  // The file as SQLite alone sees it.
  SqliteConnection raw(SqliteConnection::Mode mode = SqliteConnection::Mode::read_only) {
    return std::move(SqliteConnection::open(path_, mode, std::chrono::seconds(5)).value());
  }

  std::filesystem::path beside(const std::string& suffix) const { return path_.native() + suffix; }

  ScratchDirectory scratch_;
  std::filesystem::path path_ = scratch_ / "audit.db";
};

// Inserts `count` events with the timestamps first, first + 1 … seconds.
inline void append(Store& store, std::int64_t count, std::int64_t first_seconds = 1) {
  Event event = event_at({});
  event.summary = "read_file: src/store/sqlite_store.cpp";
  event.detail =
      R"({"arguments":{"path":"src/store/sqlite_store.cpp","lines":120},"result":"ok"})" +
      std::string(100, ' ');
  std::vector<EventView> batch;
  for (std::int64_t i = 0; i < count; ++i) {
    EventView view = event;
    view.timestamp = at(first_seconds + i);
    batch.push_back(view);
    if (batch.size() < 5'000 && i + 1 < count) continue;
    ASSERT_TRUE(store.insert_batch(batch));
    batch.clear();
  }
}

}  // namespace agentaudit
