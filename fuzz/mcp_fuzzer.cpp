// Whatever both sides send, a session promises the same. Each line of the input goes to the
// server if it starts with `>`, and else comes from it.
#include <map>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "agentaudit/ingest/mcp.h"
#include "core/json_value.h"
#include "fuzz_check.h"

namespace agentaudit {
namespace {

constexpr std::size_t lines_max = 200;

void check_event(const Event& event) {
  bool known_status = false;
  for (const std::string_view status : status::all) known_status |= event.status == status;
  check(known_status, "the status is one of the four");
  check(!event.category.empty() && !event.action.empty(), "category and action are set");
  check(!event.agent.empty() && event.source == "mcp", "agent and source are set");
  check(event.summary.size() <= 200, "a summary is short");
  check(event.action.size() <= 1'024 && event.target.size() <= 1'024, "names are short");
  check(event.duration.count() >= 0, "no duration is negative");
  check(event.trace_id.size() == 32, "a trace id has 32 digits");
  check(event.span_id.empty() || event.span_id.size() == 16, "a span id has 16 digits");
  check(event.span_id.empty() || event.span_id != event.parent_span_id, "no span is its parent");
  const auto detail = JsonDocument::parse(event.detail);
  check(detail.has_value() || detail.error().code == ErrorCode::too_large, "the detail is JSON");
  const auto again = event_from_json(to_json(event));
  check(again.has_value() && *again == event, "what was written is what is read");
}

std::vector<Event> converse(std::string_view input) {
  McpSession session({.connection = "c0",
                      .server_default = "server",
                      .requests_max = 4,
                      .bytes_max = 8'192,
                      .waiting_max = 3});
  std::vector<Event> events;
  std::int64_t ms = 1;
  const auto next = [&] {
    ++ms;
    return McpMoment{
        .time = Timestamp::from_ns(ms * 1'000'000),
        .steady = std::chrono::steady_clock::time_point(std::chrono::milliseconds(ms))};
  };
  const auto add = [&](std::vector<Event> more) {
    for (Event& event : more) events.push_back(std::move(event));
  };
  for (std::size_t i = 0; i < lines_max && !input.empty(); ++i) {
    std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const bool from_client = line.starts_with('>');
    if (from_client) line.remove_prefix(1);
    add(session.take(from_client ? McpSender::client : McpSender::server, line, next()));
  }
  add(session.end({.exit_status = 0}, next()));
  return events;
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const std::string_view input = text_of(data, size);
  const auto events = converse(input);
  check(converse(input) == events, "the same lines give the same events");
  // By span: pending ones that nothing has ended.
  std::map<std::string, int> open;
  for (const Event& event : events) {
    check_event(event);
    if (event.span_id.empty()) continue;
    if (event.status == status::pending) {
      ++open[event.span_id];
    } else {
      open.erase(event.span_id);
    }
  }
  check(open.empty(), "nothing stays pending after the end");
  check(!events.empty() && events.back().action == "exit", "the end comes last");
  return 0;
}
