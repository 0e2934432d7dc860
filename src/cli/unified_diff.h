// What differs between two texts, line by line, as `diff -u` writes it.
#pragma once

#include <string>
#include <string_view>

#include "render/colour.h"

namespace agentaudit {

struct DiffSide {
  std::string_view name;
  std::string_view text;
};

// Empty: they are equal. On a terminal (style.columns is not 0) text is made safe for it;
// elsewhere it is what `patch` takes.
[[nodiscard]] std::string unified_diff(const DiffSide& before, const DiffSide& after,
                                       TerminalStyle style);

}  // namespace agentaudit
