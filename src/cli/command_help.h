// The --help of a command, and the help of the whole.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace agentaudit {

// One screen: every command with its line.
[[nodiscard]] std::string help_of_all();

// Usage, text, options and examples of one command.
[[nodiscard]] std::string help_of(const CommandEntry& entry);

// `agentaudit list [OPTIONS]`, `agentaudit show [OPTIONS] ID…`.
[[nodiscard]] std::string usage_of(const CommandEntry& entry, const CommandLine& line);

// Breaks text at spaces into lines of at most `columns`, each after `indent`; blank
// lines between paragraphs stay.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns,
                                  std::string_view indent);

}  // namespace agentaudit
