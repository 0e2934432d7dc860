// OtlpValue: a value of an attribute, as a view of the body it came in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {

struct OtlpAttribute;

struct OtlpValue {
  enum class Kind : std::uint8_t { none, text, boolean, integer, real, bytes, list, map };

  Kind kind = Kind::none;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;  // Kind::text, and Kind::bytes as they are
  std::vector<OtlpValue> items;
  std::vector<OtlpAttribute> members;

  // An integer, or a text of digits, as several clients write numbers.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
  // Text that says something; empty for all other kinds.
  [[nodiscard]] std::string_view words() const noexcept {
    return kind == Kind::text ? text : std::string_view();
  }
  // `true` or `false`, also as a text; nullopt: neither.
  [[nodiscard]] std::optional<bool> to_bool() const noexcept;
};

struct OtlpAttribute {
  std::string_view key;
  OtlpValue value;
};

// Appends the value as JSON. A text that is itself the JSON text of an object or array is
// appended as that.
void append_json(std::string& out, const OtlpValue& value);
// Of attributes as one object.
void append_json(std::string& out, const std::vector<OtlpAttribute>& attributes);
// Appends a text likewise.
void append_text_or_json(std::string& out, std::string_view text);

}  // namespace agentaudit
