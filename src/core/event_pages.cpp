#include "core/event_pages.h"

#include <algorithm>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::int64_t first_page_events = 100;
constexpr std::size_t page_bytes = 4U << 20U;

std::int64_t next_limit(const std::vector<Event>& events) {
  std::size_t bytes = 0;
  for (const Event& event : events) bytes += sizeof(Event) + size_bytes(event);
  const std::size_t each = std::max<std::size_t>(1, bytes / events.size());
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(page_bytes / each), 1,
                                  limits::page_events_max);
}

}  // namespace

EventPages::EventPages(EventReader& reader, ListOpts filter, EventId after)
    : reader_(reader), question_(std::move(filter)) {
  question_.order = Order::commit;
  question_.cursor = after > 0 ? std::to_string(after) : std::string();
  question_.limit = first_page_events;
  question_.offset = 0;
  question_.total = TotalMode::none;
}

Result<std::vector<Event>> EventPages::next(std::stop_token stop) {
  auto page = reader_.list(question_, std::move(stop));
  if (!page) return fail(std::move(page.error()));
  trails_ = std::move(page->trails);
  if (page->events.empty()) return std::move(page->events);
  question_.cursor = std::to_string(page->events.back().id);
  if (!trails_.empty()) question_.cursor += ':' + trails_.back();
  question_.limit = next_limit(page->events);
  return std::move(page->events);
}

}  // namespace agentaudit
