// McpServer: answers an MCP client's messages with what is in a trail. It has no I/O but its
// reader's: lines come in, lines go out.
//
//   while (next_line(line)) {
//     if (auto answer = server.answer(line, stop)) write(*answer + '\n');
//   }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "agentaudit/core/event_reader.h"
#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"
#include "core/json_value.h"

namespace agentaudit {

struct McpServerOptions {
  // The trail, asked for at each question: it may come into being later. Its own limit of time
  // is that of a question.
  std::function<Result<std::shared_ptr<EventReader>>()> open;
  std::function<Timestamp()> now = [] { return Timestamp::now(); };
  std::string version;  // of agentaudit
};

// Speaks the versions that begin with `initialize` (2024-11-05 to 2025-11-25) and the one
// without it (2026-07-28), whose requests each name it. Not thread-safe.
class McpServer {
 public:
  explicit McpServer(McpServerOptions options) : options_(std::move(options)) {}

  // The answer to one message, a line without its end. Nothing: it wants none. Whatever the line
  // is, it is an answer that can be sent. A stop request ends a question.
  [[nodiscard]] std::optional<std::string> answer(std::string_view line,
                                                  const std::stop_token& stop) const;

  // The answer to a message that was not read, for it was too long.
  [[nodiscard]] static std::string refuse_long_line();

 private:
  struct Request;

  [[nodiscard]] std::string answer_request(const Request& request,
                                           const std::stop_token& stop) const;
  [[nodiscard]] std::string initialize(const Request& request) const;
  [[nodiscard]] std::string discover(const Request& request) const;
  [[nodiscard]] std::string call(const Request& request, const std::stop_token& stop) const;
  [[nodiscard]] std::string identity() const;
  // A result with these members, and those that the protocol's version wants.
  [[nodiscard]] std::string result(const Request& request, std::string members) const;

  McpServerOptions options_;
};

}  // namespace agentaudit
