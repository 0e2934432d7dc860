// FlatText: a text as its last reader will see it, without the escapes of JSON in JSON in
// a shell, so that a secret looks the same however it was wrapped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redact/text_range.h"

namespace agentaudit {

// A run of backslashes and what it escapes (n, t, ", /, u0041 …) are one character, whatever
// the depth: `\n`, `\\n` and `\\\n` are a line end. Before anything else a run of them is one
// backslash. Borrows `raw`. Not thread-safe.
class FlatText {
 public:
  explicit FlatText(std::string_view raw);
  FlatText(const FlatText&) = delete;
  FlatText& operator=(const FlatText&) = delete;
  ~FlatText() = default;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  // Where those ranges of text() stand in `raw`; they are in order and apart. A range never
  // begins or ends within an escape.
  [[nodiscard]] std::vector<TextRange> raw_ranges(const std::vector<TextRange>& ranges) const;

 private:
  std::string_view raw_;
  std::string flat_;       // empty: raw_ has no backslash
  std::string_view text_;  // raw_ or flat_
};

}  // namespace agentaudit
