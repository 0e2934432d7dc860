// What the process knows of the terminal it may be on.
#pragma once

#include <cstddef>
#include <string_view>

#include "render/colour.h"

namespace agentaudit {

[[nodiscard]] bool is_terminal(int descriptor) noexcept;

// `choice` is the value of --color: auto, always or never. Auto: colours on a terminal,
// unless NO_COLOR is set and not empty, or TERM is dumb. Off a terminal nothing is cut.
[[nodiscard]] TerminalStyle terminal_style(int descriptor, std::string_view choice);

}  // namespace agentaudit
