// ConfigFile: values of options from a file of TOML, for those that the command line does
// not give. docs/cli.md says what stands in it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "cli/command_line.h"

namespace agentaudit {

class ConfigFile {
 public:
  // Empty.
  ConfigFile() = default;

  // $AGENTAUDIT_CONFIG, else config.toml in the configuration directory; empty where that does
  // not exist. Errors: as read; io (AGENTAUDIT_CONFIG names no file).
  [[nodiscard]] static Result<ConfigFile> find();
  // Errors: io; permission (others may write it); parse, naming the line.
  [[nodiscard]] static Result<ConfigFile> read(const std::filesystem::path& path);

  // Of the table of that command.
  [[nodiscard]] OptionDefaults of_command(std::string_view command) const;
  // For a command that has all of those options: those of its table, then those that stand
  // before all tables.
  [[nodiscard]] OptionDefaults defaults_of(std::string_view command) const;

  // Looks at all of it, whatever command it is for. Errors: invalid_argument, naming the first
  // table that is no command or key that is no option.
  [[nodiscard]] Result<void> check() const;

  // Whether it has a table [redaction], which is no command's; RedactionOption reads it.
  [[nodiscard]] bool has_redaction() const noexcept { return has_redaction_; }
  // Empty: there is none.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  bool has_redaction_ = false;
  OptionDefaults of_all_;
  std::map<std::string, OptionDefaults, std::less<>> commands_;
};

}  // namespace agentaudit
