#include "render/activity_table.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "render/figures.h"
#include "render/json_writer.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

// A fifth of the count with one decimal: `1,234.2`.
std::string per_minute_text(std::int64_t events_5m) {
  return count_text(events_5m / 5) + "." + std::to_string(events_5m % 5 * 2);
}

TableCell trouble(std::int64_t count, Colour colour) {
  return {count_text(count), count > 0 ? colour : Colour::dim};
}

std::string ago_text(Timestamp then, Timestamp now) {
  using std::chrono::floor, std::chrono::milliseconds, std::chrono::seconds;
  // Whole seconds: a figure that flickers cannot be read.
  const auto ago = floor<seconds>(elapsed(std::min(then, now), now));
  return ago < seconds(1) ? "now" : std::to_string(ago.count()) + " s";
}

std::string doing(const AgentActivity& activity) {
  if (activity.last_summary.empty()) return activity.last_action;
  return activity.last_summary;
}

}  // namespace

std::string activity_table(std::span<const AgentActivity> agents, Timestamp now,
                           TerminalStyle style) {
  TextTable table({{.heading = "AGENT", .columns_max = 24},
                   {.heading = "1 MIN", .right_aligned = true},
                   {.heading = "5 MIN", .right_aligned = true, .drop_rank = 3},
                   {.heading = "ERRORS", .right_aligned = true, .drop_rank = 1},
                   {.heading = "DENIED", .right_aligned = true, .drop_rank = 2},
                   {.heading = "PENDING", .right_aligned = true, .drop_rank = 5},
                   {.heading = "AGO", .right_aligned = true, .columns_min = 5, .drop_rank = 4},
                   {.heading = "LAST ACTION"}},
                  style);
  for (const AgentActivity& activity : agents) {
    const bool unnamed = activity.agent.empty();
    table.add_row({{unnamed ? "(none)" : activity.agent, unnamed ? Colour::dim : Colour::none},
                   {count_text(activity.events_1m)},
                   {per_minute_text(activity.events_5m)},
                   trouble(activity.errors, Colour::red),
                   trouble(activity.denied, Colour::yellow),
                   trouble(activity.pending, Colour::cyan),
                   {ago_text(activity.last, now)},
                   {doing(activity)}});
  }
  return table.take_text();
}

void append_json(std::string& out, const AgentActivity& activity) {
  JsonWriter json(out);
  json.open('{');
  json.member("agent", std::string_view(activity.agent));
  json.member("events_1m", activity.events_1m);
  json.member("events_5m", activity.events_5m);
  json.member("errors", activity.errors);
  json.member("denied", activity.denied);
  json.member("pending", activity.pending);
  json.member("last", activity.last);
  json.member("last_action", std::string_view(activity.last_action));
  json.member("last_summary", std::string_view(activity.last_summary));
  json.close('}');
}

}  // namespace agentaudit
