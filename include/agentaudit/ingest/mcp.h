// MCP over stdio: what a client and a server say to each other, as events. docs/mcp.md
// says which message becomes what.
//
//   agentaudit::McpSession session({.connection = "3f9a…", .server_default = "files"});
//   for (auto& event : session.take(agentaudit::McpSender::client, line, moment)) emit(event);
//   …
//   for (auto& event : session.end({.exit_status = 0}, moment)) emit(event);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// Whose line it is: the client's go to the server, the server's to the client.
enum class McpSender : std::uint8_t { client, server };

// A moment by both clocks: when it happened, and what durations are made of.
struct McpMoment {
  Timestamp time{};
  std::chrono::steady_clock::time_point steady{};
};

struct McpSessionOptions {
  // Unique to this connection: its spans are derived from it, and it is the conversation
  // of messages that name none.
  std::string connection{};
  // The server's name. Empty: what the server says, else `server_default`.
  std::string server{};
  std::string server_default{};
  // Requests that wait for an answer; over these the oldest is recorded as unanswered.
  std::size_t requests_max = 10'000;
  // Of what those requests asked, in all; likewise.
  std::size_t bytes_max = 64U << 20U;
  // Tasks, and calls that wait for input; likewise, of each.
  std::size_t waiting_max = 1'000;
};

// Lines that could not be read.
struct McpGap {
  std::int64_t lines = 1;
  std::uint64_t bytes = 0;  // of them, as far as is known
  std::string_view reason{};
  Timestamp first{};
  Timestamp last{};
};

// How the server ended.
struct McpEnd {
  std::optional<int> exit_status{};
  std::string signal{};           // SIGKILL …; empty: none
  bool signal_passed_on = false;  // it ended by a signal that its client sent
  std::string error{};            // it could not be run
};

struct McpCounters {
  std::int64_t client_lines = 0;
  std::int64_t server_lines = 0;
  std::int64_t passed_over = 0;  // no JSON, or no message
  std::int64_t unread = 0;       // too large, or told of by gap()
  std::int64_t unmatched = 0;    // responses to no open request
};

// Not thread-safe. Needs no clock: moments are the caller's. Events may be over
// limits::event_bytes_max (see cut_to_limit).
class McpSession {
 public:
  explicit McpSession(McpSessionOptions options = {});
  ~McpSession();
  McpSession(const McpSession&) = delete;
  McpSession& operator=(const McpSession&) = delete;
  McpSession(McpSession&&) noexcept;
  McpSession& operator=(McpSession&&) noexcept;

  // Takes one whole line without its line end, whatever it holds, and gives the events
  // that it completes, in their order.
  [[nodiscard]] std::vector<Event> take(McpSender sender, std::string_view line, McpMoment at);
  // Lines that went by unread: an `audit`/`gap` event.
  [[nodiscard]] Event gap(const McpGap& gap);
  // The end: every open request as unanswered, then how the server ended.
  [[nodiscard]] std::vector<Event> end(const McpEnd& how, McpMoment at);

  [[nodiscard]] const McpCounters& counters() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace agentaudit
