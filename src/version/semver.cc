// major.minor.patch[-prerelease][+build] (SemVer 2.0.0). As npm's loose parser does, blanks, a leading "v" or
// "=" are dropped, missing parts are 0, and letters may follow the core without a dash ("1.2.3beta"). More
// than three parts are compared as far as they go, which crates and conan content in advisories needs.

#include "version/semver.h"

#include "version/digits.h"

namespace holdfast::version {

std::strong_ordering CompareIdentifiers(std::string_view a, std::string_view b, LetterCase letter_case) {
  bool more_a = true, more_b = true;
  while (more_a && more_b) {
    const std::string_view left = TakePart(a, ".", more_a), right = TakePart(b, ".", more_b);
    const bool number_left = AllDigits(left), number_right = AllDigits(right);
    if (number_left != number_right) return number_left ? std::strong_ordering::less : std::strong_ordering::greater;
    const auto order = number_left                           ? CompareDigits(left, right)
                       : letter_case == LetterCase::kIgnored ? CompareIgnoringCase(left, right)
                                                             : left.compare(right) <=> 0;
    if (order != 0) return order;
  }
  return more_a <=> more_b;
}

std::optional<SemverParts> SplitSemver(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('=') || text.starts_with('v') || text.starts_with('V'))
    text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  SemverParts parts;
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos) parts.build = text.substr(plus + 1);
  std::string_view rest = text.substr(0, plus);
  parts.core = TakeWhile(rest, [](char c) { return IsDigit(c) || c == '.'; });
  if (parts.core.empty() || !IsDigit(parts.core.front())) return std::nullopt;
  while (parts.core.ends_with('.')) parts.core.remove_suffix(1);
  if (rest.starts_with('-')) rest.remove_prefix(1);
  parts.prerelease = rest;
  return parts;
}

std::strong_ordering CompareSemverParts(const SemverParts& a, const SemverParts& b, LetterCase letter_case) {
  std::string_view left = a.core, right = b.core;
  for (bool more_left = true, more_right = true; more_left || more_right;) {
    const std::string_view part_left = more_left ? TakePart(left, ".", more_left) : std::string_view();
    const std::string_view part_right = more_right ? TakePart(right, ".", more_right) : std::string_view();
    if (const auto order = CompareDigits(part_left, part_right); order != 0) return order;
  }
  if (a.prerelease.empty() || b.prerelease.empty()) return a.prerelease.empty() <=> b.prerelease.empty();
  return CompareIdentifiers(a.prerelease, b.prerelease, letter_case);
}

std::optional<std::strong_ordering> CompareSemver(std::string_view a, std::string_view b) {
  const auto left = SplitSemver(a), right = SplitSemver(b);
  if (!left || !right) return std::nullopt;
  return CompareSemverParts(*left, *right);
}

}  // namespace holdfast::version
