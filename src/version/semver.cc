// major.minor.patch[-prerelease][+build] (SemVer 2.0.0). As npm's loose parser does, blanks, a leading "v" or
// "=" are dropped, missing parts are 0, and letters may follow the core without a dash ("1.2.3beta"). More
// than three parts are compared as far as they go, which crates and NuGet content in advisories needs.

#include "version/semver.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

std::string_view TakePart(std::string_view& text, bool& more) {
  const std::size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  more = dot != std::string_view::npos;
  text.remove_prefix(more ? dot + 1 : text.size());
  return part;
}

// Numbers below texts, texts in ASCII order, fewer identifiers below more (section 11.4).
std::strong_ordering CompareIdentifiers(std::string_view a, std::string_view b) {
  bool more_a = true, more_b = true;
  while (more_a && more_b) {
    const std::string_view left = TakePart(a, more_a), right = TakePart(b, more_b);
    const bool number_left = AllDigits(left), number_right = AllDigits(right);
    if (number_left != number_right) return number_left ? std::strong_ordering::less : std::strong_ordering::greater;
    const auto order = number_left ? CompareDigits(left, right) : left.compare(right) <=> 0;
    if (order != 0) return order;
  }
  return more_a <=> more_b;
}

std::optional<SemverParts> Split(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('=') || text.starts_with('v') || text.starts_with('V'))
    text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  text = text.substr(0, text.find('+'));
  SemverParts parts;
  std::string_view rest = text;
  parts.core = TakeWhile(rest, [](char c) { return IsDigit(c) || c == '.'; });
  if (parts.core.empty() || !IsDigit(parts.core.front())) return std::nullopt;
  while (parts.core.ends_with('.')) parts.core.remove_suffix(1);
  if (rest.starts_with('-')) rest.remove_prefix(1);
  parts.prerelease = rest;
  return parts;
}

}  // namespace

std::strong_ordering CompareSemverParts(const SemverParts& a, const SemverParts& b) {
  std::string_view left = a.core, right = b.core;
  for (bool more_left = true, more_right = true; more_left || more_right;) {
    const std::string_view part_left = more_left ? TakePart(left, more_left) : std::string_view();
    const std::string_view part_right = more_right ? TakePart(right, more_right) : std::string_view();
    if (const auto order = CompareDigits(part_left, part_right); order != 0) return order;
  }
  if (a.prerelease.empty() || b.prerelease.empty()) return a.prerelease.empty() <=> b.prerelease.empty();
  return CompareIdentifiers(a.prerelease, b.prerelease);
}

std::optional<std::strong_ordering> CompareSemver(std::string_view a, std::string_view b) {
  const auto left = Split(a), right = Split(b);
  if (!left || !right) return std::nullopt;
  return CompareSemverParts(*left, *right);
}

}  // namespace holdfast::version
