#include "render/bar_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "render/figures.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t name_columns_max = 28;
constexpr std::size_t bar_columns_max = 60;
constexpr std::size_t histogram_rows = 3;
constexpr std::int64_t eighths = 8;

constexpr std::array<std::string_view, 8> left_blocks = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::array<std::string_view, 9> lower_blocks = {" ", "▁", "▂", "▃", "▄",
                                                          "▅", "▆", "▇", "█"};

// count * scale / greatest, rounded to the nearest, at least 1 for a count over 0.
std::int64_t scaled(std::int64_t count, std::int64_t greatest, std::int64_t scale) {
  if (count <= 0 || greatest <= 0) return 0;
  const double share = static_cast<double>(count) / static_cast<double>(greatest);
  return std::max<std::int64_t>(1, std::llround(share * static_cast<double>(scale)));
}

std::string bar(std::int64_t filled_eighths) {
  std::string out;
  for (; filled_eighths >= eighths; filled_eighths -= eighths) out += "█";
  return out += left_blocks[static_cast<std::size_t>(filled_eighths)];
}

struct Row {
  std::string name;  // safe for a terminal
  std::int64_t count = 0;
  Colour colour = Colour::none;
  bool is_rest = false;  // many names together: a bar would dwarf the others
};

std::vector<Row> rows_of(std::span<const NameCount> counts, const BarChartOptions& options) {
  std::vector<const NameCount*> named;
  for (const NameCount& count : counts) {
    if (!count.name.empty()) named.push_back(&count);
  }
  std::vector<Row> rows;
  const bool too_many = named.size() > options.rows_max;
  const std::size_t shown = too_many ? options.rows_max - 1 : named.size();
  Row rest{.name = "", .count = 0, .colour = Colour::dim, .is_rest = true};
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i >= shown) {
      rest.count += named[i]->count;
      continue;
    }
    const std::string& name = named[i]->name;
    rows.push_back({.name = cut_terminal_text(name, name_columns_max),
                    .count = named[i]->count,
                    .colour = options.status_colours ? status_colour(name) : Colour::cyan});
  }
  if (!too_many) return rows;
  rest.name = "… " + count_text(static_cast<std::int64_t>(named.size() - shown)) + " more";
  rows.push_back(std::move(rest));
  return rows;
}

void append_title(std::string& out, const BarChartOptions& options) {
  append_coloured(out, options.title, Colour::bold, options.style);
  out += '\n';
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The columns of a line that may hold our own colours.
std::size_t coloured_columns(std::string_view line) {
  std::string plain;
  while (!line.empty()) {
    const std::size_t escape = std::min(line.find('\x1b'), line.size());
    plain += line.substr(0, escape);
    line.remove_prefix(escape);
    line.remove_prefix(line.empty() ? 0 : line.find('m') + 1);
  }
  return terminal_columns(plain);
}

}  // namespace

std::size_t half_columns(TerminalStyle style) {
  return style.columns == 0 ? 0 : std::max<std::size_t>(style.columns / 2, 3) - 2;
}

std::string bar_chart(std::span<const NameCount> counts, const BarChartOptions& options) {
  std::string out;
  const std::vector<Row> rows = rows_of(counts, options);
  if (rows.empty()) return out;
  std::size_t name_columns = 0;
  std::size_t count_columns = 0;
  std::int64_t greatest = 0;
  for (const Row& row : rows) {
    name_columns = std::max(name_columns, terminal_columns(row.name));
    count_columns = std::max(count_columns, count_text(row.count).size());
    if (!row.is_rest) greatest = std::max(greatest, row.count);
  }
  const std::size_t taken = 2 + name_columns + 2 + count_columns + 2;
  const std::size_t columns = options.style.columns;
  const std::size_t bar_columns =
      std::clamp<std::size_t>(columns > taken ? columns - taken : 0, 1, bar_columns_max);
  append_title(out, options);
  for (const Row& row : rows) {
    const std::string count = count_text(row.count);
    out += "  " + row.name;
    out.append(name_columns - terminal_columns(row.name) + 2 + count_columns - count.size(), ' ');
    out += count;
    if (!row.is_rest && columns > 0) {
      const auto scale = static_cast<std::int64_t>(bar_columns) * eighths;
      out += "  ";
      append_coloured(out, bar(scaled(row.count, greatest, scale)), row.colour, options.style);
    }
    out += '\n';
  }
  return out;
}

std::string side_by_side(std::string_view left, std::string_view right, TerminalStyle style) {
  const std::size_t left_columns = half_columns(style);
  std::string out;
  while (!left.empty() || !right.empty()) {
    const std::string_view left_line = take_line(left);
    const std::string_view right_line = take_line(right);
    out += left_line;
    if (!right_line.empty()) {
      const std::size_t width = coloured_columns(left_line);
      out.append(left_columns > width ? left_columns - width + 2 : 2, ' ');
      out += right_line;
    }
    out += '\n';
  }
  return out;
}

std::string histogram_chart(std::span<const HistogramBucket> buckets,
                            const BarChartOptions& options) {
  std::string out;
  if (buckets.empty() || options.style.columns == 0) return out;
  std::int64_t greatest = 0;
  for (const HistogramBucket& bucket : buckets) greatest = std::max(greatest, bucket.total);
  append_title(out, options);
  constexpr auto rows = static_cast<std::int64_t>(histogram_rows);
  for (std::int64_t row = rows - 1; row >= 0; --row) {
    std::string line;
    for (const HistogramBucket& bucket : buckets) {
      const std::int64_t height = scaled(bucket.total, greatest, rows * eighths);
      const std::int64_t filled = std::clamp<std::int64_t>(height - row * eighths, 0, eighths);
      line += lower_blocks[static_cast<std::size_t>(filled)];
    }
    out += "  ";
    append_coloured(out, line, Colour::cyan, options.style);
    if (row == rows - 1) out += "  " + count_text(greatest);
    out += '\n';
  }
  const std::string first = milliseconds_text(buckets.front().start);
  const std::string last = milliseconds_text(buckets.back().start);
  out += "  " + first;
  const std::size_t ends = first.size() + last.size();
  out.append(buckets.size() > ends ? buckets.size() - ends : 2, ' ');
  out += last + '\n';
  return out;
}

}  // namespace agentaudit
