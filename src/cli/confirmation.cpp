#include "cli/confirmation.h"

#include <unistd.h>

#include <string_view>

#include "cli/environment.h"
#include "cli/input.h"
#include "cli/terminal.h"

namespace agentaudit {

ExitStatus confirm(Context& context, const std::string& question, const std::string& would,
                   int interrupt) {
  if (!is_terminal(STDIN_FILENO) || !is_terminal(context.talk.descriptor())) {
    context.talk.complain("this would " + would + "; say --yes to do it");
    return ExitStatus::usage;
  }
  context.talk.show(question + " [y/N] ");
  // A terminal gives a line at a time.
  DescriptorInput input(STDIN_FILENO, interrupt);
  const auto line = input.read();
  const std::string_view typed = line ? line->bytes : std::string_view();
  const std::string_view answer = typed.substr(0, typed.find('\n'));
  if (answer == "y" || answer == "Y" || answer == "yes") return ExitStatus::ok;
  return ExitStatus::refused;
}

std::string user_name() {
  const std::string user = environment("USER");
  return user.empty() ? "uid " + std::to_string(::getuid()) : user;
}

}  // namespace agentaudit
