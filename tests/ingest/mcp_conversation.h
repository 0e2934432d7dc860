// What a client and a server of MCP say to each other, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentaudit/ingest/mcp.h"

namespace agentaudit {

// A conversation: each line comes 10 ms after the one before.
class Conversation {
 public:
  explicit Conversation(McpSessionOptions options = {.connection = "c0",
                                                     .server_default = "server"})
      : session_(std::move(options)) {}

  Conversation& client(std::string_view line) { return take(McpSender::client, line); }
  Conversation& server(std::string_view line) { return take(McpSender::server, line); }
  Conversation& end(const McpEnd& how = {.exit_status = 0}) {
    add(session_.end(how, next()));
    return *this;
  }

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] const McpCounters& counters() const { return session_.counters(); }
  // The only event; an empty one where there is none, or more.
  [[nodiscard]] Event only() const {
    EXPECT_EQ(events_.size(), 1U);
    return events_.size() == 1 ? events_.front() : Event();
  }

 private:
  Conversation& take(McpSender sender, std::string_view line) {
    add(session_.take(sender, line, next()));
    return *this;
  }
  void add(std::vector<Event> more) {
    std::move(more.begin(), more.end(), std::back_inserter(events_));
  }
  McpMoment next() {
    ms_ += 10;
    return {.time = Timestamp::from_ns(ms_ * 1'000'000),
            .steady = std::chrono::steady_clock::time_point(std::chrono::milliseconds(ms_))};
  }

  McpSession session_;
  std::vector<Event> events_;
  std::int64_t ms_ = 0;
};

inline std::vector<std::string> told(const Conversation& conversation) {
  std::vector<std::string> out;
  for (const Event& event : conversation.events()) {
    out.push_back(event.category + "/" + event.action + " " + event.status + " " + event.target);
  }
  return out;
}
using Told = std::vector<std::string>;

inline constexpr std::string_view echo =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
    R"("params":{"name":"echo","arguments":{"message":"hi"}}})";

}  // namespace agentaudit
