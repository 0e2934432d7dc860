// What agentaudit doctor looks at.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace agentaudit {

struct Finding {
  std::string name;
  std::string value;
  bool is_wrong = false;
  std::string advice;  // what to do, or worth knowing; may be empty
};

// Reads the trail at `path`, without changing anything.
[[nodiscard]] std::vector<Finding> examine(const std::filesystem::path& path,
                                           const std::stop_token& stop);

}  // namespace agentaudit
