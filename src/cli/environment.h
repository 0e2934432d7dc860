// The process's environment. Only src/cli reads it.
#pragma once

#include <string>

namespace agentaudit {

// The variable's value; empty when it is not set.
[[nodiscard]] std::string environment(const char* name);

}  // namespace agentaudit
