#include "server/otlp_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/bytes.h"
#include "core/sha256.h"
#include "ingest/otlp_batch_bytes.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

constexpr int processes_max = 16;
// How long one file is written before the other is, if that is empty by then.
constexpr std::chrono::seconds turn{5};

// A record is the length of its batch, the start of the batch's SHA-256, and the batch.
constexpr std::size_t check_bytes = 8;
constexpr std::size_t header_bytes = sizeof(std::uint64_t) + check_bytes;

std::string check_of(std::string_view batch) {
  const auto digest = sha256(batch);
  return std::string(view_of(digest).substr(0, check_bytes));
}

Result<void> write_at(int file, std::string_view bytes, std::int64_t offset,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error(errno, path.native()));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  if (::fdatasync(file) != 0) return fail(system_error(errno, path.native()));
  return {};
}

Result<std::string> read_all(int file, std::int64_t bytes, const std::filesystem::path& path) {
  std::string text(static_cast<std::size_t>(bytes), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::pread(file, text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(errno, path.native()));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

void read_records(std::string_view text, std::vector<OtlpBatch>& batches) {
  while (text.size() >= header_bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), sizeof length);
    const std::string_view check = text.substr(sizeof length, check_bytes);
    text.remove_prefix(header_bytes);
    if (length > text.size() || check_of(text.substr(0, length)) != check) return;
    auto batch = read_otlp_batch(text.substr(0, length));
    if (!batch) return;
    batches.push_back(std::move(*batch));
    text.remove_prefix(length);
  }
}

std::filesystem::path path_of(const std::filesystem::path& trail, int number, char segment) {
  return trail.native() + ".otlp-" + std::to_string(number) + segment;
}

}  // namespace

Result<std::optional<OtlpJournal::Segments>> OtlpJournal::take(int number, bool make) const {
  Segments segments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Segment& segment = segments[i];
    segment.path = path_of(trail_, number, i == 0 ? 'a' : 'b');
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0);
    const int opened = ::open(segment.path.c_str(), flags, 0600);
    if (opened < 0) {
      if (!make && errno == ENOENT) return std::nullopt;
      return fail(system_error(errno, segment.path.native()));
    }
    segment.file = FileDescriptor(opened);
    // The lock of the first is that of both.
    if (i == 0 && ::flock(segment.file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      return fail(system_error(errno, segment.path.native()));
    }
    struct stat status{};
    if (::fstat(segment.file.get(), &status) != 0) {
      return fail(system_error(errno, segment.path.native()));
    }
    segment.bytes = status.st_size;
  }
  return segments;
}

Result<OtlpJournal> OtlpJournal::open(const std::filesystem::path& trail) {
  OtlpJournal journal(trail);
  int number = 0;
  for (bool has_own = false; !has_own; ++number) {
    if (number == processes_max) {
      return fail(ErrorCode::busy, std::to_string(processes_max) + " processes take OTLP for " +
                                       trail.native() + " already, which is their limit");
    }
    auto taken = journal.take(number, true);
    if (!taken) return fail(taken.error());
    has_own = taken->has_value();
    if (has_own) journal.own_ = std::move(**taken);
  }
  for (; number < processes_max; ++number) {
    auto taken = journal.take(number, false);
    if (!taken) return fail(taken.error());
    if (*taken) journal.left_.push_back(std::move(**taken));
  }
  for (Segments& segments : journal.left_) {
    if (auto done = journal.read(segments); !done) return fail(done.error());
  }
  if (auto done = journal.read(journal.own_); !done) return fail(done.error());
  return journal;
}

Result<void> OtlpJournal::read(Segments& segments) {
  for (Segment& segment : segments) {
    const auto text = read_all(segment.file.get(), segment.bytes, segment.path);
    if (!text) return fail(text.error());
    read_records(*text, left_batches_);
    segment.first = segment.last = std::chrono::steady_clock::now();
  }
  return {};
}

std::string OtlpJournal::record_of(const OtlpBatch& batch) {
  std::string record(header_bytes, '\0');
  append_otlp_batch(record, batch);
  const std::string_view body = std::string_view(record).substr(header_bytes);
  const std::uint64_t length = body.size();
  const std::string check = check_of(body);
  std::memcpy(record.data(), &length, sizeof length);
  std::memcpy(record.data() + sizeof length, check.data(), check.size());
  return record;
}

Result<void> OtlpJournal::append(std::string_view record, TimePoint now) {
  const std::size_t other = 1 - current_;
  if (own_[current_].bytes > 0 && own_[other].bytes == 0 && now - own_[current_].first >= turn) {
    current_ = other;
  }
  Segment& segment = own_[current_];
  if (auto written = write_at(segment.file.get(), record, segment.bytes, segment.path); !written) {
    // What is there of it would be taken for a record that a crash cut short.
    (void)::ftruncate(segment.file.get(), segment.bytes);
    return written;
  }
  if (segment.bytes == 0) segment.first = now;
  segment.bytes += static_cast<std::int64_t>(record.size());
  segment.last = now;
  return {};
}

void OtlpJournal::discard(std::optional<TimePoint> oldest_waiting) {
  const auto is_done = [&](const Segment& segment) {
    return segment.bytes == 0 || !oldest_waiting || segment.last < *oldest_waiting;
  };
  for (Segment& segment : own_) {
    if (segment.bytes == 0 || !is_done(segment)) continue;
    if (::ftruncate(segment.file.get(), 0) == 0) segment.bytes = 0;
  }
  std::erase_if(left_, [&](const Segments& segments) {
    if (!std::all_of(segments.begin(), segments.end(), is_done)) return false;
    for (const Segment& segment : segments) (void)::unlink(segment.path.c_str());
    return true;
  });
}

std::int64_t OtlpJournal::waiting_bytes(const std::filesystem::path& trail) {
  std::int64_t bytes = 0;
  for (int number = 0; number < processes_max; ++number) {
    for (const char segment : {'a', 'b'}) {
      struct stat status{};
      if (::stat(path_of(trail, number, segment).c_str(), &status) == 0) bytes += status.st_size;
    }
  }
  return bytes;
}

}  // namespace agentaudit
