// The few colours of the terminal output. Colour only repeats what the text says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentaudit {

enum class Colour : std::uint8_t { none, bold, dim, red, green, yellow, cyan };

// How to write for the place where the text will be read.
struct TerminalStyle {
  std::size_t columns = 0;  // of the terminal; 0: no terminal, nothing is cut
  bool colours = false;
};

// The escape sequences (ECMA-48 SGR) that start the colour, and that end any.
[[nodiscard]] std::string_view colour_start(Colour colour) noexcept;
inline constexpr std::string_view colour_end = "\x1b[0m";

// Appends `text`, which must be safe for a terminal already, in the colour if the
// style has colours.
void append_coloured(std::string& out, std::string_view text, Colour colour, TerminalStyle style);

// Green ok, red error, yellow denied, cyan pending; none for any other status.
[[nodiscard]] Colour status_colour(std::string_view status) noexcept;

}  // namespace agentaudit
