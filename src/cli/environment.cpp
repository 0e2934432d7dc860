#include "cli/environment.h"

#include <cstdlib>

namespace agentaudit {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::filesystem::path> config_directory(std::string_view option) {
  std::filesystem::path config = environment("XDG_CONFIG_HOME");
  // The XDG specification says that a relative path is to be ignored.
  if (!config.is_absolute()) {
    const std::string home = environment("HOME");
    if (home.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "neither HOME nor XDG_CONFIG_HOME is set; name it with " + std::string(option));
    }
    config = std::filesystem::path(home) / ".config";
  }
  return config / "agentaudit";
}

}  // namespace agentaudit
