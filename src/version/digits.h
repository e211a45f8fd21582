// Numbers of any length and words of any case, as text.
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

// Takes the numbers at the front, "1.2.3", with one character between each two for which `joins` holds.
template <typename Predicate>
[[nodiscard]] std::string_view TakeNumbers(std::string_view& text, Predicate joins) {
  std::size_t size = 0;
  while (size < text.size() && IsDigit(text[size])) {
    while (size < text.size() && IsDigit(text[size])) ++size;
    if (size + 1 >= text.size() || !joins(text[size]) || !IsDigit(text[size + 1])) break;
    ++size;
  }
  const std::string_view numbers = text.substr(0, size);
  text.remove_prefix(size);
  return numbers;
}

// What stands before the first of `separators`, which is taken too. `more`: there was one.
[[nodiscard]] inline std::string_view TakePart(std::string_view& text, std::string_view separators, bool& more) {
  const std::size_t end = text.find_first_of(separators);
  const std::string_view part = text.substr(0, end);
  more = end != std::string_view::npos;
  text.remove_prefix(more ? end + 1 : text.size());
  return part;
}

[[nodiscard]] inline std::string_view TrimBlanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

[[nodiscard]] inline std::strong_ordering CompareIgnoringCase(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const auto order = ToLower(a[i]) <=> ToLower(b[i]); order != 0) return order;
  return a.size() <=> b.size();
}

// Requires: `lower` is in lower case.
[[nodiscard]] inline bool StartsWithWord(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && CompareIgnoringCase(text.substr(0, lower.size()), lower) == 0;
}

}  // namespace holdfast::version
