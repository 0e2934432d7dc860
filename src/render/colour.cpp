#include "render/colour.h"

#include "agentaudit/core/names.h"

namespace agentaudit {

std::string_view colour_start(Colour colour) noexcept {
  switch (colour) {
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::cyan: return "\x1b[36m";
    case Colour::none: break;
  }
  return "";
}

void append_coloured(std::string& out, std::string_view text, Colour colour, TerminalStyle style) {
  const bool coloured = style.colours && colour != Colour::none && !text.empty();
  if (coloured) out += colour_start(colour);
  out += text;
  if (coloured) out += colour_end;
}

Colour status_colour(std::string_view status) noexcept {
  if (status == status::ok) return Colour::green;
  if (status == status::error) return Colour::red;
  if (status == status::denied) return Colour::yellow;
  if (status == status::pending) return Colour::cyan;
  return Colour::none;
}

}  // namespace agentaudit
