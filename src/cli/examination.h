// What agentaudit doctor looks at.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/findings.h"

namespace agentaudit {

// Reads the trail at `path`, without changing anything.
[[nodiscard]] std::vector<Finding> examine(const std::filesystem::path& path,
                                           const std::stop_token& stop);

// The same of one in PostgreSQL. `beside`: the name that files which go with it begin with.
[[nodiscard]] std::vector<Finding> examine_postgres(const std::string& url,
                                                    const std::filesystem::path& beside,
                                                    const std::stop_token& stop);

}  // namespace agentaudit
