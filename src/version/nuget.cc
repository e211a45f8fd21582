// major.minor[.patch[.revision]][-prerelease][+metadata]: SemVer 2.0.0 with a fourth part, missing parts 0,
// leading zeros allowed, and pre-release identifiers compared without regard to case
// (learn.microsoft.com/nuget/concepts/package-versioning, "Normalized version numbers" and "Pre-release
// versions"; VersionComparer of NuGet.Versioning): "1.0" = "1.0.0.0", "1.0.0-BETA" = "1.0.0-beta".
// Where NuGet refuses numbers over 31 bits, this goes on by value.

#include "version/nuget.h"

#include "version/semver.h"

namespace holdfast::version {

std::optional<std::strong_ordering> CompareNuget(std::string_view a, std::string_view b) {
  const auto left = SplitSemver(a), right = SplitSemver(b);
  if (!left || !right) return std::nullopt;
  return CompareSemverParts(*left, *right, LetterCase::kIgnored);
}

}  // namespace holdfast::version
