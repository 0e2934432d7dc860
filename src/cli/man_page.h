// The man page agentaudit(1), made from the command table.
#pragma once

#include <string>

namespace agentaudit {

[[nodiscard]] std::string man_page();

}  // namespace agentaudit
