// A request that waits for its answer, and the event that both become.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/ingest/mcp.h"
#include "ingest/mcp_message.h"
#include "ingest/mcp_methods.h"

namespace agentaudit {

struct McpRequest {
  const McpMethod* row = nullptr;
  std::string method;
  std::string task;   // that it asks about
  std::string asked;  // members of the detail
  std::string words;  // of the summary
  Event event;        // as far as it is known
  std::chrono::steady_clock::time_point started;

  [[nodiscard]] bool is(McpMeaning meaning) const noexcept { return row->meaning == meaning; }
  [[nodiscard]] std::size_t bytes() const noexcept;
};

// What is known beside the request itself.
struct McpSurroundings {
  std::string_view connection{};
  std::string_view agent{};
  std::uint64_t number = 0;            // of the request within the connection
  const McpRequest* within = nullptr;  // the call that it belongs to
  McpMoment at{};
};
// `params` may be nullptr. `request_id`: as JSON, empty if it has none.
[[nodiscard]] McpRequest open_mcp_request(std::string_view method, std::string_view request_id,
                                          const JsonValue* params,
                                          const McpSurroundings& surroundings);

// How a request ended.
struct McpOutcome {
  std::string_view status{};
  std::string_view action{};  // in place of the request's own; empty: that
  std::string_view reason{};  // what the messages do not say
  const JsonValue* result = nullptr;
  const JsonValue* error = nullptr;
};
// As its result or error says; each may be nullptr.
[[nodiscard]] McpOutcome mcp_outcome(const McpRequest& request, const JsonValue* result,
                                     const JsonValue* error);

// The event of a request that is still open.
[[nodiscard]] Event pending_mcp_event(const McpRequest& request, std::string_view server);
[[nodiscard]] Event finished_mcp_event(McpRequest request, const McpOutcome& outcome,
                                       std::string_view server, McpMoment at);

}  // namespace agentaudit
