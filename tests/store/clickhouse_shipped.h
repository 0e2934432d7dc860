// A signed trail in a file of the test's own, which it ships to a fleet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "ledger/note_signer.h"
#include "store/clickhouse_fleet.h"
#include "store/scratch_directory.h"

namespace agentaudit {

class ClickhouseShippedTest : public ClickhouseFleetTest {
 protected:
  void SetUp() override {
    ClickhouseFleetTest::SetUp();
    if (IsSkipped()) return;
    SqliteStoreOptions options;
    options.signing_key = *key_.private_text();
    options.checkpoint_directory = scratch_ / "checkpoints";
    auto file = SqliteStore::open(scratch_ / "trail.db", options);
    ASSERT_TRUE(file) << file.error().message;
    file_ = std::move(*file);
    trail_ = *file_->trail_id();
    auto events = some_events(20, 9);
    for (Event& event : events) {
      event.status = "ok";
      ASSERT_TRUE(file_->insert(event));
    }
  }

  using Change = std::function<void(std::vector<RecordedEvent>&)>;

  // What the file holds and its checkpoint, changed on the way.
  void ship(const Change& change = [](auto&) {}) {
    auto events = file_->recorded(0, 1'000, {});
    ASSERT_TRUE(events) << events.error().message;
    const auto note = file_->checkpoint();
    ASSERT_TRUE(note) << note.error().message;
    change(*events);
    ASSERT_TRUE(writer_->insert(trail_, *events));
    ASSERT_TRUE(writer_->checkpoint(trail_, *note));
  }

  NoteSigner key_ = NoteSigner::generate("own.example").value();
  ScratchDirectory scratch_;
  std::shared_ptr<SqliteStore> file_;
  std::string trail_;
};

}  // namespace agentaudit
