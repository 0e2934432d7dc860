#include "cli/trail_writer.h"

#include <string>
#include <utility>

namespace agentaudit {

Result<void> TrailWriter::add(Event event, std::int64_t line) {
  if (cut_to_limit(event)) ++cut_;
  if (events_.empty()) first_line_ = line;
  bytes_ += sizeof(Event) + size_bytes(event);
  events_.push_back(std::move(event));
  if (events_.size() < options_.events_max && bytes_ < options_.bytes_max) return {};
  return flush();
}

Result<void> TrailWriter::flush() {
  if (events_.empty()) return {};
  const std::vector<EventView> views(events_.begin(), events_.end());
  auto written = store_.insert_batch(views);
  while (!written && retry_.should_try_again(written.error())) {
    written = store_.insert_batch(views);
  }
  if (!written) return fail(std::move(written.error()));
  retry_.succeeded();
  recorded_ += static_cast<std::int64_t>(events_.size());
  events_.clear();
  bytes_ = 0;
  if (options_.acknowledge) acknowledge(*written);
  return {};
}

void TrailWriter::acknowledge(IdRange ids) {
  std::string lines;
  for (EventId id = ids.first; id <= ids.last; ++id) lines += std::to_string(id) + '\n';
  context_.out.write(lines);
  context_.out.flush();
}

}  // namespace agentaudit
