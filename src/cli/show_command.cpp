#include <string>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "cli/command_table.h"
#include "cli/event_id.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "render/event_view.h"

namespace agentaudit {
namespace {

class ShowCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.argument("ID", ids_, "The ids of the events").required = true;
    print_.declare(line, "Print each event as JSON on a line of its own");
  }

  ExitStatus run(Context& context) override {
    auto store = print_.store().open_to_read();
    if (!store) return report(context, store.error());
    ExitStatus status = ExitStatus::ok;
    for (const std::string& text : ids_) {
      const auto id = parse_event_id(text);
      if (!id) return report(context, id.error());
      const auto event = (*store)->get(*id);
      if (!event && event.error().code == ErrorCode::not_found) {
        (void)report(context, event.error());
        status = ExitStatus::refused;
        continue;
      }
      if (!event) return report(context, event.error());
      print(context, *event, text == ids_.front());
    }
    return status;
  }

 private:
  void print(Context& context, const Event& event, bool first) const {
    if (print_.json()) {
      context.out.write(to_json(event) + '\n');
      return;
    }
    if (!first) context.out.write("\n");
    context.out.write(event_view(event, print_.style(context)));
  }

  PrintOptions print_;
  std::vector<std::string> ids_;
};

}  // namespace

const CommandEntry show_command = {
    .name = "show",
    .summary = "Show events in full",
    .text = "",
    .examples =
        "agentaudit show 17\n"
        "# The arguments of a tool call\n"
        "agentaudit show 17 --json | jq -r .detail | jq .tool_input",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ShowCommand>(); }};

}  // namespace agentaudit
