#include <algorithm>
#include <string>
#include <vector>

#include "cli/command_help.h"
#include "cli/command_table.h"
#include "cli/examination.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "render/json_writer.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t text_columns_default = 80;

std::string json_of(const std::vector<Finding>& findings, bool healthy) {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.member("healthy", healthy);
  json.name("findings");
  json.open('[');
  for (const Finding& finding : findings) {
    json.open('{');
    json.member("name", std::string_view(finding.name));
    json.member("value", std::string_view(finding.value));
    json.member("ok", !finding.is_wrong);
    if (!finding.advice.empty()) json.member("advice", std::string_view(finding.advice));
    json.close('}');
  }
  json.close(']');
  json.close('}');
  return out;
}

class DoctorCommand final : public Command {
 public:
  void declare(CommandLine& line) override { print_.declare(line, "Print one JSON object"); }

  ExitStatus run(Context& context) override {
    const StoreOption& store = print_.store();
    if (store.is_remote() && !store.is_postgres()) {
      return report(context, {.code = ErrorCode::unsupported,
                              .message = "doctor looks at a trail in a file or in PostgreSQL; "
                                         "agentaudit trails shows those of a fleet"});
    }
    const auto path = store.is_postgres() ? store.beside() : store.path();
    if (!path) return report(context, path.error());
    Interrupt interrupt;
    const auto findings = store.is_postgres()
                              ? examine_postgres(store.name(), *path, interrupt.token())
                              : examine(*path, interrupt.token());
    if (interrupt.requested()) return ExitStatus::interrupted;
    bool healthy = true;
    for (const Finding& finding : findings) healthy = healthy && !finding.is_wrong;
    if (print_.json()) {
      context.out.write(json_of(findings, healthy) + '\n');
    } else {
      print(context, findings, healthy);
    }
    return healthy ? ExitStatus::ok : ExitStatus::refused;
  }

 private:
  void print(Context& context, const std::vector<Finding>& findings, bool healthy) const {
    const TerminalStyle style = print_.style(context);
    std::size_t columns = 0;
    for (const Finding& finding : findings) columns = std::max(columns, finding.name.size());
    const std::string indent(columns + 9, ' ');
    const std::size_t text_columns = style.columns == 0 ? text_columns_default : style.columns;
    for (const Finding& finding : findings) {
      std::string line;
      append_coloured(line, finding.is_wrong ? "wrong" : "ok   ",
                      finding.is_wrong ? Colour::red : Colour::green, style);
      line += "  " + finding.name + std::string(columns - finding.name.size() + 2, ' ');
      line += wrapped(terminal_text(finding.value), text_columns, indent).substr(indent.size());
      line += wrapped(terminal_text(finding.advice), text_columns, indent);
      context.out.write(line);
    }
    context.out.write(healthy ? "\nThe trail is in order.\n" : "\nSomething is wrong.\n");
  }

  PrintOptions print_;
};

}  // namespace

const CommandEntry doctor_command = {
    .name = "doctor",
    .summary = "Say what is wrong with the trail and what to do",
    .text =
        "Looks at versions, the file and its permissions, the disk, the settings, the spool, "
        "what waits for a daemon, and reads the whole trail to see whether it is sound; of a "
        "trail in PostgreSQL the server, the role and the tables. The exit "
        "status is 0 when everything is in order, else 1.",
    .examples =
        "agentaudit doctor\n"
        "agentaudit doctor --json | jq .healthy",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<DoctorCommand>(); }};

}  // namespace agentaudit
