// Asking before something is done for good.
#pragma once

#include <string>

#include "cli/command.h"

namespace agentaudit {

// Asks `QUESTION [y/N] ` on a terminal. ok: yes. refused: no. usage: there is no terminal to
// ask on, and it says that `would` takes --yes. `interrupt` is a descriptor that ends it.
[[nodiscard]] ExitStatus confirm(Context& context, const std::string& question,
                                 const std::string& would, int interrupt);

// Who asks for it: USER, else `uid N`.
[[nodiscard]] std::string user_name();

}  // namespace agentaudit
