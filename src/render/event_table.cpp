#include "render/event_table.h"

#include <string_view>
#include <vector>

#include "core/trail_of.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

// Of a trail's id: enough to tell those of a fleet apart.
constexpr std::size_t trail_digits = 8;

std::vector<TableColumn> event_columns(EventTableKind kind) {
  const bool intents = kind == EventTableKind::open_intents;
  return {
      {.heading = "TRAIL", .columns_max = trail_digits},
      {.heading = "ID", .right_aligned = true, .columns_min = 4},
      {.heading = "TIME"},
      {.heading = "STATUS", .columns_min = 7, .columns_max = 10},
      {.heading = "CATEGORY", .columns_min = 9, .columns_max = 14},
      {.heading = "AGENT", .columns_max = 20, .drop_rank = 2},
      // A summary starts with its target, so this column is the first to go.
      {.heading = "TARGET", .columns_max = 24, .drop_rank = 4},
      {.heading = intents ? "OPEN FOR" : "TOOK",
       .right_aligned = true,
       .columns_max = 12,
       .drop_rank = intents ? 0 : 3},
      {.heading = "SUMMARY"},
  };
}

std::string_view summary_of(const Event& event) {
  return event.summary.empty() ? event.action : event.summary;
}

}  // namespace

EventTable::EventTable(TerminalStyle style, EventTableKind kind)
    : kind_(kind), table_(event_columns(kind), style) {}

std::string EventTable::text_of(std::span<const Event> events,
                                std::span<const std::string> trails) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    const bool timed = event.duration.count() != 0;
    // A column without cells is left out: it would say pending in every row.
    const bool has_status = kind_ != EventTableKind::open_intents;
    table_.add_row({{std::string(trail_of(trails, i).substr(0, trail_digits))},
                    {std::to_string(event.id), Colour::dim},
                    {milliseconds_text(event.timestamp)},
                    {has_status ? event.status : std::string(), status_colour(event.status)},
                    {event.category},
                    {event.agent},
                    {event.target},
                    {timed ? duration_text(event.duration) : std::string()},
                    {std::string(summary_of(event))}});
  }
  return table_.take_text();
}

}  // namespace agentaudit
