// What is said of a command that does not exist.
#pragma once

#include <string_view>

#include "cli/command.h"

namespace agentaudit {

// Names the nearest command there is.
[[nodiscard]] ExitStatus refuse_unknown_command(Context& context, std::string_view name);

}  // namespace agentaudit
