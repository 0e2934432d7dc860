#include "store/sqlite_readers.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/out_of_memory.h"
#include "store/sqlite_file.h"

namespace agentaudit {
namespace {

// Questions answered at the same time; more wait for their turn.
constexpr std::size_t readers_max = 4;

std::size_t threads_of(const SqliteStoreOptions& options) {
  if (options.query_threads > 0) return static_cast<std::size_t>(options.query_threads);
  // More would wait for the same disk.
  constexpr unsigned cores_used = 4;
  return std::clamp(std::thread::hardware_concurrency(), 1U, cores_used);
}

}  // namespace

SqliteReaders::SqliteReaders(std::filesystem::path path, SqliteStoreOptions options)
    : path_(std::move(path)), options_(std::move(options)) {
  idle_.reserve(readers_max);
}

Result<void> SqliteReaders::open_first() {
  auto reading = open();
  if (!reading) return fail(reading.error());
  idle_.push_back(std::move(*reading));
  return {};
}

Result<std::unique_ptr<ReadingConnection>> SqliteReaders::take(const QuestionLimits& limits) {
  std::unique_lock guard(mutex_);
  const auto free = [&] { return closed_ || out_ < readers_max; };
  const bool taken = limits.deadline
                         ? returned_.wait_until(guard, limits.stop, *limits.deadline, free)
                         : returned_.wait(guard, limits.stop, free);
  if (!taken || closed_) return fail(ErrorCode::cancelled, "no turn came");
  ++out_;
  if (!idle_.empty()) {
    auto reading = std::move(idle_.back());
    idle_.pop_back();
    return reading;
  }
  guard.unlock();
  auto opened = or_out_of_memory([this] { return open(); });
  if (!opened) give_back(nullptr);
  return opened;
}

void SqliteReaders::give_back(std::unique_ptr<ReadingConnection> reading) {
  const std::lock_guard guard(mutex_);
  --out_;
  if (reading != nullptr) idle_.push_back(std::move(reading));
  returned_.notify_all();
}

void SqliteReaders::close() {
  std::unique_lock guard(mutex_);
  closed_ = true;
  returned_.notify_all();
  returned_.wait(guard, [&] { return out_ == 0; });
  idle_.clear();
}

Result<std::unique_ptr<ReadingConnection>> SqliteReaders::open() const {
  auto opened = open_for_reading(path_, options_);
  if (!opened) return fail(opened.error());
  const bool immutable = opened->immutable();
  auto reading = ReadingConnection::make(std::move(*opened));
  if (!reading || immutable || threads_of(options_) == 1) return reading;
  (*reading)->reader->set_team(std::make_shared<SqliteTeam>(
      [this] { return open_for_reading(path_, options_); }, threads_of(options_)));
  return reading;
}

}  // namespace agentaudit
