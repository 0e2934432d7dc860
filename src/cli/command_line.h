// CommandLine: the options and arguments that one command declares; parses them, and
// tells --help, the man page and the completions what there is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

struct OptionSpec {
  // Of a value that is a file, for the completions.
  enum class Value : std::uint8_t { none, text, file };

  std::vector<std::string> names;    // `-n`, `--limit`; empty: an argument without a name
  Value value = Value::none;         // none: a flag
  std::string value_name;            // PATH, N …
  std::string help;                  // one sentence, no full stop
  std::vector<std::string> choices;  // empty: any value
  bool repeatable = false;
  bool required = false;
  std::function<Result<void>(const std::string&)> set;

  // `-n, --limit N`, or `FILE…`.
  [[nodiscard]] std::string heading() const;
};

// Not thread-safe. The fields that are bound must outlive it.
class CommandLine {
 public:
  OptionSpec& flag(std::vector<std::string> names, bool& target, std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name, std::string& target,
                     std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name,
                     std::optional<std::string>& target, std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name,
                     std::vector<std::string>& target, std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name, std::int64_t& target,
                     std::string help);
  // The same without a name.
  OptionSpec& argument(std::string value_name, std::string& target, std::string help);
  OptionSpec& argument(std::string value_name, std::vector<std::string>& target, std::string help);

  // Parses what follows the command's name and sets the bound fields. Leniently,
  // whatever is wrong is passed over. Errors: invalid_argument.
  [[nodiscard]] Result<void> parse(std::span<const char* const> arguments, bool lenient = false);

  [[nodiscard]] const std::vector<OptionSpec>& options() const noexcept { return options_; }

 private:
  OptionSpec& add(OptionSpec spec);
  // Puts the values of the options into `values`, one list an option; returns the words
  // that are none of them.
  [[nodiscard]] Result<std::vector<std::string>> parse_named(
      std::span<const char* const> arguments, bool lenient,
      std::vector<std::vector<std::string>>& values) const;
  // Why getopt_long answered `code` for the word.
  [[nodiscard]] Error refusal(int code, std::string_view word) const;
  [[nodiscard]] Error unknown_option(std::string_view word) const;

  std::vector<OptionSpec> options_;
};

// The candidate that `word` was most likely meant to be; empty: none is near.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace agentaudit
