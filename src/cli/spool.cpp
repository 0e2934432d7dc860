#include "cli/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "agentaudit/ingest/json_lines.h"
#include "cli/output.h"
#include "render/figures.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

constexpr std::size_t batch_events_max = 4'096;
constexpr std::size_t batch_bytes_max = 4U << 20U;
constexpr std::size_t chunk_bytes = 64U << 10U;
constexpr int open_tries_max = 100;

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

// Opens the file of that name and takes its lock; whoever renamed or removed it in
// between makes us start again, which after so many tries cannot be chance.
Result<FileDescriptor> open_locked(const std::filesystem::path& path, int flags, int lock) {
  for (int i = 0; i < open_tries_max; ++i) {
    FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return fail(system_error(errno, path.native()));
    if (::flock(file.get(), lock) != 0) {
      if (errno == EINTR) continue;
      return fail(system_error(errno, path.native()));
    }
    if (is_same_file(file.get(), path)) return file;
  }
  return fail(ErrorCode::busy, path.native() + " is replaced again and again");
}

// A line that a crash cut short must not swallow the next one.
bool ends_within_line(int descriptor, off_t bytes) {
  char last = '\n';
  return bytes > 0 && ::pread(descriptor, &last, 1, bytes - 1) == 1 && last != '\n';
}

// Makes a name in the directory durable; where that fails the file's bytes are still
// as safe as they can be.
void sync_directory(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const FileDescriptor directory(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open()) (void)::fsync(directory.get());
}

// Overwrites the bytes with line ends, which the reader passes over.
Result<void> blank_out(int descriptor, std::int64_t first, std::int64_t end,
                       const std::filesystem::path& path) {
  const std::string blanks(chunk_bytes, '\n');
  while (first < end) {
    const auto bytes = static_cast<std::size_t>(
        std::min<std::int64_t>(end - first, static_cast<std::int64_t>(blanks.size())));
    const ssize_t written = ::pwrite(descriptor, blanks.data(), bytes, first);
    if (written < 0 && errno != EINTR) return fail(system_error(errno, path.native()));
    if (written > 0) first += written;
  }
  if (::fdatasync(descriptor) != 0) return fail(system_error(errno, path.native()));
  return {};
}

// The line that starts there, as much of it as helps to find out what it was.
std::string line_at(int descriptor, std::int64_t offset) {
  std::string line(chunk_bytes, '\0');
  const ssize_t got = ::pread(descriptor, line.data(), line.size(), offset);
  line.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return line.substr(0, line.find('\n'));
}

Event unreadable_line(std::string_view line, const Error& error) {
  Event event;
  event.timestamp = Timestamp::now();
  event.category = category::audit;
  event.action = action::gap;
  event.agent = "agentaudit";
  event.source = "spool";
  event.status = status::error;
  event.summary = "a line of the spool is no event: " + error.message;
  event.detail = R"({"reason":"unreadable_spool_line","line":)";
  append_json_string(event.detail, line);
  event.detail += '}';
  return event;
}

// One batch of the file, and where it ends.
struct SpoolBatch {
  std::vector<Event> events;
  std::int64_t end_bytes = 0;
};

// Reads lines from `start` on, until the batch is full or the file ends.
Result<SpoolBatch> read_batch(int descriptor, std::int64_t start,
                              const std::filesystem::path& path) {
  SpoolBatch batch{.events = {}, .end_bytes = start};
  JsonLinesReader reader;
  std::string chunk(chunk_bytes, '\0');
  std::size_t bytes = 0;
  std::int64_t at = start;
  bool ended = false;
  while (!ended) {
    const ssize_t got = ::pread(descriptor, chunk.data(), chunk.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(errno, path.native()));
    ended = got == 0;
    if (ended) reader.finish();
    at += got;
    reader.feed({chunk.data(), static_cast<std::size_t>(got)});
    while (auto line = reader.next()) {
      // The start of a line is the end of the one before it, blank ones included.
      if (batch.events.size() >= batch_events_max || bytes >= batch_bytes_max) {
        batch.end_bytes = start + line->offset_bytes;
        return batch;
      }
      if (!line->event) {
        line->event =
            unreadable_line(line_at(descriptor, start + line->offset_bytes), line->event.error());
      }
      (void)cut_to_limit(*line->event);
      bytes += sizeof(Event) + size_bytes(*line->event);
      batch.events.push_back(std::move(*line->event));
    }
  }
  batch.end_bytes = at;
  return batch;
}

}  // namespace

Spool::Spool(const std::filesystem::path& trail)
    : path_(trail.native() + ".spool"), importing_(trail.native() + ".spool.importing") {}

Result<void> Spool::append(const EventView& event) const {
  auto file = open_locked(path_, O_RDWR | O_CREAT | O_APPEND, LOCK_EX);
  if (!file) return fail(std::move(file.error()));
  struct stat before{};
  if (::fstat(file->get(), &before) != 0) return fail(system_error(errno, path_.native()));
  if (before.st_size >= bytes_max) {
    return fail(ErrorCode::full, path_.native() + " holds all that it may; see agentaudit doctor");
  }
  std::string line;
  if (ends_within_line(file->get(), before.st_size)) line += '\n';
  append_json(line, event);
  line += '\n';
  if (const int error = write_all(file->get(), line); error != 0) {
    // Half a line helps nobody.
    (void)::ftruncate(file->get(), before.st_size);
    return fail(system_error(error, path_.native()));
  }
  if (::fsync(file->get()) != 0) return fail(system_error(errno, path_.native()));
  if (before.st_size == 0) sync_directory(path_);
  return {};
}

// What a process that died in the middle left behind comes first.
FileDescriptor Spool::take_over() const {
  if (auto left = open_locked(importing_, O_RDWR, LOCK_EX | LOCK_NB); left) {
    return std::move(*left);
  }
  auto file = open_locked(path_, O_RDWR, LOCK_EX | LOCK_NB);
  if (!file) return {};
  // Refused where another process is importing at this moment.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, importing_.c_str(), RENAME_NOREPLACE) != 0) {
    return {};
  }
  return std::move(*file);
}

Result<std::int64_t> Spool::import_into(Store& store, int batches_max) const {
  std::int64_t imported = 0;
  const FileDescriptor file = take_over();
  if (!file.is_open()) return imported;
  std::int64_t start = 0;
  for (int i = 0; i < batches_max; ++i) {
    auto batch = read_batch(file.get(), start, importing_);
    if (!batch) return fail(std::move(batch.error()));
    if (!batch->events.empty()) {
      const std::vector<EventView> views(batch->events.begin(), batch->events.end());
      if (auto written = store.insert_batch(views); !written) return fail(written.error());
      imported += static_cast<std::int64_t>(views.size());
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return fail(system_error(errno, importing_.native()));
    if (batch->end_bytes >= status.st_size) {
      (void)::unlink(importing_.c_str());
      sync_directory(importing_);
      return imported;
    }
    if (auto done = blank_out(file.get(), start, batch->end_bytes, importing_); !done) {
      return fail(std::move(done.error()));
    }
    start = batch->end_bytes;
  }
  return imported;
}

std::int64_t Spool::waiting_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& path : {path_, importing_}) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) bytes += status.st_size;
  }
  return bytes;
}

void import_spool(Context& context, const StoreOption& option, Store& store) {
  constexpr int batches_max = 1'000;
  const auto path = option.path();
  if (!path) return;
  const auto imported = Spool(*path).import_into(store, batches_max);
  if (!imported) {
    context.talk.complain("the spool waits: " + imported.error().message);
  } else if (*imported > 0) {
    context.talk.complain("recorded " + count_text(*imported, "event", "events") +
                          " that had waited in the spool");
  }
}

}  // namespace agentaudit
