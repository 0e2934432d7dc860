#include "render/text_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t gap_columns = 2;
// What the last column wants at least before others are dropped for it, where it does
// not say so itself.
constexpr std::size_t last_columns_min_default = 24;

}  // namespace

TextTable::TextTable(std::vector<TableColumn> columns, TerminalStyle style)
    : columns_(std::move(columns)), style_(style) {
  assert(!columns_.empty());
}

void TextTable::add_row(std::vector<TableCell> row) {
  assert(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

std::size_t TextTable::last_columns_min() const {
  return std::min(widths_.back(), std::max(last_columns_min_default, columns_.back().columns_min));
}

std::size_t TextTable::columns_total() const {
  std::size_t total = last_columns_min();
  for (std::size_t i = 0; i + 1 < widths_.size(); ++i) {
    if (widths_[i] > 0) total += widths_[i] + gap_columns;
  }
  return total;
}

void TextTable::drop_columns() {
  while (columns_total() > style_.columns) {
    std::size_t victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (widths_[i] == 0 || columns_[i].drop_rank == 0) continue;
      if (victim == columns_.size() || columns_[i].drop_rank > columns_[victim].drop_rank) {
        victim = i;
      }
    }
    if (victim == columns_.size()) return;
    widths_[victim] = 0;
  }
}

void TextTable::lay_out() {
  widths_.assign(columns_.size(), 0);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, terminal_columns(row[i].text));
    const bool last = i + 1 == columns_.size();
    if (width == 0 && !last) continue;
    width = std::max({width, columns_[i].columns_min, terminal_columns(columns_[i].heading)});
    const std::size_t limit = columns_[i].columns_max;
    widths_[i] = limit > 0 && style_.columns > 0 ? std::min(width, limit) : width;
  }
  if (style_.columns == 0) return;
  drop_columns();
  const std::size_t others = columns_total() - last_columns_min();
  // A terminal too narrow even so is left to wrap.
  const std::size_t room = style_.columns > others ? style_.columns - others : 0;
  widths_.back() = std::max(room, last_columns_min());
}

void TextTable::append_row(std::string& out, const std::vector<TableCell>& row) const {
  const std::size_t start = out.size();
  std::string padding;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (widths_[i] == 0) continue;
    const std::string text = style_.columns > 0 ? cut_terminal_text(row[i].text, widths_[i])
                                                : terminal_text(row[i].text);
    const std::size_t columns = terminal_columns(text);
    const std::size_t missing = widths_[i] > columns ? widths_[i] - columns : 0;
    out += padding;
    padding.assign(gap_columns, ' ');
    if (columns_[i].right_aligned) {
      out.append(missing, ' ');
    } else {
      padding.append(missing, ' ');
    }
    append_coloured(out, text, row[i].colour, style_);
  }
  // Padding is only written before another cell; an empty last cell leaves some.
  while (out.size() > start && out.back() == ' ') out.pop_back();
  out += '\n';
}

std::string TextTable::take_text() {
  std::string out;
  if (widths_.empty()) {
    lay_out();
    std::vector<TableCell> heading;
    heading.reserve(columns_.size());
    for (const TableColumn& column : columns_) heading.push_back({column.heading, Colour::bold});
    append_row(out, heading);
  }
  for (const auto& row : rows_) append_row(out, row);
  rows_.clear();
  return out;
}

}  // namespace agentaudit
