// The open requests of a connection, found by sender and id, oldest first.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "agentaudit/ingest/mcp.h"
#include "ingest/mcp_request.h"

namespace agentaudit {

// Not thread-safe.
class McpRequests {
 public:
  // The id's JSON value makes the key, see mcp_id_key.
  [[nodiscard]] static std::string key_of(McpSender sender, const JsonValue& id);

  // Adds one; gives back the one that had the key.
  [[nodiscard]] std::optional<McpRequest> add(std::string key, McpRequest request);
  [[nodiscard]] std::optional<McpRequest> take(const std::string& key);
  // nullptr: there is none.
  [[nodiscard]] const McpRequest* find(const std::string& key) const;
  // It must not be empty.
  [[nodiscard]] McpRequest take_oldest();
  // The only tool call that is open; nullptr: none is, or several are.
  [[nodiscard]] const McpRequest* only_call() const;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Entry {
    std::string key;
    McpRequest request;
  };
  using Entries = std::map<std::uint64_t, Entry>;

  McpRequest remove(Entries::iterator entry);

  Entries entries_;  // by age
  std::unordered_map<std::string, std::uint64_t> ages_;
  std::set<std::uint64_t> calls_;
  std::uint64_t next_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace agentaudit
