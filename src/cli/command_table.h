// All commands, in the order in which the help shows them.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.h"
#include "cli/command_line.h"

namespace agentaudit {

extern const CommandEntry record_command;
extern const CommandEntry hook_command;
extern const CommandEntry mcp_command;
extern const CommandEntry mcp_server_command;
extern const CommandEntry serve_command;
extern const CommandEntry token_command;
extern const CommandEntry connect_command;
extern const CommandEntry list_command;
extern const CommandEntry search_command;
extern const CommandEntry show_command;
extern const CommandEntry tail_command;
extern const CommandEntry top_command;
extern const CommandEntry stats_command;
extern const CommandEntry histogram_command;
extern const CommandEntry conversations_command;
extern const CommandEntry trace_command;
extern const CommandEntry pending_command;
extern const CommandEntry prune_command;
extern const CommandEntry retention_command;
extern const CommandEntry hold_command;
extern const CommandEntry verify_command;
extern const CommandEntry prove_command;
extern const CommandEntry bundle_command;
extern const CommandEntry key_command;
extern const CommandEntry checkpoint_command;
extern const CommandEntry anchor_command;
extern const CommandEntry tiles_command;
extern const CommandEntry export_command;
extern const CommandEntry import_command;
extern const CommandEntry redact_command;
extern const CommandEntry doctor_command;
extern const CommandEntry seal_command;
extern const CommandEntry migrate_command;
extern const CommandEntry repair_command;
extern const CommandEntry bench_command;
extern const CommandEntry completion_command;
extern const CommandEntry schema_command;
extern const CommandEntry ship_command;
extern const CommandEntry trails_command;
extern const CommandEntry man_command;
extern const CommandEntry help_command;
extern const CommandEntry version_command;

[[nodiscard]] std::span<const CommandEntry* const> command_table() noexcept;

// nullptr: there is none of that name.
[[nodiscard]] const CommandEntry* find_command(std::string_view name) noexcept;

// The options of a command, bound to a command object of its own that lives as long.
struct DeclaredCommand {
  explicit DeclaredCommand(const CommandEntry& entry) : command(entry.create()) {
    command->declare(line);
  }
  std::unique_ptr<Command> command;
  CommandLine line;
};

}  // namespace agentaudit
