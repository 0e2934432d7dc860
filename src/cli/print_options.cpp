#include "cli/print_options.h"

#include "agentaudit/render/answer_json.h"
#include "cli/terminal.h"
#include "cli/time_expression.h"
#include "core/trail_of.h"

namespace agentaudit {

void PrintOptions::declare(CommandLine& line, std::string json_help) {
  store_.declare(line);
  line.flag({"--json"}, json_, std::move(json_help));
  line.option(
          {"--color"}, "WHEN", colour_,
          "Colours: auto, always or never (default auto: on a terminal, unless NO_COLOR is set)")
      .choices = {"auto", "always", "never"};
}

void PrintOptions::declare_timeout(CommandLine& line) {
  line.option({"--timeout"}, "SPAN", timeout_,
              "Give up after SPAN: 30s, 5m; 0: never (default 10s)");
}

Result<std::chrono::milliseconds> PrintOptions::query_timeout() const {
  if (timeout_ == "0") return no_time_limit;
  if (timeout_.empty()) return SqliteStoreOptions().query_timeout;
  const auto span = parse_duration(timeout_);
  if (!span) return fail(span.error().code, "--timeout: " + span.error().message);
  return std::chrono::duration_cast<std::chrono::milliseconds>(*span);
}

Result<std::shared_ptr<Store>> PrintOptions::open_to_read() const {
  const auto timeout = query_timeout();
  if (!timeout) return fail(timeout.error());
  return store_.open_to_read(*timeout);
}

TerminalStyle PrintOptions::style(const Context& context) const {
  return terminal_style(context.out.descriptor(), colour_);
}

void write_json_lines(Output& out, const std::vector<Event>& events,
                      const std::vector<std::string>& trails) {
  std::string line;
  for (std::size_t i = 0; i < events.size(); ++i) {
    line.clear();
    append_json(line, events[i], trail_of(trails, i));
    line += '\n';
    out.write(line);
  }
}

}  // namespace agentaudit
