#include "cli/command_table.h"
#include "cli/man_page.h"

namespace agentaudit {
namespace {

class ManCommand final : public Command {
 public:
  void declare(CommandLine& /*line*/) override {}

  ExitStatus run(Context& context) override {
    context.out.write(man_page());
    return ExitStatus::ok;
  }
};

}  // namespace

const CommandEntry man_command = {
    .name = "man",
    .summary = "Print the man page",
    .text = "",
    .examples = "agentaudit man | man -l -",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ManCommand>(); }};

}  // namespace agentaudit
