// TextTable: rows of cells as aligned columns that adapt to the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "render/colour.h"

namespace agentaudit {

struct TableColumn {
  std::string heading;
  bool right_aligned = false;
  std::size_t columns_min = 0;
  std::size_t columns_max = 0;  // a wider cell is cut on a terminal; 0: no limit
  // Where the terminal is too narrow, the column with the highest rank goes first;
  // 0 never goes.
  int drop_rank = 0;
};

struct TableCell {
  std::string text;  // any bytes; made safe when it is shown
  Colour colour = Colour::none;
};

// Not thread-safe. The last column takes the room that is left; others are dropped until
// that is its columns_min, or 24. A column whose cells are all empty is left out.
class TextTable {
 public:
  TextTable(std::vector<TableColumn> columns, TerminalStyle style);

  // A row has one cell for each column.
  void add_row(std::vector<TableCell> row);

  // The heading and the rows added so far, which are then forgotten. Later calls
  // keep the layout of the first, without the heading.
  [[nodiscard]] std::string take_text();

 private:
  void lay_out();
  void drop_columns();
  [[nodiscard]] std::size_t columns_total() const;
  [[nodiscard]] std::size_t last_columns_min() const;
  void append_row(std::string& out, const std::vector<TableCell>& row) const;

  const std::vector<TableColumn> columns_;
  const TerminalStyle style_;
  std::vector<std::vector<TableCell>> rows_;
  std::vector<std::size_t> widths_;  // 0: the column is left out; empty: no layout yet
};

}  // namespace agentaudit
