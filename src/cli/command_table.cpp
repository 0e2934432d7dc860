#include "cli/command_table.h"

#include <array>

namespace agentaudit {

std::span<const CommandEntry* const> command_table() noexcept {
  static constexpr std::array table = {
      &record_command,    &hook_command,      &mcp_command,           &mcp_server_command,
      &serve_command,     &token_command,     &connect_command,       &list_command,
      &search_command,    &show_command,      &tail_command,          &top_command,
      &stats_command,     &histogram_command, &conversations_command, &trace_command,
      &pending_command,   &trails_command,    &verify_command,        &prove_command,
      &bundle_command,    &key_command,       &checkpoint_command,    &anchor_command,
      &tiles_command,     &export_command,    &import_command,        &prune_command,
      &retention_command, &hold_command,      &redact_command,        &doctor_command,
      &seal_command,      &migrate_command,   &repair_command,        &ship_command,
      &schema_command,    &bench_command,     &completion_command,    &man_command,
      &help_command,      &version_command};
  return table;
}

const CommandEntry* find_command(std::string_view name) noexcept {
  for (const CommandEntry* const entry : command_table()) {
    if (entry->name == name) return entry;
  }
  return nullptr;
}

}  // namespace agentaudit
