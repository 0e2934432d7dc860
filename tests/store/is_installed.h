// Whether a program that a test wants is there.
#pragma once

#include <cstdlib>
#include <string>

namespace agentaudit {

inline bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace agentaudit
