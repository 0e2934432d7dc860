#include <string>

#include "cli/command_table.h"
#include "cli/version.h"

namespace agentaudit {
namespace {

class VersionCommand final : public Command {
 public:
  void declare(CommandLine& /*line*/) override {}

  ExitStatus run(Context& context) override {
    context.out.write("agentaudit " + std::string(version_text) + '\n');
    return ExitStatus::ok;
  }
};

}  // namespace

const CommandEntry version_command = {
    .name = "version",
    .summary = "Print the version",
    .text = "",
    .examples = "",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<VersionCommand>(); }};

}  // namespace agentaudit
