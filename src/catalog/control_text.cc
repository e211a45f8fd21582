#include "catalog/control_text.h"

#include <algorithm>

namespace holdfast::catalog {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// deb822(5) allows any printable character but ':' in a field name; blanks mark prose, not a field.
bool IsFieldName(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) { return IsControl(c) || c == ' '; });
}

void AddBadLine(ControlParagraph& paragraph, std::string_view line) {
  if (paragraph.bad_lines++ == 0) paragraph.first_bad_line = line;
}

// `field` grows to include a continuation `line`, which follows it in the same text.
void Extend(ControlField& field, std::string_view line) {
  const char* begin = field.value.data();
  field.value = {begin, static_cast<std::size_t>(line.data() + line.size() - begin)};
}

}  // namespace

std::string_view ControlField::Line() const { return Trim(value.substr(0, value.find('\n'))); }

std::string_view ControlParagraph::Find(std::string_view name) const {
  for (const ControlField& field : fields)
    if (EqualsIgnoreCase(field.name, name)) return field.value;
  return {};
}

std::string_view ControlParagraph::FindLine(std::string_view name) const {
  const std::string_view value = Find(name);
  return Trim(value.substr(0, value.find('\n')));
}

bool ControlReader::Next(ControlParagraph& paragraph) {
  paragraph.fields.clear();
  paragraph.bad_lines = 0;
  paragraph.first_bad_line = {};
  bool any = false;
  bool skipping = true;  // continuation lines of nothing, or of a bad line
  while (!rest_.empty()) {
    const std::string_view line = TakeLine(rest_);
    if (line.empty() || (blank_line_ == BlankLine::kEnds && Trim(line).empty())) {
      if (any) return true;
      continue;
    }
    any = true;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!skipping) Extend(paragraph.fields.back(), line);
      if (skipping && paragraph.bad_lines == 0) AddBadLine(paragraph, line);
      continue;
    }
    if (line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    skipping =
        colon == std::string_view::npos || !IsFieldName(line.substr(0, colon)) || paragraph.fields.size() >= kFieldsMax;
    if (skipping)
      AddBadLine(paragraph, line);
    else
      paragraph.fields.push_back({line.substr(0, colon), Trim(line.substr(colon + 1))});
  }
  return any;
}

}  // namespace holdfast::catalog
