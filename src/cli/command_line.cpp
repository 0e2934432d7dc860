#include "cli/command_line.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace agentaudit {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

std::string name_of(const OptionSpec& spec) {
  return spec.names.empty() ? spec.value_name : spec.names.back();
}

// Declares the option to CLI11: one value each time it is named.
CLI::Option* declare(CLI::App& app, const OptionSpec& spec, std::vector<std::string>& values,
                     bool lenient) {
  const std::string names = joined(spec.names, ",");
  if (spec.value == OptionSpec::Value::none) return app.add_flag(names);
  CLI::Option* const option = app.add_option(names, values);
  option->expected(lenient ? 0 : 1, 1);
  option->allow_extra_args(false);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return option;
}

bool looks_like_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

Result<void> check_choice(const OptionSpec& spec, const std::string& value) {
  if (spec.choices.empty()) return {};
  if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end()) return {};
  return fail(ErrorCode::invalid_argument,
              name_of(spec) + ": \"" + value + "\" is not one of " + joined(spec.choices, ", "));
}

Result<void> set_values(const OptionSpec& spec, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (auto allowed = check_choice(spec, value); !allowed) return allowed;
    if (auto set = spec.set(value); !set) {
      return fail(set.error().code, name_of(spec) + ": " + set.error().message);
    }
  }
  if (values.empty() && spec.required) {
    return fail(ErrorCode::invalid_argument, name_of(spec) + " is missing");
  }
  return {};
}

Result<void> set_integer(std::int64_t& target, const std::string& text) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, target);
  if (error == std::errc() && stop == end) return {};
  return fail(ErrorCode::invalid_argument, "\"" + text + "\" is not a number");
}

// How many letters must be put in, taken out, replaced or swapped with their neighbour
// (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> distance(a.size() + 1,
                                                 std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) distance[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) distance[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      std::size_t least = std::min({replaced, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        least = std::min(least, distance[i - 2][j - 2] + 1);
      }
      distance[i][j] = least;
    }
  }
  return distance[a.size()][b.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t word_bytes_max = 64;
  if (word.size() > word_bytes_max) return {};
  std::string nearest;
  std::size_t least = 1 + std::max<std::size_t>(1, word.size() / 3);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string OptionSpec::heading() const {
  std::string out = joined(names, ", ");
  if (value == Value::none) return out;
  if (!out.empty()) out += ' ';
  out += value_name;
  if (names.empty() && repeatable) out += "…";
  return out;
}

OptionSpec& CommandLine::add(OptionSpec spec) {
  options_.push_back(std::move(spec));
  return options_.back();
}

OptionSpec& CommandLine::flag(std::vector<std::string> names, bool& target, std::string help) {
  return add({.names = std::move(names),
              .value = OptionSpec::Value::none,
              .value_name = {},
              .help = std::move(help),
              .choices = {},
              .set = [&target](const std::string&) -> Result<void> {
                target = true;
                return {};
              }});
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::string& target, std::string help) {
  return add({.names = std::move(names),
              .value = OptionSpec::Value::text,
              .value_name = std::move(value_name),
              .help = std::move(help),
              .choices = {},
              .set = [&target](const std::string& value) -> Result<void> {
                target = value;
                return {};
              }});
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::optional<std::string>& target, std::string help) {
  return add({.names = std::move(names),
              .value = OptionSpec::Value::text,
              .value_name = std::move(value_name),
              .help = std::move(help),
              .choices = {},
              .set = [&target](const std::string& value) -> Result<void> {
                target = value;
                return {};
              }});
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::vector<std::string>& target, std::string help) {
  return add({.names = std::move(names),
              .value = OptionSpec::Value::text,
              .value_name = std::move(value_name),
              .help = std::move(help),
              .choices = {},
              .repeatable = true,
              .set = [&target](const std::string& value) -> Result<void> {
                target.push_back(value);
                return {};
              }});
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::int64_t& target, std::string help) {
  return add({.names = std::move(names),
              .value = OptionSpec::Value::text,
              .value_name = std::move(value_name),
              .help = std::move(help),
              .choices = {},
              .set = [&target](const std::string& value) { return set_integer(target, value); }});
}

OptionSpec& CommandLine::argument(std::string value_name, std::string& target, std::string help) {
  return option({}, std::move(value_name), target, std::move(help));
}

OptionSpec& CommandLine::argument(std::string value_name, std::vector<std::string>& target,
                                  std::string help) {
  return option({}, std::move(value_name), target, std::move(help));
}

Error CommandLine::unknown_option(std::string word) const {
  word = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const OptionSpec& spec : options_) {
    names.insert(names.end(), spec.names.begin(), spec.names.end());
  }
  const std::string nearest = word.starts_with("--") ? nearest_word(word, names) : "";
  return {.code = ErrorCode::invalid_argument,
          .message = "unknown option \"" + word + "\"" +
                     (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?")};
}

// CLI11 parses what has a name. It would take a bracketed argument apart, so what has
// none is left to parse.
Result<std::vector<std::string>> CommandLine::parse_named(
    std::span<const char* const> arguments, bool lenient,
    std::vector<std::vector<std::string>>& values) const {
  try {
    CLI::App app;
    app.set_help_flag("");
    app.allow_extras();
    std::vector<std::pair<std::size_t, CLI::Option*>> declared;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      if (options_[i].names.empty()) continue;
      declared.emplace_back(i, declare(app, options_[i], values[i], lenient));
    }
    // CLI11 takes the words from the back.
    std::vector<std::string> words(arguments.rbegin(), arguments.rend());
    try {
      app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      if (!lenient) return fail(ErrorCode::invalid_argument, error.what());
    }
    for (const auto& [i, option] : declared) values[i] = option->results();
    return app.remaining();
  } catch (const CLI::Error& error) {
    return fail(ErrorCode::invalid_argument, error.what());
  }
}

Result<void> CommandLine::parse(std::span<const char* const> arguments, bool lenient) {
  std::vector<std::vector<std::string>> values(options_.size());
  const auto end = std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  const auto named = arguments.first(static_cast<std::size_t>(end - arguments.begin()));
  auto words = parse_named(named, lenient, values);
  if (!words && !lenient) return fail(std::move(words.error()));
  std::vector<std::string> free_words;
  for (std::string& word : words.value_or(std::vector<std::string>())) {
    if (!looks_like_option(word)) {
      free_words.push_back(std::move(word));
    } else if (!lenient) {
      return fail(unknown_option(std::move(word)));
    }
  }
  if (end != arguments.end()) free_words.insert(free_words.end(), end + 1, arguments.end());

  auto next = free_words.begin();
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (!options_[i].names.empty()) continue;
    const auto last =
        options_[i].repeatable || next == free_words.end() ? free_words.end() : next + 1;
    values[i].assign(next, last);
    next = last;
  }
  if (next != free_words.end() && !lenient) {
    return fail(ErrorCode::invalid_argument, "unexpected argument \"" + *next + "\"");
  }
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (auto set = set_values(options_[i], values[i]); !set && !lenient) return set;
  }
  return {};
}

}  // namespace agentaudit
