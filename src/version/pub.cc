// SemVer 2.0.0, but the build counts: a version with a build is newer than the one without, and builds are
// compared like pre-releases (dart.dev/tools/pub/versioning, "Semantic versions"; Version.compareTo of
// pub_semver): "1.0.0" < "1.0.0+1" < "1.0.0+2" < "1.0.0+a".

#include "version/pub.h"

#include "version/semver.h"

namespace holdfast::version {

std::optional<std::strong_ordering> ComparePub(std::string_view a, std::string_view b) {
  const auto left = SplitSemver(a), right = SplitSemver(b);
  if (!left || !right) return std::nullopt;
  if (const auto order = CompareSemverParts(*left, *right); order != 0) return order;
  if (left->build.empty() || right->build.empty()) return right->build.empty() <=> left->build.empty();
  return CompareIdentifiers(left->build, right->build);
}

}  // namespace holdfast::version
