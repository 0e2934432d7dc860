#include "cli/command_help.h"
#include "cli/unknown_command.h"

namespace agentaudit {
namespace {

class HelpCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.argument("COMMAND", name_, "The command to explain");
  }

  ExitStatus run(Context& context) override {
    if (name_.empty()) {
      context.out.write(help_of_all());
      return ExitStatus::ok;
    }
    const CommandEntry* const entry = find_command(name_);
    if (entry == nullptr) return refuse_unknown_command(context, name_);
    context.out.write(help_of(*entry));
    return ExitStatus::ok;
  }

 private:
  std::string name_;
};

}  // namespace

const CommandEntry help_command = {
    .name = "help",
    .summary = "Explain a command",
    .text = "",
    .examples = "agentaudit help list",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<HelpCommand>(); }};

}  // namespace agentaudit
