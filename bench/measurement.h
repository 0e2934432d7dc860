// Measurements and their goals. Every figure is the median of several runs, and each
// run measures its floor too, right after it, so that a noisy machine disturbs both.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace agentaudit::bench {

// What is to hold of a row's value or ratio.
struct Goal {
  enum class Of : std::uint8_t { value, ratio };
  enum class Bound : std::uint8_t { at_least, at_most };
  Of of = Of::ratio;
  Bound bound = Bound::at_least;
  double limit = 0;
};
[[nodiscard]] constexpr Goal ratio_at_least(double limit) {
  return {.of = Goal::Of::ratio, .bound = Goal::Bound::at_least, .limit = limit};
}
[[nodiscard]] constexpr Goal ratio_at_most(double limit) {
  return {.of = Goal::Of::ratio, .bound = Goal::Bound::at_most, .limit = limit};
}
[[nodiscard]] constexpr Goal value_at_least(double limit) {
  return {.of = Goal::Of::value, .bound = Goal::Bound::at_least, .limit = limit};
}
[[nodiscard]] constexpr Goal value_at_most(double limit) {
  return {.of = Goal::Of::value, .bound = Goal::Bound::at_most, .limit = limit};
}

// One line of the report. No floor: nothing to compare with. No goal: a figure to know.
struct Row {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> floor = {};
  std::optional<double> ratio = {};
  std::optional<Goal> goal = {};
  std::string group = {};  // the name of its Group

  // Nothing without a goal.
  [[nodiscard]] std::optional<bool> holds() const;
};

struct Settings {
  int runs = 5;
  bool quick = false;                     // a fifth of the events, three runs
  std::size_t trail_events = 0;           // of the groups "trail" and "fleet"
  std::filesystem::path directory = {};   // on a real disk, new and empty
  std::filesystem::path kept = {};        // the same, for files that a later run may use again
  std::filesystem::path agentaudit = {};  // the command

  // A fifth of it when quick.
  [[nodiscard]] std::size_t scaled(std::size_t events) const { return quick ? events / 5 : events; }
};

using Run = std::function<double()>;

[[nodiscard]] double median(std::vector<double> values);
// `share` of the values are at most this: 0.5 is the median, 0.999 the p99.9.
[[nodiscard]] double percentile(std::vector<double> values, double share);

// Runs measured and floor by turns; value and floor are medians, the ratio is the
// median of the runs' ratios.
[[nodiscard]] Row compared(std::string name, std::string unit, int runs, const Run& measured,
                           const Run& floor, std::optional<Goal> goal);

// Seconds that `work` takes.
template <typename Work>
[[nodiscard]] double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One group of rows, run by its name.
struct Group {
  std::string_view name;
  std::vector<Row> (*measure)(const Settings&);
};

// The table for people, one line a row.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(const Row& row);
// {"compiler","sqlite","quick","rows":[{"group","name","value","unit","floor","ratio",
// "goal","holds"}, …]}; what a row does not have is null.
[[nodiscard]] std::string to_json(const std::vector<Row>& rows, bool quick);

// Ends the program with a message: a benchmark cannot go on.
[[noreturn]] void give_up(std::string_view what);

// The number that the text says, or the end of the program.
[[nodiscard]] std::size_t whole_number(std::string_view text);

// The value of a Result, or the end of the program.
template <typename Result>
auto must(Result&& result) {
  if (!result) give_up(result.error().message);
  if constexpr (!std::is_void_v<typename std::decay_t<Result>::value_type>) {
    return *std::forward<Result>(result);
  }
}

}  // namespace agentaudit::bench
