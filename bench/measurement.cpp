#include "measurement.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include "agentaudit/core/event_json.h"

namespace agentaudit::bench {
namespace {

#ifdef __clang__
constexpr std::string_view compiler = "clang++ " __clang_version__;
#else
constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

std::string number(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

// Four digits that count.
std::string shown(double value) {
  const double size = std::abs(value);
  return number(value, size >= 1'000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4);
}

std::string shown(const Goal& goal) {
  return std::string(goal.of == Goal::Of::ratio ? "ratio " : "value ") +
         (goal.bound == Goal::Bound::at_least ? ">= " : "<= ") +
         number(goal.limit, goal.limit == std::floor(goal.limit) ? 0 : 2);
}

std::string padded(std::string text, std::size_t width, bool right = true) {
  if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
  return text;
}

// A long first cell takes a line of its own.
std::string line(std::array<std::string, 7> cells) {
  constexpr std::array<std::size_t, 7> widths = {58, 12, 9, 12, 8, 15, 6};
  std::string text;
  if (cells[0].size() > widths[0]) text = std::exchange(cells[0], "") + '\n';
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += padded(cells[i], widths[i], i != 0 && i != 2);
    text += i + 1 < cells.size() ? " " : "\n";
  }
  return text;
}

void append_json_number(std::string& json, const std::optional<double>& value) {
  json += value && std::isfinite(*value) ? number(*value, 6) : "null";
}

}  // namespace

std::optional<bool> Row::holds() const {
  if (!goal) return std::nullopt;
  const double found = goal->of == Goal::Of::value ? value : ratio.value_or(NAN);
  return goal->bound == Goal::Bound::at_least ? found >= goal->limit : found <= goal->limit;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return NAN;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::lround(share * last));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

Row compared(std::string name, std::string unit, int runs, const Run& measured, const Run& floor,
             std::optional<Goal> goal) {
  std::vector<double> values;
  std::vector<double> floors;
  std::vector<double> ratios;
  for (int run = 0; run < runs; ++run) {
    values.push_back(measured());
    floors.push_back(floor());
    ratios.push_back(values.back() / floors.back());
  }
  return {.name = std::move(name),
          .value = median(std::move(values)),
          .unit = std::move(unit),
          .floor = median(std::move(floors)),
          .ratio = median(std::move(ratios)),
          .goal = goal};
}

std::string table_head() {
  return line({"measure", "value", "unit", "floor", "ratio", "goal", "holds"});
}

std::string table_line(const Row& row) {
  const auto holds = row.holds();
  return line({row.name, shown(row.value), row.unit, row.floor ? shown(*row.floor) : "",
               row.ratio ? shown(*row.ratio) : "", row.goal ? shown(*row.goal) : "",
               !holds   ? ""
               : *holds ? "yes"
                        : "NO"});
}

std::string to_json(const std::vector<Row>& rows, bool quick) {
  std::string json = "{\"compiler\": ";
  append_json_string(json, compiler);
  json += ", \"sqlite\": ";
  append_json_string(json, sqlite3_libversion());
  json += std::string(", \"quick\": ") + (quick ? "true" : "false") + ", \"rows\": [";
  std::string_view separator = "";
  for (const Row& row : rows) {
    json += std::exchange(separator, ",");
    json += "\n  {\"group\": ";
    append_json_string(json, row.group);
    json += ", \"name\": ";
    append_json_string(json, row.name);
    json += ", \"value\": ";
    append_json_number(json, row.value);
    json += ", \"unit\": ";
    append_json_string(json, row.unit);
    json += ", \"floor\": ";
    append_json_number(json, row.floor);
    json += ", \"ratio\": ";
    append_json_number(json, row.ratio);
    json += ", \"goal\": ";
    if (row.goal) {
      append_json_string(json, shown(*row.goal));
    } else {
      json += "null";
    }
    const auto holds = row.holds();
    json += std::string(", \"holds\": ") + (!holds ? "null" : *holds ? "true" : "false") + '}';
  }
  return json + "\n]}\n";
}

std::size_t whole_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    give_up(std::string(text) + " is no whole number");
  }
  return number;
}

void give_up(std::string_view what) {
  std::cerr << "agentaudit_bench: " << what << '\n';
  std::exit(EXIT_FAILURE);
}

}  // namespace agentaudit::bench
