// Text of events, made unable to drive a terminal. Whatever is not printable becomes
// a visible escape: `\n`, `\x1b`, `\u202e`, `\U000e0041`; a byte that is not part of
// valid UTF-8 becomes `\xff`. A backslash in the text stays as it is: the escapes are
// for reading, not for reading back (see append_json_string for that).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agentaudit {

[[nodiscard]] std::string terminal_text(std::string_view text);
void append_terminal_text(std::string& out, std::string_view text);

// The columns that terminal_text of it fills.
[[nodiscard]] std::size_t terminal_columns(std::string_view text);

// terminal_text of it if that fits; else its start and `…`, together at most
// `columns_max` columns. Never cuts a character or an escape in two.
[[nodiscard]] std::string cut_terminal_text(std::string_view text, std::size_t columns_max);

// Several lines: as terminal_text, but a line feed ends a line, a tab stays a tab,
// and each line is indented.
void append_terminal_lines(std::string& out, std::string_view text, std::string_view indent);

}  // namespace agentaudit
