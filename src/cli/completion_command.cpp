#include <string>

#include "cli/command_table.h"
#include "cli/completion_script.h"

namespace agentaudit {
namespace {

class CompletionCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& shell = line.argument("SHELL", shell_, "bash, zsh or fish");
    shell.required = true;
    shell.choices = {"bash", "zsh", "fish"};
  }

  ExitStatus run(Context& context) override {
    context.out.write(shell_ == "bash"  ? bash_completion()
                      : shell_ == "zsh" ? zsh_completion()
                                        : fish_completion());
    return ExitStatus::ok;
  }

 private:
  std::string shell_;
};

}  // namespace

const CommandEntry completion_command = {
    .name = "completion",
    .summary = "Print the completions for a shell",
    .text = "",
    .examples =
        "# For this shell\n"
        "source <(agentaudit completion bash)\n"
        "# For good\n"
        "agentaudit completion bash >> ~/.bash_completion\n"
        "agentaudit completion zsh > ~/.zfunc/_agentaudit\n"
        "agentaudit completion fish > ~/.config/fish/completions/agentaudit.fish",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<CompletionCommand>(); }};

}  // namespace agentaudit
