// CommandLine: the options and arguments that one command declares; parses them, and
// tells --help, the man page and the completions what there is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
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
  std::string environment;           // the variable that gives it, too
  bool repeatable = false;
  bool required = false;
  std::function<Result<void>(const std::string&)> set;

  // `-n, --limit N`, or `FILE…`.
  [[nodiscard]] std::string heading() const;
};

// What a file says for an option that the command line does not give.
struct OptionDefault {
  std::vector<std::string> values{};  // as they would stand on the command line
  std::string place{};                // where it says so, for complaints
  bool is_flag = false;               // true or false, in place of values
  bool is_on = false;
};
using OptionDefaults = std::map<std::string, OptionDefault, std::less<>>;  // by long name

// Not thread-safe. The fields that are bound must outlive it.
class CommandLine {
 public:
  OptionSpec& flag(std::vector<std::string> names, bool& target, std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name, std::string& target,
                     std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name,
                     std::vector<std::string>& target, std::string help);
  OptionSpec& option(std::vector<std::string> names, std::string value_name, std::int64_t& target,
                     std::string help);
  // The same without a name.
  OptionSpec& argument(std::string value_name, std::string& target, std::string help);
  OptionSpec& argument(std::string value_name, std::vector<std::string>& target, std::string help);

  // Parses what follows the command's name and sets the bound fields; the defaults are for
  // options that neither it nor their variable of the environment gives. Leniently, whatever
  // is wrong is passed over. Errors: invalid_argument.
  [[nodiscard]] Result<void> parse(std::span<const char* const> arguments, bool lenient = false,
                                   const OptionDefaults& defaults = {});
  // Errors: invalid_argument, naming the first default that is for no option.
  [[nodiscard]] Result<void> check(const OptionDefaults& defaults) const;

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
