#include "render/event_view.h"

#include <array>
#include <string_view>

#include "render/figures.h"
#include "render/indented_json.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t name_columns = 17;

void append_field(std::string& out, std::string_view name, std::string_view value, Colour colour,
                  TerminalStyle style) {
  if (value.empty()) return;
  append_coloured(out, name, Colour::dim, style);
  out.append(name_columns - name.size(), ' ');
  append_coloured(out, terminal_text(value), colour, style);
  out += '\n';
}

void append_detail(std::string& out, std::string_view detail, TerminalStyle style) {
  if (detail.empty()) return;
  append_coloured(out, "detail", Colour::dim, style);
  out += '\n';
  constexpr std::string_view indent = "  ";
  if (append_indented_json(out, detail, indent)) return;
  append_terminal_lines(out, detail, indent);
}

}  // namespace

std::string event_view(const Event& event, TerminalStyle style) {
  std::string out;
  const auto field = [&](std::string_view name, std::string_view value,
                         Colour colour = Colour::none) {
    append_field(out, name, value, colour, style);
  };
  field("id", std::to_string(event.id), Colour::bold);
  field("timestamp", event.timestamp.to_string());
  field("status", event.status, status_colour(event.status));
  field("category", event.category);
  field("action", event.action);
  field("agent", event.agent);
  field("target", event.target);
  field("summary", event.summary, Colour::bold);
  if (event.duration.count() != 0) {
    std::string duration = std::to_string(event.duration.count()) + " ms";
    if (const std::string text = duration_text(event.duration); text != duration) {
      duration += " (" + text + ")";
    }
    field("duration", duration);
  }
  field("source", event.source);
  field("conversation_id", event.conversation_id);
  field("principal", event.principal);
  field("trace_id", event.trace_id);
  field("span_id", event.span_id);
  field("parent_span_id", event.parent_span_id);
  append_detail(out, event.detail, style);
  return out;
}

}  // namespace agentaudit
