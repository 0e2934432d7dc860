// Puts marks in the place of secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redact/text_range.h"

namespace agentaudit {

enum class TextForm : std::uint8_t { plain, json };

struct Replacement {
  TextRange range;
  std::string mark;      // has nothing that JSON would escape
  bool is_done = false;  // set by splice
};

// The text with the replacements, which are in order and apart. JSON, which it has to be,
// stays JSON: of a range only what stands in strings is replaced, and a number that it
// touches becomes a string; brackets, commas, true, false and null stay.
[[nodiscard]] std::string splice(std::string_view text, TextForm form,
                                 std::vector<Replacement>& replacements);

}  // namespace agentaudit
