// OtlpJournal: what OTLP clients were told is kept and the trail does not have yet.
// docs/otlp.md has the form of its files.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/ingest/otlp.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// Two files that are written in turn, each emptied once the trail has all that is in it.
// Belongs to one process at a time, by a lock; several processes have one each. Not
// thread-safe.
class OtlpJournal {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Makes or takes over the files `<trail>.otlp-Na` and `b`, 0600, of the lowest N that no
  // other process has, and reads what is left there and of every further N that no process
  // has any more. Errors: permission, io; busy (16 processes have one).
  [[nodiscard]] static Result<OtlpJournal> open(const std::filesystem::path& trail);

  // What earlier processes left, once. The bytes stay until discard. What was written in
  // part, and so was never acknowledged, is passed over.
  [[nodiscard]] std::vector<OtlpBatch> take_left() { return std::exchange(left_batches_, {}); }

  // A batch in the form that append takes.
  [[nodiscard]] static std::string record_of(const OtlpBatch& batch);
  // Durable on return; on an error nothing of it stays. Errors: full, io …
  [[nodiscard]] Result<void> append(std::string_view record, TimePoint now);

  // The trail has what was appended before `oldest_waiting`; everything, if there is none.
  // What cannot be emptied now is emptied another time: it would only be stored again, and
  // be known.
  void discard(std::optional<TimePoint> oldest_waiting);

  // Bytes in such files of the trail, for those who want to know whether something waits.
  [[nodiscard]] static std::int64_t waiting_bytes(const std::filesystem::path& trail);

 private:
  struct Segment {
    std::filesystem::path path;
    FileDescriptor file;
    std::int64_t bytes = 0;
    TimePoint first{};
    TimePoint last{};
  };
  using Segments = std::array<Segment, 2>;

  explicit OtlpJournal(std::filesystem::path trail) : trail_(std::move(trail)) {}

  // Nothing: another process has it.
  [[nodiscard]] Result<std::optional<Segments>> take(int number, bool make) const;
  [[nodiscard]] Result<void> read(Segments& segments);

  std::filesystem::path trail_;
  Segments own_;
  std::size_t current_ = 0;
  std::vector<Segments> left_;  // by processes that are gone
  std::vector<OtlpBatch> left_batches_;
};

}  // namespace agentaudit
