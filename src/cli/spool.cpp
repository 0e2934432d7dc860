#include "cli/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

Spool::Spool(const std::filesystem::path& trail) : file_(trail.native() + ".spool") {}

Result<void> Spool::append(const EventView& event) const { return file_.append(to_json(event)); }

Result<std::int64_t> Spool::import_into(Store& store, int batches_max) const {
  std::int64_t imported = 0;
  const FileDescriptor file = file_.take();
  if (!file.is_open()) return imported;
  std::int64_t start = 0;
  for (int i = 0; i < batches_max; ++i) {
    auto batch = read_batch(file.get(), start, file_.importing());
    if (!batch) return fail(std::move(batch.error()));
    if (!batch->events.empty()) {
      const std::vector<EventView> views(batch->events.begin(), batch->events.end());
      if (auto written = store.insert_batch(views); !written) return fail(written.error());
      imported += static_cast<std::int64_t>(views.size());
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
      return fail(system_error(errno, file_.importing().native()));
    if (batch->end_bytes >= status.st_size) {
      file_.remove_taken();
      return imported;
    }
    if (auto done = file_.blank_out(file, start, batch->end_bytes); !done) {
      return fail(std::move(done.error()));
    }
    start = batch->end_bytes;
  }
  return imported;
}

void import_spool(Context& context, const StoreOption& option, Store& store) {
  constexpr int batches_max = 1'000;
  const auto path = option.beside();
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
