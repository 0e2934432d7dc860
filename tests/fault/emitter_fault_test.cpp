// An emitter over a real trail on a disk that fails: emit never waits beyond its policy, the
// counts add up, what was accepted comes once, and the trail says what was lost.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "agentaudit/core/names.h"
#include "agentaudit/emit/buffered_emitter.h"
#include "fault/fault_vfs.h"
#include "store/all_events.h"
#include "store/number_from_environment.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class EmitterFaultTest : public SqliteTrail {
 protected:
  // A small buffer, so that trouble fills it.
  std::unique_ptr<BufferedEmitter> start(std::shared_ptr<SqliteStore> store) {
    BufferedEmitterOptions options;
    options.capacity_events = 200;
    options.flush_interval = 5ms;
    options.retry_rest_max = 50ms;
    options.on_trouble = [this](const Trouble& trouble) {
      if (trouble.kind == Trouble::Kind::write_failed) {
        if (failures_++ == 0) complaint_ = trouble.error.message;
      }
      if (trouble.kind == Trouble::Kind::write_recovered) ++recoveries_;
    };
    auto emitter = std::make_unique<BufferedEmitter>(std::move(store), options);
    EXPECT_TRUE(emitter->start());
    return emitter;
  }

  // Emits from several threads while `trouble` goes on, and notes the longest emit.
  void emit_during(BufferedEmitter& emitter, const std::function<void()>& trouble) {
    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; !done; ++i) {
          const Event event =
              event_at(at(1), std::to_string(thread) + '/' + std::to_string(i) + '/');
          const auto start = Clock::now();
          const bool accepted = emitter.emit(event) == Emitted::accepted;
          raise(longest_ns_, (Clock::now() - start).count());
          ++offered_;
          if (accepted) ++accepted_;
          std::this_thread::sleep_for(200us);
        }
      });
    }
    trouble();
    done = true;
    for (std::thread& thread : threads) thread.join();
  }

  static void raise(std::atomic<std::int64_t>& greatest, std::int64_t value) {
    std::int64_t before = greatest;
    while (before < value && !greatest.compare_exchange_weak(before, value)) {
    }
  }

  // After everything: nothing is left over, nothing is there twice, gaps tell the rest.
  void expect_accounted(BufferedEmitter& emitter) {
    ASSERT_TRUE(emitter.close(30s));
    const EmitterCounters counters = emitter.counters();
    EXPECT_EQ(counters.offered, offered_);
    EXPECT_EQ(counters.accepted, accepted_);
    EXPECT_EQ(counters.offered, counters.accepted + counters.dropped);
    EXPECT_EQ(counters.accepted, counters.durable);
    EXPECT_EQ(counters.losses_recorded, counters.dropped);
    const auto store = open({.read_only = true});
    const auto events = all_events(*store);
    ASSERT_TRUE(events) << events.error().message;
    std::map<std::string, int> times;
    std::int64_t gaps = 0;
    for (const Event& event : *events) {
      if (event.id <= there_before_) continue;
      if (event.category != category::audit) ++times[event.summary];
      if (event.action == action::gap) ++gaps;
    }
    for (const auto& [summary, count] : times) EXPECT_EQ(count, 1) << summary;
    EXPECT_EQ(static_cast<std::int64_t>(times.size()), accepted_);
    EXPECT_EQ(gaps, counters.gaps_recorded);
    // A hundred times what a loaded machine needs: no write is waited for.
    EXPECT_LT(std::chrono::nanoseconds(longest_ns_), 2s);
  }

  // Until something emitted is durable again.
  void expect_recovery(BufferedEmitter& emitter) {
    EXPECT_TRUE(emitter.flush(20s));
    EXPECT_GT(failures_, 0);
    EXPECT_GT(recoveries_, 0);
  }

  EventId there_before_ = 0;
  std::atomic<std::int64_t> offered_ = 0;
  std::atomic<std::int64_t> accepted_ = 0;
  std::atomic<std::int64_t> longest_ns_ = 0;
  std::atomic<int> failures_ = 0;
  std::string complaint_;  // the first that a write failed with
  std::atomic<int> recoveries_ = 0;
  FaultVfs faults_{1};  // before any store
};

TEST_F(EmitterFaultTest, ADiskThatFailsAndWorksAgainLosesOnlyWhatTheTrailSaysIsLost) {
  const auto emitter = start(open());
  emit_during(*emitter, [&] {
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(50ms);
      faults_.fail(1, FaultVfs::never / 2);
      std::this_thread::sleep_for(300ms);
      faults_.mend();
    }
    std::this_thread::sleep_for(100ms);
  });
  expect_recovery(*emitter);
  EXPECT_GT(emitter->counters().dropped, 0);
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, SingleFaultsInAStormLoseNothing) {
  const auto emitter = start(open());
  emit_during(*emitter, [&] {
    for (int i = 0; i < 60; ++i) {
      faults_.fail(7 + i % 11);
      std::this_thread::sleep_for(10ms);
    }
    faults_.mend();
  });
  expect_recovery(*emitter);
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, ASlowDiskKeepsNobodyWaiting) {
  const auto emitter = start(open());
  faults_.set_delay(20ms);
  emit_during(*emitter, [] { std::this_thread::sleep_for(600ms); });
  faults_.set_delay(0ms);
  EXPECT_TRUE(emitter->flush(20s));
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, ADiskThatIsFullAndHasRoomAgainLosesOnlyWhatTheTrailSaysIsLost) {
  const auto emitter = start(open({.wal_pages = 4}));
  emit_during(*emitter, [&] {
    faults_.set_space(200'000);
    std::this_thread::sleep_for(600ms);
    faults_.set_space(FaultVfs::never);
    std::this_thread::sleep_for(100ms);
  });
  expect_recovery(*emitter);
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, AnotherProcessThatHoldsTheTrailForLongDelaysButLosesNothingAccepted) {
  const std::chrono::milliseconds locked(number_from_environment("AGENTAUDIT_LOCKED_MS", 500));
  const auto emitter = start(open({.busy_timeout = 20ms}));
  emitter->emit(event_at(at(1), "before"));
  ASSERT_TRUE(emitter->flush(20s));
  ++offered_;
  ++accepted_;
  emit_during(*emitter, [&] {
    auto other = raw(SqliteConnection::Mode::read_write);
    ASSERT_TRUE(other.exec("BEGIN IMMEDIATE"));
    std::this_thread::sleep_for(locked);
    ASSERT_TRUE(other.exec("ROLLBACK"));
  });
  expect_recovery(*emitter);
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, AFileSystemThatTurnsReadOnlyLosesOnlyWhatTheTrailSaysIsLost) {
  const auto emitter = start(open());
  emit_during(*emitter, [&] {
    std::this_thread::sleep_for(50ms);
    faults_.set_read_only(true);
    std::this_thread::sleep_for(500ms);
    faults_.set_read_only(false);
    std::this_thread::sleep_for(100ms);
  });
  expect_recovery(*emitter);
  EXPECT_NE(complaint_.find("could not be used"), std::string::npos) << complaint_;
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, ADamagedPageIsTroubleUntilItIsMended) {
  std::int64_t page = 0;
  std::int64_t page_bytes = 0;
  there_before_ = 1'000;
  {
    const auto store = open();
    append(*store, there_before_);
    ASSERT_TRUE(store->close());
    auto connection = raw();
    page_bytes = connection.integer("PRAGMA page_size").value();
    // The one that the next event goes into.
    page = connection
               .integer(
                   "SELECT max(pageno) FROM dbstat WHERE name = 'events' AND "
                   "pagetype = 'leaf'")
               .value();
  }
  const auto exchange_page = [&](const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(bytes.size());
    std::string before(bytes.size(), '\0');
    file.seekg((page - 1) * size).read(before.data(), size);
    file.seekp((page - 1) * size).write(bytes.data(), size);
    EXPECT_TRUE(file.flush());
    return before;
  };
  const std::string sound =
      exchange_page(std::string(static_cast<std::size_t>(page_bytes), '\xa5'));
  const auto emitter = start(open());
  emit_during(*emitter, [&] {
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(emitter->counters().durable, 0);
    exchange_page(sound);
  });
  expect_recovery(*emitter);
  EXPECT_NE(complaint_.find("is damaged; `agentaudit doctor` says more"), std::string::npos)
      << complaint_;
  expect_accounted(*emitter);
}

TEST_F(EmitterFaultTest, ADirectoryThatIsRemovedIsTroubleAndNoCrash) {
  const auto emitter = start(open());
  emit_during(*emitter, [&] {
    std::this_thread::sleep_for(50ms);
    std::filesystem::remove_all(path_.parent_path());
    std::this_thread::sleep_for(300ms);
  });
  (void)emitter->close(1s);
  const EmitterCounters counters = emitter->counters();
  EXPECT_EQ(counters.offered, counters.accepted + counters.dropped);
  EXPECT_EQ(counters.offered, offered_);
}

}  // namespace
}  // namespace agentaudit
