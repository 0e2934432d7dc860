#include "cli/environment.h"

#include <cstdlib>

namespace agentaudit {
namespace {

Result<std::filesystem::path> user_directory(const char* variable, const char* below_home,
                                             std::string_view way_out) {
  std::filesystem::path directory = environment(variable);
  // The XDG specification says that a relative path is to be ignored.
  if (!directory.is_absolute()) {
    const std::string home = environment("HOME");
    if (home.empty()) {
      return fail(ErrorCode::invalid_argument,
                  std::string("neither HOME nor ") + variable + " is set; " + std::string(way_out));
    }
    directory = std::filesystem::path(home) / below_home;
  }
  return directory / "agentaudit";
}

}  // namespace

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::filesystem::path> config_directory(std::string_view way_out) {
  return user_directory("XDG_CONFIG_HOME", ".config", way_out);
}

Result<std::filesystem::path> data_directory(std::string_view way_out) {
  return user_directory("XDG_DATA_HOME", ".local/share", way_out);
}

}  // namespace agentaudit
