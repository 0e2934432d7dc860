// Words of a command as a POSIX shell takes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {

// The text as one word, in single quotes.
[[nodiscard]] std::string single_quoted(std::string_view text);
// The text as one word: as it is where that is safe, else in single quotes.
[[nodiscard]] std::string shell_quoted(std::string_view text);

// The words of a simple command, quotes and backslashes taken off. Nothing is expanded, and
// operators (`|`, `;`) are letters like any other: it is for recognising a command.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view command);

}  // namespace agentaudit
