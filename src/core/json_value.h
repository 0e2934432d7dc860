// JSON that others wrote, read whole: a tree whose every node keeps its exact text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

struct JsonMember;

// One value. Views point into the JsonDocument that it came from.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string_view raw;             // its JSON text, without white space around it
  std::string string;               // Kind::string: its bytes, unescaped
  std::vector<JsonValue> items;     // Kind::array
  std::vector<JsonMember> members;  // Kind::object, in order, repetitions included

  // The first member of that name; nullptr when there is none or this is no object.
  [[nodiscard]] const JsonValue* find(std::string_view name) const noexcept;
  // The string of that member; empty when it is absent or no string.
  [[nodiscard]] std::string_view string_at(std::string_view name) const noexcept;
  // Kind::number as an integer, rounded to the nearest; nullopt: not a number, or
  // beyond int64.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

// Owns the text that a tree points into. Movable; the tree stays valid.
//
// Lenient where a flight recorder must be: a byte order mark is skipped, raw bytes
// that are not UTF-8 are kept (as the escape \udcNN that append_json_string
// writes), lone surrogate escapes are kept. Everything else is RFC 8259, numbers of
// any size included.
class JsonDocument {
 public:
  // Of containers deeper than `depth_kept` (the root is at 1) only `raw` is kept, but
  // the whole text is checked. Errors: parse, too_large (limits::line_bytes_max,
  // limits::json_depth_max, limits::json_values_max).
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view text,
                                                  int depth_kept = limits::json_depth_max);

  [[nodiscard]] const JsonValue& root() const noexcept { return root_; }

 private:
  std::unique_ptr<std::string> text_;  // with the padding that simdjson wants
  JsonValue root_;
};

}  // namespace agentaudit
