#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/environment.h"

namespace agentaudit {
namespace {

constexpr std::size_t columns_default = 80;
constexpr std::size_t columns_min = 40;

std::size_t width_of(int descriptor) noexcept {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return columns_default;
  return size.ws_col < columns_min ? columns_min : size.ws_col;
}

}  // namespace

bool is_terminal(int descriptor) noexcept { return ::isatty(descriptor) == 1; }

TerminalStyle terminal_style(int descriptor, std::string_view choice) {
  const bool on_terminal = is_terminal(descriptor);
  TerminalStyle style;
  style.columns = on_terminal ? width_of(descriptor) : 0;
  const bool wanted = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  style.colours = choice == "always" || (choice != "never" && on_terminal && wanted);
  return style;
}

}  // namespace agentaudit
