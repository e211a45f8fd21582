#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace holdfast::version {

// Schemes "semver" and "npm"; see scheme.h.
[[nodiscard]] std::optional<std::strong_ordering> CompareSemver(std::string_view a, std::string_view b);

// A version in pieces: any number of numeric parts, what follows the first '-' up to '+', and the rest.
struct SemverParts {
  std::string_view core;        // "1.2.3"
  std::string_view prerelease;  // "rc.1"; empty: none
  std::string_view build;       // "5e3f"; empty: none
};
// As the scheme "semver" reads it; nothing when it does not begin with a number.
[[nodiscard]] std::optional<SemverParts> SplitSemver(std::string_view text);

enum class LetterCase : bool { kCounts, kIgnored };
// Identifiers between dots: numbers below texts, texts in ASCII order, fewer below more (section 11.4).
[[nodiscard]] std::strong_ordering CompareIdentifiers(std::string_view a, std::string_view b,
                                                      LetterCase letter_case = LetterCase::kCounts);
// Precedence of SemVer 2.0.0 section 11; missing parts of the core are 0, the build does not count.
[[nodiscard]] std::strong_ordering CompareSemverParts(const SemverParts& a, const SemverParts& b,
                                                      LetterCase letter_case = LetterCase::kCounts);

}  // namespace holdfast::version
