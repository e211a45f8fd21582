#include "http/client.h"

#include <algorithm>

namespace holdfast::http {
namespace {

constexpr char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

void Headers::Remove(std::string_view name) {
  std::erase_if(all_, [&](const Header& header) { return EqualsIgnoringCase(header.name, name); });
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (const Header& header : all_)
    if (EqualsIgnoringCase(header.name, name)) return header.value;
  return std::nullopt;
}

std::vector<std::string_view> Headers::FindAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& header : all_)
    if (EqualsIgnoringCase(header.name, name)) values.push_back(header.value);
  return values;
}

}  // namespace holdfast::http
