#include "cli/shell_words.h"

#include <algorithm>

namespace agentaudit {
namespace {

bool is_safe(char c) {
  constexpr std::string_view marks = "_-./:=@%+,";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

}  // namespace

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out += '\'';
}

std::string shell_quoted(std::string_view text) {
  const bool is_word = !text.empty() && std::all_of(text.begin(), text.end(), is_safe);
  return is_word ? std::string(text) : single_quoted(text);
}

std::vector<std::string> shell_words(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  const auto word = [&]() -> std::string& {
    if (!in_word) words.emplace_back();
    in_word = true;
    return words.back();
  };
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const bool has_next = i + 1 < command.size();
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      (void)word();
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && has_next) {
      word() += command[++i];
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      in_word = false;
    } else {
      word() += c;
    }
  }
  return words;
}

}  // namespace agentaudit
