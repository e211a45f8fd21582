// A table for people: columns as wide as their content, shrunk to the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace holdfast::cli {

struct Column {
  std::string title;
  std::size_t width_min = 6;  // to which it may shrink
  bool right = false;
};

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Requires: as many cells as columns. Text is made safe here.
  void Add(std::vector<Cell> row);
  [[nodiscard]] bool Empty() const { return rows_.empty(); }

  // width 0: as wide as the content. Lines end without blanks.
  [[nodiscard]] std::string Render(std::size_t width, bool color) const;

 private:
  [[nodiscard]] std::vector<std::size_t> Widths(std::size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace holdfast::cli
