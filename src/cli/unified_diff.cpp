#include "cli/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <span>
#include <vector>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t context_lines = 3;
// Of the table that finds what two texts have in common; beyond, all between the first and the
// last difference is shown as replaced.
constexpr std::size_t table_cells_max = 16U << 20U;

using Lines = std::vector<std::string_view>;

// Each with its line end.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t bytes = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return lines;
}

struct Step {
  char mark = ' ';  // ' ' in both, '-' only before, '+' only after
  std::string_view line;
};

void append_middle(std::vector<Step>& steps, const Lines& before, const Lines& after) {
  const std::size_t columns = after.size() + 1;
  // At (i, j): the lines that before[i…] and after[j…] have in common.
  std::vector<std::uint32_t> common;
  if ((before.size() + 1) * columns <= table_cells_max) {
    common.resize((before.size() + 1) * columns);
    for (std::size_t i = before.size(); i-- > 0;) {
      for (std::size_t j = after.size(); j-- > 0;) {
        common[i * columns + j] = before[i] == after[j] ? common[(i + 1) * columns + j + 1] + 1
                                                        : std::max(common[(i + 1) * columns + j],
                                                                   common[i * columns + j + 1]);
      }
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (!common.empty() && i < before.size() && j < after.size()) {
    if (before[i] == after[j]) {
      steps.push_back({.mark = ' ', .line = before[i++]});
      ++j;
    } else if (common[(i + 1) * columns + j] >= common[i * columns + j + 1]) {
      steps.push_back({.mark = '-', .line = before[i++]});
    } else {
      steps.push_back({.mark = '+', .line = after[j++]});
    }
  }
  for (; i < before.size(); ++i) steps.push_back({.mark = '-', .line = before[i]});
  for (; j < after.size(); ++j) steps.push_back({.mark = '+', .line = after[j]});
}

std::vector<Step> steps_of(Lines before, Lines after) {
  const auto [first_before, first_after] =
      std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  std::vector<Step> steps;
  for (const std::string_view line : std::span(before.begin(), first_before)) {
    steps.push_back({.mark = ' ', .line = line});
  }
  after.erase(after.begin(), first_after);
  before.erase(before.begin(), first_before);
  Lines tail;
  while (!before.empty() && !after.empty() && before.back() == after.back()) {
    tail.push_back(before.back());
    before.pop_back();
    after.pop_back();
  }
  append_middle(steps, before, after);
  for (const std::string_view line : std::views::reverse(tail)) {
    steps.push_back({.mark = ' ', .line = line});
  }
  return steps;
}

std::string range_text(std::size_t first, std::size_t count) {
  // As `diff` does: of no lines, the one before them.
  const std::string start = std::to_string(count == 0 ? first : first + 1);
  return count == 1 ? start : start + "," + std::to_string(count);
}

Colour colour_of(char mark) {
  if (mark == ' ') return Colour::none;
  return mark == '+' ? Colour::green : Colour::red;
}

void append_line(std::string& out, char mark, std::string_view line, TerminalStyle style) {
  const bool ended = line.ends_with('\n');
  if (ended) line.remove_suffix(1);
  std::string text(1, mark);
  if (style.columns == 0) {
    text += line;
  } else if (!line.empty()) {
    append_terminal_lines(text, line, "");
    text.pop_back();
  }
  append_coloured(out, text, colour_of(mark), style);
  out += '\n';
  if (!ended) out += "\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(const DiffSide& before, const DiffSide& after, TerminalStyle style) {
  if (before.text == after.text) return {};
  const auto name = [&](std::string_view text) {
    return style.columns == 0 ? std::string(text) : terminal_text(text);
  };
  std::string out;
  append_coloured(out, "--- " + name(before.name), Colour::bold, style);
  out += '\n';
  append_coloured(out, "+++ " + name(after.name), Colour::bold, style);
  out += '\n';
  const std::vector<Step> steps = steps_of(lines_of(before.text), lines_of(after.text));
  const auto differs = [](const Step& step) { return step.mark != ' '; };
  std::size_t line_before = 0;
  std::size_t line_after = 0;
  auto at = steps.begin();
  while (true) {
    const auto change = std::find_if(at, steps.end(), differs);
    if (change == steps.end()) return out;
    const auto skipped = std::max<std::ptrdiff_t>(change - at - std::ptrdiff_t{context_lines}, 0);
    line_before += static_cast<std::size_t>(skipped);
    line_after += static_cast<std::size_t>(skipped);
    const auto start = at + skipped;
    // A hunk goes on over as many equal lines as two contexts have.
    auto end = change;
    for (auto next = change; next != steps.end(); next = std::find_if(end, steps.end(), differs)) {
      if (next - end > std::ptrdiff_t{2 * context_lines}) break;
      end = std::find_if_not(next, steps.end(), differs);
    }
    end += std::min<std::ptrdiff_t>(steps.end() - end, context_lines);
    const auto count = [&](char mark) {
      return static_cast<std::size_t>(std::count_if(
          start, end, [&](const Step& step) { return step.mark == ' ' || step.mark == mark; }));
    };
    append_coloured(out,
                    "@@ -" + range_text(line_before, count('-')) + " +" +
                        range_text(line_after, count('+')) + " @@",
                    Colour::cyan, style);
    out += '\n';
    for (auto step = start; step != end; ++step) append_line(out, step->mark, step->line, style);
    line_before += count('-');
    line_after += count('+');
    at = end;
  }
}

}  // namespace agentaudit
