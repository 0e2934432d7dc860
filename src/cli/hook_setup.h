// HookSetup: `agentaudit hook install|uninstall AGENT`.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/hook_agents.h"
#include "cli/settings_file.h"
#include "cli/store_option.h"

namespace agentaudit {

// The command that an agent is to run: this program by its absolute path. It names the trail
// only where --store did. Errors: io.
[[nodiscard]] Result<std::string> hook_shell_command(const StoreOption& store);

// What a settings file of that agent holds that has nothing else.
[[nodiscard]] std::string hook_settings_text(const HookAgent& agent, const std::string& command);

class HookSetup {
 public:
  // Whether the arguments of `hook` are a person's, who sets up, not an agent's.
  [[nodiscard]] static bool is_meant(std::span<const char* const> arguments);

  void declare(CommandLine& line);
  // `words` is `install` or `uninstall` and the agent's name.
  [[nodiscard]] ExitStatus run(Context& context, std::span<const std::string> words,
                               const StoreOption& store) const;

 private:
  [[nodiscard]] Result<std::filesystem::path> settings_path(const HookAgent& agent) const;
  // The settings have another form than they should: says what to do by hand.
  [[nodiscard]] ExitStatus refuse(Context& context, const HookAgent& agent,
                                  const SettingsFile& file, const Error& why,
                                  const std::string& command) const;
  [[nodiscard]] ExitStatus change(Context& context, const HookAgent& agent,
                                  const SettingsFile& file, const std::string& text,
                                  const std::string& command) const;
  void print_json(Context& context, const HookAgent& agent, const SettingsFile& file,
                  const std::string& command, const std::filesystem::path& backup,
                  const std::string& diff, bool changed) const;

  bool project_ = false;
  bool dry_run_ = false;
  bool yes_ = false;
  bool json_ = false;
};

}  // namespace agentaudit
