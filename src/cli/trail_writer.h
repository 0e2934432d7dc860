// TrailWriter: events into a trail or to a daemon, many in one transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "agentaudit/redact/redactor.h"
#include "agentaudit/store/store.h"
#include "cli/command.h"
#include "cli/forwarder.h"
#include "cli/retry.h"

namespace agentaudit {

struct TrailWriterOptions {
  std::size_t events_max = 4'096;
  std::size_t bytes_max = 4U << 20U;
  bool acknowledge = false;  // print each event's id once it is durable
  // Takes secrets out of each event; none: they stay.
  std::shared_ptr<const Redactor> redactor{};
};

// As Store::insert_new; the id of an event that waits for a daemon is 0.
using WriteEvents = std::function<Result<InsertedNew>(std::span<const KeyedView>)>;
// What it answers borrows the store or the forwarder.
[[nodiscard]] WriteEvents write_into(Store& store);
[[nodiscard]] WriteEvents write_into(Forwarder& forwarder);

// Borrows the context and the retry. Not thread-safe.
class TrailWriter {
 public:
  TrailWriter(WriteEvents write, Context& context, Retry& retry, TrailWriterOptions options)
      : write_(std::move(write)), context_(context), retry_(retry), options_(std::move(options)) {}

  // Takes the event that stands in that line of the input; one that is over
  // limits::event_bytes_max is cut. Writes if the batch is full. Errors: as flush.
  [[nodiscard]] Result<void> add(Event event, std::int64_t line) {
    return add(KeyedEvent{.event = std::move(event), .origin_key = {}}, line);
  }
  // The same; one whose origin the trail knows is not recorded again.
  [[nodiscard]] Result<void> add(KeyedEvent keyed, std::int64_t line);
  // Writes what it has. Errors: as insert_batch, when retrying has come to its end;
  // the events stay.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] bool is_empty() const noexcept { return events_.empty(); }
  [[nodiscard]] std::int64_t recorded() const noexcept { return recorded_; }
  // Events that the trail had already.
  [[nodiscard]] std::int64_t repeated() const noexcept { return repeated_; }
  [[nodiscard]] std::int64_t cut() const noexcept { return cut_; }
  // What was taken out of the events.
  [[nodiscard]] const RedactionReport& redacted() const noexcept { return redacted_; }
  // The line of the first event that is not durable; 0: there is none.
  [[nodiscard]] std::int64_t first_open_line() const noexcept {
    return events_.empty() ? 0 : first_line_;
  }

 private:
  void acknowledge(const std::vector<EventId>& ids);

  const WriteEvents write_;
  Context& context_;
  Retry& retry_;
  const TrailWriterOptions options_;
  std::vector<KeyedEvent> events_;
  std::size_t bytes_ = 0;
  std::int64_t first_line_ = 0;
  std::int64_t recorded_ = 0;
  std::int64_t repeated_ = 0;
  std::int64_t cut_ = 0;
  RedactionReport redacted_;
};

}  // namespace agentaudit
