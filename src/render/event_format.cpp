#include "render/event_format.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/render/csv.h"
#include "agentaudit/render/ocsf.h"

namespace agentaudit {

std::optional<EventFormat> event_format_of(std::string_view name) noexcept {
  if (name == "jsonl") return EventFormat::json_lines;
  if (name == "csv") return EventFormat::csv;
  if (name == "ocsf") return EventFormat::ocsf;
  return std::nullopt;
}

void append_head(std::string& out, EventFormat format) {
  if (format == EventFormat::csv) append_csv_header(out);
}

void append_event(std::string& out, EventFormat format, const EventView& event,
                  std::string_view trail) {
  const std::size_t start = out.size();
  switch (format) {
    case EventFormat::csv: append_csv(out, event); return;
    case EventFormat::json_lines: append_json(out, event); break;
    case EventFormat::ocsf: append_ocsf(out, event); break;
  }
  if (!trail.empty() && format == EventFormat::json_lines) {
    out.insert(start + 1, R"("trail":")" + std::string(trail) + "\",");
  }
  out += '\n';
}

}  // namespace agentaudit
