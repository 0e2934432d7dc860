// The arguments of a tool of the MCP server: what there may be, and what a client sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"
#include "core/json_value.h"

namespace agentaudit {

struct McpArgument {
  enum class Kind : std::uint8_t {
    text,
    names,  // several with commas between them
    time,   // see parse_time_expression
    limit   // 1 to events_max
  };
  static constexpr std::int64_t events_default = 20;
  static constexpr std::int64_t events_max = 100;

  std::string_view name;
  Kind kind = Kind::text;
  std::string_view help;
};

// The JSON Schema (2020-12) of an object with these members and no others.
[[nodiscard]] std::string json_schema_of(std::span<const McpArgument> arguments);

// Borrows both the value and the list. Errors name the argument: invalid_argument.
class McpArguments {
 public:
  // `given` may be nullptr: none. Checks names and kinds.
  [[nodiscard]] static Result<McpArguments> read(const JsonValue* given,
                                                 std::span<const McpArgument> allowed);

  // Empty where it was not given.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view name) const;
  [[nodiscard]] std::int64_t limit() const;
  // `since` and `until`, both inclusive.
  [[nodiscard]] Result<void> read_times(Timestamp now, std::optional<Timestamp>& since,
                                        std::optional<Timestamp>& until) const;

 private:
  explicit McpArguments(const JsonValue* given) : given_(given) {}

  [[nodiscard]] const JsonValue* find(std::string_view name) const;

  const JsonValue* given_;
};

}  // namespace agentaudit
