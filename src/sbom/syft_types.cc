#include "sbom/syft_types.h"

#include <algorithm>
#include <array>

namespace holdfast::sbom {
namespace {

// Of several rows with one purl type the first is meant when only the package URL is known.
constexpr auto kTypes = std::to_array<SyftType>({
    {"apk", "apk", "", "", "apk", "apk-db-entry"},
    {"deb", "deb", "", "", "dpkg", "dpkg-db-entry"},
    {"rpm", "rpm", "", "", "rpm", "rpm-db-entry"},
    {"python", "pypi", "python", "PyPI", "pep440", "python-package"},
    {"npm", "npm", "javascript", "npm", "npm", "javascript-npm-package"},
    {"gem", "gem", "ruby", "RubyGems", "gem", "ruby-gemspec"},
    {"java-archive", "maven", "java", "Maven", "maven", "java-archive"},
    {"jenkins-plugin", "maven", "java", "Maven", "maven", "java-archive"},
    {"go-module", "golang", "go", "Go", "go", "go-module-buildinfo-entry"},
    {"rust-crate", "cargo", "rust", "crates.io", "semver", "rust-cargo-audit-entry"},
    {"dotnet", "nuget", "dotnet", "NuGet", "nuget", ""},
    {"php-composer", "composer", "php", "Packagist", "composer", ""},
    {"dart-pub", "pub", "dart", "Pub", "pub", ""},
    {"hex", "hex", "elixir", "Hex", "semver", ""},
    {"conan", "conan", "c++", "ConanCenter", "semver", ""},
    {"bitnami", "bitnami", "", "Bitnami", "bitnami", ""},
    {"hackage", "hackage", "haskell", "Hackage", "hackage", ""},
    {"R-package", "cran", "R", "CRAN", "cran", ""},
});

}  // namespace

const SyftType* FindSyftType(std::string_view type, std::string_view purl_type) {
  const auto* by_type = std::ranges::find(kTypes, type, &SyftType::type);
  if (by_type != kTypes.end()) return by_type;
  if (purl_type == "alpine") purl_type = "apk";  // as Syft spelled it until 2022
  const auto* by_purl = std::ranges::find(kTypes, purl_type, &SyftType::purl_type);
  return by_purl != kTypes.end() && !purl_type.empty() ? by_purl : nullptr;
}

}  // namespace holdfast::sbom
