// major.minor.patch[-revision], where the revision counts how often Bitnami built that release
// (github.com/bitnami/go-version, "Version revision"). It is no pre-release, and it does not count here: the
// advisories (github.com/bitnami/vulndb) name releases only, so what is said of "4.1.0", as in
// "last_affected": "4.1.0", has to hold for "4.1.0-3". Other suffixes are pre-releases, which the ranges
// inherit from the CPEs they are made of: "4.1.0-rc1" < "4.1.0" = "4.1.0-3" < "4.1.1".

#include "version/bitnami.h"

#include "version/digits.h"
#include "version/semver.h"

namespace holdfast::version {
namespace {

void DropRevision(SemverParts& parts) {
  std::string_view& suffix = parts.prerelease;
  const std::size_t dash = suffix.rfind('-');
  if (AllDigits(dash == std::string_view::npos ? suffix : suffix.substr(dash + 1)))
    suffix = suffix.substr(0, dash == std::string_view::npos ? 0 : dash);
}

}  // namespace

std::optional<std::strong_ordering> CompareBitnami(std::string_view a, std::string_view b) {
  auto left = SplitSemver(a), right = SplitSemver(b);
  if (!left || !right) return std::nullopt;
  DropRevision(*left);
  DropRevision(*right);
  return CompareSemverParts(*left, *right);
}

}  // namespace holdfast::version
