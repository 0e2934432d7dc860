#include "store/sqlite_upkeep.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "store/rest.h"
#include "store/sqlite_chunk_check.h"
#include "store/sqlite_sealer.h"

namespace agentaudit {
namespace {

class Upkeep {
 public:
  Upkeep(const ExclusiveStep& exclusive, const UpkeepOpts& opts, const std::stop_token& stop)
      : exclusive_(exclusive), opts_(opts), stop_(stop) {}

  Result<std::int64_t> seal() {
    auto counted = step([&](SqliteConnection& connection) -> Result<void> {
      auto sealer = SqliteSealer::make(connection);
      if (!sealer) return fail(sealer.error());
      const auto unsealed = sealer->unsealed_chunks();
      if (!unsealed) return fail(unsealed.error());
      total_ = *unsealed;
      return {};
    });
    if (!counted) return fail(counted.error());
    for (bool more = total_ > 0; more;) {
      auto sealed = step([&](SqliteConnection& connection) -> Result<void> {
        auto sealer = SqliteSealer::make(connection);
        if (!sealer) return fail(sealer.error());
        const auto chunk = sealer->oldest_unsealed();
        if (!chunk) return fail(chunk.error());
        more = chunk->has_value();
        return more ? seal_anew(connection, *sealer, **chunk) : Result<void>();
      });
      if (!sealed) return fail(sealed.error());
      if (more) report(mended_);
    }
    return mended_;
  }

  Result<std::int64_t> repair() {
    std::int64_t first = 0;
    auto prepared = step([&](SqliteConnection& connection) -> Result<void> {
      const auto first_id = connection.integer("SELECT coalesce(min(id), 1) FROM events");
      if (!first_id) return fail(first_id.error());
      const auto last_id = connection.integer("SELECT coalesce(max(id), 0) FROM events");
      if (!last_id) return fail(last_id.error());
      first = sqlite_schema::chunk_of(*first_id);
      total_ = *last_id / sqlite_schema::chunk_events;
      return drop_rows_outside(connection, first);
    });
    if (!prepared) return fail(prepared.error());
    for (std::int64_t chunk = first; chunk < total_; ++chunk) {
      auto repaired =
          step([&](SqliteConnection& connection) { return repair_chunk(connection, chunk); });
      if (!repaired) return fail(repaired.error());
      report(chunk + 1);
    }
    return mended_;
  }

 private:
  // Of chunks that are not complete, or hold no event.
  Result<void> drop_rows_outside(SqliteConnection& connection, std::int64_t first) {
    auto transaction = SqliteTransaction::begin_write(connection);
    if (!transaction) return fail(transaction.error());
    auto drop = connection.prepare("DELETE FROM chunks WHERE chunk < ?1 OR chunk >= ?2");
    if (!drop) return fail(drop.error());
    drop->bind(1, first);
    drop->bind(2, total_);
    if (auto dropped = drop->run(); !dropped) return dropped;
    mended_ += connection.changes();
    if (auto counted = sqlite_schema::count_rewrite(connection); !counted) return counted;
    return transaction->commit();
  }

  Result<void> repair_chunk(SqliteConnection& connection, std::int64_t chunk) {
    {
      auto reader = SqliteReader::make(connection);
      if (!reader) return fail(reader.error());
      auto transaction = SqliteTransaction::begin_read(connection);
      if (!transaction) return fail(transaction.error());
      const auto checked = check_chunk(*reader, chunk);
      if (checked || checked.error().code != ErrorCode::corrupt) return checked;
    }
    auto sealer = SqliteSealer::make(connection);
    if (!sealer) return fail(sealer.error());
    return seal_anew(connection, *sealer, chunk);
  }

  Result<void> seal_anew(SqliteConnection& connection, SqliteSealer& sealer, std::int64_t chunk) {
    auto transaction = SqliteTransaction::begin_write(connection);
    if (!transaction) return fail(transaction.error());
    if (auto sealed = sealer.seal_from_rows(chunk); !sealed) return sealed;
    if (auto committed = transaction->commit(); !committed) return committed;
    ++mended_;
    return {};
  }

  void report(std::int64_t done) const {
    if (opts_.progress) opts_.progress(done, std::max(total_, done));
  }

  Result<void> step(const std::function<Result<void>(SqliteConnection&)>& work) {
    if (stop_.stop_requested()) return stopped();
    std::chrono::steady_clock::duration took{};
    auto done = exclusive_([&](SqliteConnection& connection) {
      const auto started = std::chrono::steady_clock::now();
      auto result = work(connection);
      took = std::chrono::steady_clock::now() - started;
      return result;
    });
    if (!done && done.error().code == ErrorCode::cancelled) return stopped();
    if (done && opts_.keep_pace) rest(stop_, took);
    return done;
  }

  [[nodiscard]] Result<void> stopped() const {
    return fail(ErrorCode::cancelled,
                "stopped after " + std::to_string(mended_) + " chunks; what is done stays done");
  }

  const ExclusiveStep& exclusive_;
  const UpkeepOpts& opts_;
  const std::stop_token& stop_;
  std::int64_t total_ = 0;
  std::int64_t mended_ = 0;
};

}  // namespace

Result<void> hash_all(const HashStep& hash, bool keep_pace,
                      const std::function<void(std::int64_t, std::int64_t)>& progress,
                      const std::stop_token& stop) {
  std::int64_t total = 0;
  while (true) {
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
    const auto started = std::chrono::steady_clock::now();
    const auto left = hash();
    if (!left) return fail(left.error());
    total = std::max(total, *left);
    if (total > 0 && progress) progress(total - *left, total);
    if (*left == 0) return {};
    if (keep_pace) rest(stop, std::chrono::steady_clock::now() - started);
  }
}

Result<std::int64_t> sqlite_seal(const ExclusiveStep& exclusive, const HashStep& hash,
                                 const UpkeepOpts& opts, const std::stop_token& stop) {
  if (auto hashed = hash_all(hash, opts.keep_pace, opts.hash_progress, stop); !hashed) {
    return fail(hashed.error());
  }
  return Upkeep(exclusive, opts, stop).seal();
}

Result<std::int64_t> sqlite_repair(const ExclusiveStep& exclusive, const UpkeepOpts& opts,
                                   const std::stop_token& stop) {
  return Upkeep(exclusive, opts, stop).repair();
}

}  // namespace agentaudit
