#include "ingest/mcp_requests.h"

#include <utility>

namespace agentaudit {

std::string McpRequests::key_of(McpSender sender, const JsonValue& id) {
  return (sender == McpSender::client ? 'c' : 's') + mcp_id_key(id);
}

std::optional<McpRequest> McpRequests::add(std::string key, McpRequest request) {
  std::optional<McpRequest> older = take(key);
  const std::uint64_t age = next_++;
  bytes_ += request.bytes() + key.size();
  if (request.is(McpMeaning::call)) calls_.insert(age);
  ages_.emplace(key, age);
  entries_.emplace(age, Entry{.key = std::move(key), .request = std::move(request)});
  return older;
}

std::optional<McpRequest> McpRequests::take(const std::string& key) {
  const auto age = ages_.find(key);
  if (age == ages_.end()) return std::nullopt;
  return remove(entries_.find(age->second));
}

const McpRequest* McpRequests::find(const std::string& key) const {
  const auto age = ages_.find(key);
  return age != ages_.end() ? &entries_.find(age->second)->second.request : nullptr;
}

McpRequest McpRequests::take_oldest() { return remove(entries_.begin()); }

const McpRequest* McpRequests::only_call() const {
  return calls_.size() == 1 ? &entries_.find(*calls_.begin())->second.request : nullptr;
}

McpRequest McpRequests::remove(Entries::iterator entry) {
  McpRequest request = std::move(entry->second.request);
  bytes_ -= request.bytes() + entry->second.key.size();
  calls_.erase(entry->first);
  ages_.erase(entry->second.key);
  entries_.erase(entry);
  return request;
}

}  // namespace agentaudit
