#include "cli/token_option.h"

#include "cli/environment.h"

namespace agentaudit {

void TokenOption::declare(CommandLine& line) {
  line.option({"--tokens"}, "FILE", path_,
              "The tokens; else tokens.json in your configuration directory")
      .value = OptionSpec::Value::file;
}

Result<std::filesystem::path> TokenOption::path() const {
  if (!path_.empty()) return path_;
  const auto config = config_directory("name the file with --tokens FILE");
  if (!config) return fail(config.error());
  return *config / "tokens.json";
}

}  // namespace agentaudit
