#include "render/histogram_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::size_t bar_columns_min = 4;
constexpr std::size_t bar_columns_max = 60;
constexpr std::array<std::string_view, 4> headings = {"START", "EVENTS", "ERRORS", "DENIED"};

struct Row {
  std::array<std::string, 4> cells;
  std::array<Colour, 4> colours{};
};

Row row_of(const HistogramBucket& bucket) {
  const auto colour = [](std::int64_t count, Colour above_zero) {
    return count > 0 ? above_zero : Colour::dim;
  };
  return {.cells = {milliseconds_text(bucket.start), count_text(bucket.total),
                    count_text(bucket.errors), count_text(bucket.denied)},
          .colours = {Colour::none, colour(bucket.total, Colour::none),
                      colour(bucket.errors, Colour::red), colour(bucket.denied, Colour::yellow)}};
}

std::string repeated(std::string_view text, std::int64_t times) {
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

// The bar of a bucket, where the greatest total fills `columns`.
void append_bar(std::string& out, const HistogramBucket& bucket, std::int64_t greatest,
                std::size_t columns, TerminalStyle style) {
  // Rounded to the nearest, but whatever is above 0 is seen.
  const auto scaled = [&](std::int64_t count) -> std::int64_t {
    if (count <= 0) return 0;
    const double share = static_cast<double>(count) / static_cast<double>(greatest);
    return std::max<std::int64_t>(1, std::llround(share * static_cast<double>(columns)));
  };
  const std::int64_t errors = scaled(bucket.errors);
  const std::int64_t denied = scaled(bucket.denied);
  const std::int64_t rest = bucket.total - bucket.errors - bucket.denied;
  const std::int64_t plain = std::max<std::int64_t>(scaled(bucket.total) - errors - denied, 0);
  append_coloured(out, repeated("▓", errors), Colour::red, style);
  append_coloured(out, repeated("▒", denied), Colour::yellow, style);
  append_coloured(out, repeated("█", rest > 0 ? plain : 0), Colour::cyan, style);
}

void append_cells(std::string& out, const Row& row, const std::array<std::size_t, 4>& widths,
                  TerminalStyle style) {
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (i > 0) out.append(2 + widths[i] - row.cells[i].size(), ' ');
    append_coloured(out, row.cells[i], row.colours[i], style);
    // The times are as wide as they get; their heading is not.
    if (i == 0) out.append(widths[0] - row.cells[0].size(), ' ');
  }
}

}  // namespace

std::string histogram_table(std::span<const HistogramBucket> buckets, TerminalStyle style) {
  std::vector<Row> rows;
  Row heading;
  heading.colours.fill(Colour::bold);
  std::copy(headings.begin(), headings.end(), heading.cells.begin());
  rows.push_back(std::move(heading));
  std::int64_t greatest = 0;
  for (const HistogramBucket& bucket : buckets) {
    rows.push_back(row_of(bucket));
    greatest = std::max(greatest, bucket.total);
  }
  std::array<std::size_t, 4> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], row.cells[i].size());
    }
  }
  std::size_t taken = 8;  // gaps
  for (const std::size_t width : widths) taken += width;
  // Room for three parts that are each rounded up.
  const std::size_t room = style.columns > taken + 2 ? style.columns - taken - 2 : 0;
  const std::size_t columns = std::min(room, bar_columns_max);

  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    append_cells(out, rows[i], widths, style);
    if (i > 0 && columns >= bar_columns_min && buckets[i - 1].total > 0) {
      out += "  ";
      append_bar(out, buckets[i - 1], greatest, columns, style);
    }
    out += '\n';
  }
  return out;
}

}  // namespace agentaudit
