#include "cli/print_options.h"

#include "agentaudit/core/event_json.h"
#include "cli/terminal.h"

namespace agentaudit {

void PrintOptions::declare(CommandLine& line, std::string json_help) {
  store_.declare(line);
  line.flag({"--json"}, json_, std::move(json_help));
  line.option(
          {"--color"}, "WHEN", colour_,
          "Colours: auto, always or never (default auto: on a terminal, unless NO_COLOR is set)")
      .choices = {"auto", "always", "never"};
}

TerminalStyle PrintOptions::style(const Context& context) const {
  return terminal_style(context.out.descriptor(), colour_);
}

void write_json_lines(Output& out, const std::vector<Event>& events) {
  std::string line;
  for (const Event& event : events) {
    line.clear();
    append_json(line, event);
    line += '\n';
    out.write(line);
  }
}

}  // namespace agentaudit
