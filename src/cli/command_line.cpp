#include "cli/command_line.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <getopt.h>

#include "cli/environment.h"
#include "core/whole_number.h"

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

// What getopt_long is told of the options, and how to find one by the code it returns.
class Getopt {
 public:
  explicit Getopt(const std::vector<OptionSpec>& options) {
    for (std::size_t i = 0; i < options.size(); ++i) {
      const bool takes_value = options[i].value != OptionSpec::Value::none;
      for (const std::string& name : options[i].names) {
        if (name.starts_with("--")) {
          long_options_.push_back({.name = name.c_str() + 2,
                                   .has_arg = takes_value ? required_argument : no_argument,
                                   .flag = nullptr,
                                   .val = first_long_code + static_cast<int>(i)});
        } else {
          short_options_ += name[1];
          if (takes_value) short_options_ += ':';
          short_indices_.emplace_back(name[1], i);
        }
      }
    }
    long_options_.push_back({});
    opterr = 0;  // it prints nothing
    optind = 0;  // it starts anew
  }

  // The next option's code, '?' or ':' for a wrong one, 1 for a word that is none, or -1 at the
  // end. `words` as main gets them: after a program's name, and with nullptr at the end.
  [[nodiscard]] int next(std::span<char* const> words) const {
    return getopt_long(static_cast<int>(words.size()) - 1, words.data(), short_options_.c_str(),
                       long_options_.data(), nullptr);
  }

  [[nodiscard]] std::size_t index_of(int code) const {
    if (code >= first_long_code) return static_cast<std::size_t>(code - first_long_code);
    const auto found = std::find_if(short_indices_.begin(), short_indices_.end(),
                                    [code](const auto& entry) { return entry.first == code; });
    return found->second;
  }

 private:
  static constexpr int first_long_code = 256;  // above every character

  // `-`: words that are no options come in their order; `:`: a missing value has a code.
  std::string short_options_ = "-:";
  std::vector<std::pair<char, std::size_t>> short_indices_;
  std::vector<::option> long_options_;
};

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

std::string_view long_name(const OptionSpec& spec) {
  for (const std::string& name : spec.names) {
    if (name.starts_with("--")) return std::string_view(name).substr(2);
  }
  return {};
}

Result<void> set_default(const OptionSpec& spec, const OptionDefault& given) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::invalid_argument, given.place + ": " + what);
  };
  const std::string name(long_name(spec));
  if (given.is_flag != (spec.value == OptionSpec::Value::none)) {
    return wrong(name + (given.is_flag ? " takes a value" : " is true or false"));
  }
  if (given.is_flag) return given.is_on ? spec.set("") : Result<void>();
  if (given.values.size() > 1 && !spec.repeatable) return wrong(name + " takes one value");
  if (auto set = set_values(spec, given.values); !set) return wrong(set.error().message);
  return {};
}

Result<void> set_integer(std::int64_t& target, const std::string& text) {
  if (const auto number = whole_number(text)) {
    target = *number;
    return {};
  }
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

using SetOption = std::function<Result<void>(const std::string&)>;

OptionSpec taking_text(std::vector<std::string> names, std::string value_name, std::string help,
                       SetOption set) {
  return {.names = std::move(names),
          .value = OptionSpec::Value::text,
          .value_name = std::move(value_name),
          .help = std::move(help),
          .choices = {},
          .environment = {},
          .set = std::move(set)};
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
              .environment = {},
              .set = [&target](const std::string&) -> Result<void> {
                target = true;
                return {};
              }});
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::string& target, std::string help) {
  return add(taking_text(std::move(names), std::move(value_name), std::move(help),
                         [&target](const std::string& value) -> Result<void> {
                           target = value;
                           return {};
                         }));
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::vector<std::string>& target, std::string help) {
  OptionSpec& spec = add(taking_text(std::move(names), std::move(value_name), std::move(help),
                                     [&target](const std::string& value) -> Result<void> {
                                       target.push_back(value);
                                       return {};
                                     }));
  spec.repeatable = true;
  return spec;
}

OptionSpec& CommandLine::option(std::vector<std::string> names, std::string value_name,
                                std::int64_t& target, std::string help) {
  return add(
      taking_text(std::move(names), std::move(value_name), std::move(help),
                  [&target](const std::string& value) { return set_integer(target, value); }));
}

OptionSpec& CommandLine::argument(std::string value_name, std::string& target, std::string help) {
  return option({}, std::move(value_name), target, std::move(help));
}

OptionSpec& CommandLine::argument(std::string value_name, std::vector<std::string>& target,
                                  std::string help) {
  return option({}, std::move(value_name), target, std::move(help));
}

Error CommandLine::unknown_option(std::string_view word) const {
  std::vector<std::string> names;
  for (const OptionSpec& spec : options_) {
    names.insert(names.end(), spec.names.begin(), spec.names.end());
  }
  const std::string nearest = word.starts_with("--") ? nearest_word(word, names) : "";
  return {.code = ErrorCode::invalid_argument,
          .message = "unknown option \"" + std::string(word) + "\"" +
                     (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?")};
}

Error CommandLine::refusal(int code, std::string_view word) const {
  if (code == ':') {
    return {.code = ErrorCode::invalid_argument, .message = std::string(word) + " needs a value"};
  }
  const std::string name(word.substr(0, word.find('=')));
  const bool known = std::any_of(options_.begin(), options_.end(), [&](const OptionSpec& spec) {
    return std::find(spec.names.begin(), spec.names.end(), name) != spec.names.end();
  });
  if (known && name.starts_with("--")) {
    return {.code = ErrorCode::invalid_argument, .message = name + " takes no value"};
  }
  return unknown_option(name.starts_with("--") ? name
                                               : "-" + std::string(1, static_cast<char>(optopt)));
}

Result<std::vector<std::string>> CommandLine::parse_named(
    std::span<const char* const> arguments, bool lenient,
    std::vector<std::vector<std::string>>& values) const {
  std::vector<std::string> words = {"agentaudit"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  std::transform(words.begin(), words.end(), std::back_inserter(pointers),
                 [](std::string& word) { return word.data(); });
  pointers.push_back(nullptr);

  const Getopt getopt(options_);
  std::vector<std::string> free_words;
  int code = 0;
  while ((code = getopt.next(pointers)) != -1) {
    if (code == 1) {
      free_words.emplace_back(optarg);
    } else if (code == '?' || code == ':') {
      if (!lenient) return fail(refusal(code, words[static_cast<std::size_t>(optind) - 1]));
    } else {
      values[getopt.index_of(code)].emplace_back(optarg == nullptr ? "" : optarg);
    }
  }
  // What stands behind `--`.
  free_words.insert(free_words.end(), words.begin() + optind, words.end());
  return free_words;
}

Result<void> CommandLine::check(const OptionDefaults& defaults) const {
  std::vector<std::string> names;
  names.reserve(options_.size());
  for (const OptionSpec& spec : options_) names.emplace_back(long_name(spec));
  for (const auto& [name, given] : defaults) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string nearest = nearest_word(name, names);
    return fail(ErrorCode::invalid_argument,
                given.place + ": there is no option \"" + name + "\"" +
                    (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
  }
  return {};
}

Result<void> CommandLine::parse(std::span<const char* const> arguments, bool lenient,
                                const OptionDefaults& defaults) {
  std::vector<std::vector<std::string>> values(options_.size());
  const auto free_words = parse_named(arguments, lenient, values);
  if (!free_words) return fail(free_words.error());
  auto next = free_words->begin();
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (!options_[i].names.empty()) continue;
    const auto last =
        options_[i].repeatable || next == free_words->end() ? free_words->end() : next + 1;
    values[i].assign(next, last);
    next = last;
  }
  if (next != free_words->end() && !lenient) {
    return fail(ErrorCode::invalid_argument, "unexpected argument \"" + *next + "\"");
  }
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const OptionSpec& spec = options_[i];
    const auto given = values[i].empty() ? defaults.find(long_name(spec)) : defaults.end();
    const bool is_default =
        given != defaults.end() && !spec.names.empty() &&
        (spec.environment.empty() || agentaudit::environment(spec.environment.c_str()).empty());
    auto set = is_default ? set_default(spec, given->second) : set_values(spec, values[i]);
    if (!set && !lenient) return set;
  }
  return {};
}

}  // namespace agentaudit
