// FaultVfs: SQLite's file system, on a disk that fails when it is told to and loses at a
// power cut what was not synced. After LevelDB's fault_injection_test and SQLite's own
// test_devsym.c.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace agentaudit {

// The default of the process as long as it lives: make it before the store, one at a time.
// Nothing is really synced, so that thousands of runs take no longer than their processor
// time. The same seed and the same calls give the same disk. Thread-safe.
class FaultVfs {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  explicit FaultVfs(std::uint64_t seed);
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();

  // What may fail is counted: open, read, write, truncate, sync, size, delete, access, lock,
  // shared memory. What ends something (close, unlock) is not, and never fails.
  [[nodiscard]] std::int64_t calls();
  // The name of the call that failed first; empty: none did.
  [[nodiscard]] std::string failed();

  // Fails `count` calls, from the n-th from now on; 1 is the next.
  void fail(std::int64_t n, std::int64_t count = 1);
  // From the n-th call from now on the power is off: every call fails and nothing changes.
  void cut_power(std::int64_t n);
  // All calls work again, and are counted from 0.
  void mend();
  // After a power cut, when nothing has the files open: what was not synced is kept, lost or
  // torn, sector by sector, and the power is on again.
  void restart();
  // Bytes by which the files may still grow, all together.
  void set_space(std::int64_t bytes);
  // Whether the file system takes no changes, as one does that had errors.
  void set_read_only(bool read_only);
  // Each call that writes or syncs takes that long.
  void set_delay(std::chrono::microseconds delay);
  // Called once, when a checkpoint has read how long the log is and not yet how much of it is
  // in the file. Only after another connection has written: without that nothing is read.
  void in_next_checkpoint(std::function<void()> work);

 private:
  struct File;
  struct Methods;

  // A write or a truncation that no sync has followed yet.
  struct Change {
    std::int64_t offset = 0;
    std::optional<std::string> bytes;  // nullopt: a truncation
  };
  struct Disk {
    std::string synced;
    std::vector<Change> changes;
  };

  // Whether the call goes on; else it fails.
  bool enter(const char* name);
  void log_has_grown();
  bool grow(sqlite3_file* file, std::int64_t end);
  void changed(const std::string& path, Change change);
  void synced(const std::string& path);
  // After a sync that failed nobody knows what reached the disk, and no later one tells.
  void sync_failed(const std::string& path);
  void apply_some(Disk& disk);
  static void apply(std::string& bytes, const Change& change);

  sqlite3_vfs vfs_{};
  sqlite3_vfs* base_ = nullptr;

  std::mutex mutex_;
  // All below are guarded by mutex_.
  std::mt19937_64 random_;
  std::map<std::string, Disk> disks_;
  std::int64_t calls_ = 0;
  std::int64_t first_failing_ = never;
  std::int64_t failing_count_ = 0;
  std::int64_t power_until_ = never;
  std::int64_t space_ = never;
  bool read_only_ = false;
  std::chrono::microseconds delay_{};
  std::function<void()> in_checkpoint_;
  std::string failed_;
};

}  // namespace agentaudit
