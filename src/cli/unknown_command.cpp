#include "cli/unknown_command.h"

#include <string>
#include <vector>

#include "cli/command_table.h"

namespace agentaudit {

ExitStatus refuse_unknown_command(Context& context, std::string_view name) {
  std::vector<std::string> names;
  for (const CommandEntry* const entry : command_table()) names.emplace_back(entry->name);
  const std::string nearest = nearest_word(name, names);
  context.talk.complain(
      "there is no command \"" + std::string(name) + "\"" +
      (nearest.empty() ? "; agentaudit help lists them" : "; did you mean \"" + nearest + "\"?"));
  return ExitStatus::usage;
}

}  // namespace agentaudit
