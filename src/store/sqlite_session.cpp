#include "store/sqlite_session.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "agentaudit/core/names.h"
#include "store/sqlite_scan.h"
#include "store/system_error.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

// FileLock has the first byte.
constexpr off_t first_byte = 16;

// struct flock as fcntl(2) takes it for one byte.
struct flock byte_of(EventId opened) {
  struct flock byte{};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = first_byte + opened;
  byte.l_len = 1;
  return byte;
}

std::string detail_of(EventId opened) { return R"({"opened":)" + std::to_string(opened) + '}'; }

}  // namespace

Result<SessionLock> SessionLock::open(const std::filesystem::path& protected_file) {
  std::filesystem::path path = protected_file.native() + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return fail(system_error(errno, path.native()));
  return SessionLock(descriptor, std::move(path));
}

SessionLock::SessionLock(SessionLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      held_(other.held_) {}

SessionLock::~SessionLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> SessionLock::hold(EventId opened) {
  struct flock byte = byte_of(opened);
  if (::fcntl(descriptor_, F_OFD_SETLK, &byte) != 0) {
    return fail(system_error(errno, path_.native()));
  }
  held_ = opened;
  return {};
}

Result<bool> SessionLock::is_held(EventId opened) const {
  struct flock byte = byte_of(opened);
  if (::fcntl(descriptor_, F_OFD_GETLK, &byte) != 0) {
    return fail(system_error(errno, path_.native()));
  }
  return byte.l_type != F_UNLCK;
}

void SessionLock::release() noexcept {
  if (!held_) return;
  struct flock byte = byte_of(*held_);
  byte.l_type = F_UNLCK;
  (void)::fcntl(descriptor_, F_OFD_SETLK, &byte);
  held_.reset();
}

Result<std::vector<Event>> SqliteSession::open(EventId next_id) {
  std::vector<EventId> dead;
  auto select = connection_->prepare("SELECT opened FROM sessions ORDER BY opened");
  if (!select) return fail(select.error());
  auto looked = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    const EventId opened = row.integer(0);
    const auto lives = lock_.is_held(opened);
    if (!lives) return fail(lives.error());
    if (!*lives) dead.push_back(opened);
    return {};
  });
  if (!looked) return fail(looked.error());

  std::vector<Event> events;
  auto remove = connection_->prepare("DELETE FROM sessions WHERE opened = ?1");
  if (!remove) return fail(remove.error());
  for (const EventId opened : dead) {
    remove->bind(1, opened);
    if (auto removed = remove->run(); !removed) return fail(removed.error());
    Event& event = events.emplace_back(trail_record(action::unclean_end));
    event.status = status::error;
    event.summary = "the writer that event " + std::to_string(opened) +
                    " names ended without closing the trail; what it had not written is lost";
    event.detail = detail_of(opened);
  }
  opened_ = next_id + static_cast<EventId>(events.size());
  Event& event = events.emplace_back(trail_record(action::opened));
  event.summary = "opened by process " + std::to_string(::getpid());
  event.detail = R"({"pid":)" + std::to_string(::getpid()) + '}';
  // Before the commit, so that nobody sees the row without the lock.
  if (auto held = lock_.hold(opened_); !held) return fail(held.error());
  auto insert = connection_->prepare("INSERT OR REPLACE INTO sessions(opened) VALUES (?1)");
  if (!insert) return fail(insert.error());
  insert->bind(1, opened_);
  if (auto inserted = insert->run(); !inserted) return fail(inserted.error());
  return events;
}

Event SqliteSession::closing() const {
  Event event = trail_record(action::closed);
  event.summary = "closed by process " + std::to_string(::getpid());
  event.detail = detail_of(opened_);
  return event;
}

Result<void> SqliteSession::close() {
  auto remove = connection_->prepare("DELETE FROM sessions WHERE opened = ?1");
  if (!remove) return fail(remove.error());
  remove->bind(1, opened_);
  return remove->run();
}

void SqliteSession::forget() noexcept {
  lock_.release();
  opened_ = 0;
}

}  // namespace agentaudit
