// Version schemes: how each ecosystem orders its versions.
//
// A scheme is plain data: an id, and a function that orders two texts. The list is explicit, in
// scheme.cc. Ids are stable; packages and advisories carry them.
//
//   dpkg      Debian Policy 5.6.12; deb-version(7)
//   rpm       rpmvercmp with epochs, '~' and '^'; rpm-version(7)
//   apk       apk-tools src/version.c
//   pacman    Arch Linux: vercmp(8), PKGBUILD(5)
//   portage   Gentoo Package Manager Specification 3.2, 3.3
//   pep440    PEP 440, "Summary of permitted suffixes and relative ordering"
//   semver    SemVer 2.0.0 section 11, also with missing parts and a leading v; crates, hex, swift
//   npm       the same: node-semver's loose parsing
//   maven     ComparableVersion; maven.apache.org/pom.html#version-order-specification
//   gem       Gem::Version
//   go        golang.org/x/mod/semver; toolchain versions "go1.21rc2" as cmd/go/internal/gover
//   nuget     NuGet.Versioning: SemVer with a fourth number, letters of any case
//   composer  Packagist: composer/semver's VersionParser::normalize, then PHP's version_compare
//   pub       pub_semver: SemVer where the build counts
//   cran      R's compareVersion; Writing R Extensions 1.1.1
//   hackage   Haskell Package Versioning Policy, "Version numbers"
//   bitnami   bitnami/vulndb: SemVer with a revision, which does not count
//   jvm       Java itself: JEP 223 and what came before, "1.8.0_252"
//   kb        articles of Microsoft's updates; see kb.cc before a range is made of them
//   calver    calver.org and other dotted numbers, for what has no ecosystem; see calver.cc
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast::version {

struct Scheme {
  std::string_view id;
  // Nothing when one of the two is not a version of the scheme. Linear in the lengths.
  std::optional<std::strong_ordering> (*compare)(std::string_view a, std::string_view b);
};

[[nodiscard]] std::span<const Scheme> AllSchemes();

// nullptr for an unknown id.
[[nodiscard]] const Scheme* FindScheme(std::string_view id);

// A total order on the versions of the scheme: equal also when they are written differently ("1.0" and
// "1.00"). Nothing when either text is not a version of the scheme.
[[nodiscard]] inline std::optional<std::strong_ordering> Compare(const Scheme& scheme, std::string_view a,
                                                                 std::string_view b) {
  return scheme.compare(a, b);
}

}  // namespace holdfast::version
