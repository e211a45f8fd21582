#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace holdfast::version {

// Schemes "semver" and "npm"; see scheme.h.
[[nodiscard]] std::optional<std::strong_ordering> CompareSemver(std::string_view a, std::string_view b);

// A version in pieces: any number of numeric parts, and what follows the first '-' up to '+'.
struct SemverParts {
  std::string_view core;        // "1.2.3"
  std::string_view prerelease;  // "rc.1"; empty: none
};
// Precedence of SemVer 2.0.0 section 11; missing parts of the core are 0.
[[nodiscard]] std::strong_ordering CompareSemverParts(const SemverParts& a, const SemverParts& b);

}  // namespace holdfast::version
