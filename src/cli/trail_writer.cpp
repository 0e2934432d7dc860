#include "cli/trail_writer.h"

#include <string>
#include <utility>

namespace agentaudit {

WriteEvents write_into(Store& store) {
  return [&store](std::span<const KeyedView> events) { return store.insert_new(events); };
}

WriteEvents write_into(Forwarder& forwarder) {
  return [&forwarder](std::span<const KeyedView> keyed) -> Result<InsertedNew> {
    std::vector<EventView> events;
    events.reserve(keyed.size());
    for (const KeyedView& view : keyed) events.push_back(view.event);
    auto ids = forwarder.deliver(events);
    if (!ids) return fail(std::move(ids.error()));
    return InsertedNew{.ids = std::move(*ids), .stored = static_cast<std::int64_t>(events.size())};
  };
}

Result<void> TrailWriter::add(KeyedEvent keyed, std::int64_t line) {
  if (options_.redactor != nullptr) redacted_.add(options_.redactor->redact(keyed.event));
  if (cut_to_limit(keyed.event)) ++cut_;
  if (events_.empty()) first_line_ = line;
  bytes_ += sizeof(KeyedEvent) + size_bytes(keyed.event);
  events_.push_back(std::move(keyed));
  if (events_.size() < options_.events_max && bytes_ < options_.bytes_max) return {};
  return flush();
}

Result<void> TrailWriter::flush() {
  if (events_.empty()) return {};
  const std::vector<KeyedView> views(events_.begin(), events_.end());
  auto written = write_(views);
  while (!written && retry_.should_try_again(written.error())) written = write_(views);
  if (!written) return fail(std::move(written.error()));
  retry_.succeeded();
  recorded_ += written->stored;
  repeated_ += static_cast<std::int64_t>(events_.size()) - written->stored;
  events_.clear();
  bytes_ = 0;
  if (options_.acknowledge) acknowledge(written->ids);
  return {};
}

void TrailWriter::acknowledge(const std::vector<EventId>& ids) {
  std::string lines;
  for (const EventId id : ids) lines += (id == 0 ? "waiting" : std::to_string(id)) + '\n';
  context_.out.write(lines);
  context_.out.flush();
}

}  // namespace agentaudit
