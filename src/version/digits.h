// Numbers of any length, as text.
#pragma once

#include <compare>
#include <string_view>

namespace holdfast::version {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
[[nodiscard]] constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

[[nodiscard]] inline bool AllDigits(std::string_view text) {
  for (const char c : text)
    if (!IsDigit(c)) return false;
  return !text.empty();
}

// By value: leading zeros do not count, no digits are 0. Requires: digits only.
[[nodiscard]] inline std::strong_ordering CompareDigits(std::string_view a, std::string_view b) {
  while (a.starts_with('0')) a.remove_prefix(1);
  while (b.starts_with('0')) b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

// Takes the run of characters at the front for which `wanted` holds.
template <typename Predicate>
[[nodiscard]] std::string_view TakeWhile(std::string_view& text, Predicate wanted) {
  std::size_t size = 0;
  while (size < text.size() && wanted(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

[[nodiscard]] inline std::string_view TakeDigits(std::string_view& text) { return TakeWhile(text, IsDigit); }

}  // namespace holdfast::version
