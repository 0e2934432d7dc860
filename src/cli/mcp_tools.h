// The tools of the MCP server: questions about a trail, as a model may ask them. None changes
// anything.
#pragma once

#include <span>
#include <stop_token>
#include <string_view>

#include "agentaudit/core/event_reader.h"
#include "cli/mcp_answer.h"
#include "cli/mcp_arguments.h"

namespace agentaudit {

struct McpTool {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::span<const McpArgument> arguments;
  std::string_view output_schema;  // JSON Schema of McpAnswer::structured
  // Errors: invalid_argument, naming the argument; those of the reader.
  Result<McpAnswer> (*call)(EventReader& reader, const McpArguments& arguments, Timestamp now,
                            const std::stop_token& stop);
};

[[nodiscard]] std::span<const McpTool> mcp_tools() noexcept;
// nullptr: there is none of that name.
[[nodiscard]] const McpTool* find_mcp_tool(std::string_view name) noexcept;

}  // namespace agentaudit
