// The string fields of an event as a table, so that copying, writing and reading
// them stand in one loop each instead of thirteen lines each.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"

namespace agentaudit {

struct StringField {
  std::string_view name;  // in JSON, CSV and SQL
  std::string Event::* owned;
  std::string_view EventView::* view;
  bool omitted_when_empty;  // from JSON
};

inline constexpr std::array<StringField, 13> string_fields = {{
    {"category", &Event::category, &EventView::category, false},
    {"action", &Event::action, &EventView::action, false},
    {"agent", &Event::agent, &EventView::agent, false},
    {"summary", &Event::summary, &EventView::summary, false},
    {"detail", &Event::detail, &EventView::detail, false},
    {"status", &Event::status, &EventView::status, false},
    {"source", &Event::source, &EventView::source, false},
    {"conversation_id", &Event::conversation_id, &EventView::conversation_id, false},
    {"target", &Event::target, &EventView::target, true},
    {"principal", &Event::principal, &EventView::principal, true},
    {"trace_id", &Event::trace_id, &EventView::trace_id, true},
    {"span_id", &Event::span_id, &EventView::span_id, true},
    {"parent_span_id", &Event::parent_span_id, &EventView::parent_span_id, true},
}};

}  // namespace agentaudit
