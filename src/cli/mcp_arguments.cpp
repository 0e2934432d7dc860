#include "cli/mcp_arguments.h"

#include <algorithm>

#include "agentaudit/core/filter_list.h"
#include "cli/time_expression.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

Result<void> check(const McpArgument& argument, const JsonValue& value) {
  const std::string name(argument.name);
  if (argument.kind != McpArgument::Kind::limit) {
    if (value.kind == JsonValue::Kind::string) return {};
    return fail(ErrorCode::invalid_argument, name + ": it has to be a string");
  }
  const auto number = value.to_int64();
  const bool whole = value.raw.find_first_of(".eE") == std::string_view::npos;
  if (number && whole && *number >= 1 && *number <= McpArgument::events_max) return {};
  return fail(ErrorCode::invalid_argument, name + ": it has to be a whole number from 1 to " +
                                               std::to_string(McpArgument::events_max));
}

}  // namespace

std::string json_schema_of(std::span<const McpArgument> arguments) {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.member("type", "object");
  json.name("properties");
  json.open('{');
  for (const McpArgument& argument : arguments) {
    json.name(argument.name);
    json.open('{');
    if (argument.kind == McpArgument::Kind::limit) {
      json.member("type", "integer");
      json.member("minimum", std::int64_t{1});
      json.member("maximum", McpArgument::events_max);
      json.member("default", McpArgument::events_default);
    } else {
      json.member("type", "string");
    }
    json.member("description", argument.help);
    json.close('}');
  }
  json.close('}');
  json.member("additionalProperties", false);
  json.close('}');
  return out;
}

Result<McpArguments> McpArguments::read(const JsonValue* given,
                                        std::span<const McpArgument> allowed) {
  if (given == nullptr) return McpArguments(nullptr);
  for (const JsonMember& member : given->members) {
    const auto found =
        std::find_if(allowed.begin(), allowed.end(),
                     [&](const McpArgument& argument) { return argument.name == member.name; });
    if (found == allowed.end()) {
      std::string names;
      for (const McpArgument& argument : allowed) {
        names += (names.empty() ? "" : ", ") + std::string(argument.name);
      }
      return fail(ErrorCode::invalid_argument,
                  "\"" + member.name + "\" is no argument of this tool; it takes " + names);
    }
    if (auto checked = check(*found, member.value); !checked) return fail(checked.error());
  }
  return McpArguments(given);
}

const JsonValue* McpArguments::find(std::string_view name) const {
  return given_ == nullptr ? nullptr : given_->find(name);
}

std::string McpArguments::text(std::string_view name) const {
  const JsonValue* const value = find(name);
  return value == nullptr ? std::string() : value->string;
}

std::vector<std::string> McpArguments::names(std::string_view name) const {
  return parse_filter_list(text(name));
}

std::int64_t McpArguments::limit() const {
  const JsonValue* const value = find("limit");
  return value == nullptr ? McpArgument::events_default
                          : value->to_int64().value_or(McpArgument::events_default);
}

Result<void> McpArguments::read_times(Timestamp now, std::optional<Timestamp>& since,
                                      std::optional<Timestamp>& until) const {
  for (const std::string_view name : {"since", "until"}) {
    const std::string given = text(name);
    if (given.empty()) continue;
    const auto span = parse_time_expression(given, now);
    if (!span) return fail(span.error().code, std::string(name) + ": " + span.error().message);
    (name == "since" ? since : until) = name == "since" ? span->first : span->last;
  }
  return {};
}

}  // namespace agentaudit
