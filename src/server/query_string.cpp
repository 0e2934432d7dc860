#include "server/query_string.h"

#include <algorithm>

#include "agentaudit/core/filter_list.h"
#include "core/percent.h"

namespace agentaudit {
namespace {

Error wrong(std::string message) {
  return {.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

}  // namespace

Result<QueryString> QueryString::parse(std::string_view query) {
  QueryString parsed;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (parsed.parameters_.size() == parameters_max) {
      return fail(wrong("more than " + std::to_string(parameters_max) + " parameters"));
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decoded(pair.substr(0, equals), true);
    if (!name) return fail(name.error());
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!value) return fail(wrong(*name + ": " + value.error().message));
    parsed.parameters_.push_back({.name = std::move(*name), .value = std::move(*value)});
  }
  return parsed;
}

std::vector<std::string> QueryString::take_list(std::string_view name) {
  std::vector<std::string> all;
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    parameter.taken = true;
    for (std::string& value : parse_filter_list(parameter.value)) {
      if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(std::move(value));
    }
  }
  return all;
}

Result<std::optional<std::string>> QueryString::take(std::string_view name) {
  const std::string* found = nullptr;
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    parameter.taken = true;
    if (found != nullptr) return fail(wrong(std::string(name) + " is given more than once"));
    found = &parameter.value;
  }
  if (found == nullptr || found->empty()) return std::optional<std::string>();
  return std::optional<std::string>(*found);
}

Result<void> QueryString::all_taken() const {
  for (const Parameter& parameter : parameters_) {
    if (!parameter.taken) {
      return fail(wrong("\"" + parameter.name +
                        "\" is no parameter of this route; GET /openapi.json lists them"));
    }
  }
  return {};
}

}  // namespace agentaudit
