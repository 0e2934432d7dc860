// JsonText: a JSON file of others that is edited. What is not edited keeps its bytes, and
// what is put in is laid out as the file is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "core/json_value.h"

namespace agentaudit {

// An edit makes every JsonValue taken from root() before it invalid. Not thread-safe.
class JsonText {
 public:
  // Errors: parse, too_large (see JsonDocument).
  [[nodiscard]] static Result<JsonText> parse(std::string text);

  [[nodiscard]] const JsonValue& root() const noexcept { return document_.root(); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  // Puts `json`, a value without line ends, at the end of an object under `name`, or of an
  // array, where `name` is not used. Errors: as parse.
  [[nodiscard]] Result<void> append(const JsonValue& container, std::string_view name,
                                    std::string_view json);
  // Takes out the member or item at `index`, and the comma that it no longer needs.
  [[nodiscard]] Result<void> remove(const JsonValue& container, std::size_t index);
  [[nodiscard]] Result<void> replace(const JsonValue& value, std::string_view json);

 private:
  JsonText(std::string text, JsonDocument document);

  [[nodiscard]] std::size_t offset_of(const JsonValue& value) const noexcept;
  [[nodiscard]] std::size_t end_of(const JsonValue& value) const noexcept;
  [[nodiscard]] std::size_t skip_space(std::size_t offset) const noexcept;
  // The white space at the start of the line that holds the offset.
  [[nodiscard]] std::string_view indent_at(std::size_t offset) const noexcept;
  [[nodiscard]] Result<void> splice(std::size_t offset, std::size_t bytes, std::string_view with);

  std::string text_;
  JsonDocument document_;
  std::size_t root_offset_ = 0;
  std::string unit_;           // of indentation
  std::string_view line_end_;  // static storage
};

}  // namespace agentaudit
