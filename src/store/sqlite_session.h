// SqliteSession: what a writer that lives long records of itself: that it opened the trail,
// that it closed it, and that another ended without closing it.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// A lock that the kernel gives up when its process ends: whether the writer still lives
// whose `opened` event has the id. On the trail's lock file, beside the locks of FileLock.
class SessionLock {
 public:
  [[nodiscard]] static Result<SessionLock> open(const std::filesystem::path& protected_file);
  SessionLock(SessionLock&& other) noexcept;
  SessionLock& operator=(SessionLock&&) = delete;
  SessionLock(const SessionLock&) = delete;
  SessionLock& operator=(const SessionLock&) = delete;
  ~SessionLock();

  // Errors: io.
  [[nodiscard]] Result<void> hold(EventId opened);
  // Whether another holds it.
  [[nodiscard]] Result<bool> is_held(EventId opened) const;
  void release() noexcept;

 private:
  SessionLock(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::filesystem::path path_;
  std::optional<EventId> held_;
};

// Not thread-safe; belongs to one writing connection, which must outlive it. All of it runs
// inside of a transaction.
class SqliteSession {
 public:
  SqliteSession(SqliteConnection& connection, SessionLock lock)
      : connection_(&connection), lock_(std::move(lock)) {}

  // Whether the next events are the first of this writer.
  [[nodiscard]] bool is_open() const noexcept { return opened_ != 0; }

  // The events that come before its first, which get the ids from `next_id` on: one for each
  // writer that ended without closing the trail, and the one that opens it.
  [[nodiscard]] Result<std::vector<Event>> open(EventId next_id);
  // The event that closes it, and what is to be written with it.
  [[nodiscard]] Event closing() const;
  [[nodiscard]] Result<void> close();
  // Must be called after open was rolled back.
  void forget() noexcept;

 private:
  SqliteConnection* connection_;
  SessionLock lock_;
  EventId opened_ = 0;  // 0: not open
};

}  // namespace agentaudit
