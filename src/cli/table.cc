#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "base/result.h"
#include "io/safe_text.h"

namespace holdfast::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

// The first `width` columns of safe text, with an ellipsis when something is cut.
std::string Fit(std::string_view text, std::size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string fitted;
  std::size_t used = 0;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) ++size;
    const std::size_t columns = DisplayWidth(text.substr(0, size));
    if (used + columns + 1 > width) break;
    fitted.append(text.substr(0, size));
    used += columns;
    text.remove_prefix(size);
  }
  return fitted.append(kEllipsis);
}

}  // namespace

void Table::Add(std::vector<Cell> row) {
  HF_ASSERT(row.size() == columns_.size());
  for (Cell& cell : row) cell.text = io::SafeText(cell.text);
  rows_.push_back(std::move(row));
}

// While the table is too wide, the widest column that may shrink gives a column away.
std::vector<std::size_t> Table::Widths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t widest = DisplayWidth(columns_[c].title);
    for (const auto& row : rows_) widest = std::max(widest, DisplayWidth(row[c].text));
    widths.push_back(widest);
  }
  if (width == 0) return widths;
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (columns_.size() - 1));
  while (total > width) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (widths[c] > columns_[c].width_min && (widest == columns_.size() || widths[c] > widths[widest])) widest = c;
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::Render(std::size_t width, bool color) const {
  const std::vector<std::size_t> widths = Widths(width);
  std::string out;
  const auto line = [&](const auto& text_of, const auto& style_of) {
    std::size_t blanks = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string text = Fit(text_of(c), widths[c]);
      const std::size_t padding = widths[c] - DisplayWidth(text);
      const std::string_view style = color ? StyleCode(style_of(c)) : std::string_view();
      if (columns_[c].right) blanks += padding;
      if (!text.empty()) {
        out.append(blanks, ' ').append(style).append(text).append(style.empty() ? "" : kStyleEnd);
        blanks = 0;
      }
      blanks += (columns_[c].right ? 0 : padding) + kGap;
    }
    out.push_back('\n');
  };
  line([&](std::size_t c) -> std::string_view { return columns_[c].title; }, [](std::size_t) { return Style::kBold; });
  for (const auto& row : rows_)
    line([&](std::size_t c) -> std::string_view { return row[c].text; }, [&](std::size_t c) { return row[c].style; });
  return out;
}

}  // namespace holdfast::cli
