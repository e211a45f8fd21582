#include "model/ecosystem.h"

#include <algorithm>
#include <array>

namespace holdfast::model {
namespace {

using enum NameRule;
using enum AdvisoryNames;

// Sorted by name (byte order).
constexpr auto kEcosystems = std::to_array<EcosystemInfo>({
    {"AlmaLinux", "rpm", kAsIs, kBinaryPackages},
    {"Alpaquita", "apk", kAsIs, kSourcePackages},
    {"Alpine", "apk", kAsIs, kSourcePackages},
    {"Amazon Linux", "rpm", kAsIs, kBinaryPackages},
    {"Arch Linux", "pacman", kAsIs, kBinaryPackages},
    {"Azure Linux", "rpm", kAsIs, kBoth},
    {"BellSoft Hardened Containers", "apk", kAsIs, kSourcePackages},
    {"Bioconductor", "cran"},
    {"Bitnami", "bitnami"},
    {"CPE", "calver", kLowerCase},
    {"CRAN", "cran"},
    {"Chainguard", "apk", kAsIs, kSourcePackages},
    {"ConanCenter", "semver"},
    {"Debian", "dpkg", kAsIs, kSourcePackages},
    {"EPEL", "rpm", kAsIs, kBinaryPackagesAndMarkedSources},
    {"Echo", "dpkg", kAsIs, kSourcePackages},
    {"Fedora", "rpm", kAsIs, kBinaryPackagesAndMarkedSources},
    {"GHC", "hackage"},
    {"Gentoo", "portage", kAsIs, kBinaryPackages},
    {"GitHub Actions", "semver", kLowerCase},
    {"Go", "go"},
    {"Hackage", "hackage"},
    {"Hex", "semver"},
    {"Julia", "semver"},
    {"Mageia", "rpm", kAsIs, kSourcePackages},
    {"Maven", "maven"},
    {"Microsoft", "kb", kAsIs, kBinaryPackages},
    {"MinimOS", "apk", kAsIs, kSourcePackages},
    {"NuGet", "nuget", kLowerCase},
    {"Oracle Linux", "rpm", kAsIs, kBinaryPackages},
    {"Packagist", "composer", kLowerCase},
    {"Photon OS", "rpm", kAsIs, kBoth},
    {"Pub", "pub"},
    {"PyPI", "pep440", kPep503},
    {"Red Hat", "rpm", kAsIs, kBinaryPackagesAndMarkedSources},
    {"Rocky Linux", "rpm", kAsIs, kBoth},
    {"RubyGems", "gem"},
    {"SUSE", "rpm", kAsIs, kBoth},
    {"SwiftURL", "semver"},
    {"Ubuntu", "dpkg", kAsIs, kSourcePackages},
    {"VSCode", "semver", kLowerCase},
    {"Wolfi", "apk", kAsIs, kSourcePackages},
    {"crates.io", "semver"},
    {"npm", "npm"},
    {"opam", "dpkg"},
    {"openEuler", "rpm", kAsIs, kSourcePackages},
    {"openSUSE", "rpm", kAsIs, kBoth},
});
static_assert(std::ranges::is_sorted(kEcosystems, {}, &EcosystemInfo::name));

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Python packaging, "Name normalization" (PEP 503).
std::string Pep503(std::string_view name) {
  std::string result;
  bool separator = false;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!separator) result.push_back('-');
      separator = true;
      continue;
    }
    separator = false;
    result.push_back(Lower(c));
  }
  return result;
}

std::string_view UpTo(std::string_view text, char stop) { return text.substr(0, text.find(stop)); }

std::string RedHatRelease(std::string_view release) {
  // The tail of a CPE: "enterprise_linux:9::baseos". Other products (extended support, layered ones) keep
  // their name: their fixes must not be taken for the base product's. The repositories of a stream of extended
  // support ("rhel_eus:9.2::baseos") are one set of packages.
  constexpr std::string_view kBase = "enterprise_linux:";
  if (release.starts_with("rhel_")) {
    const std::size_t repository = release.find("::");
    const bool of_layered = release.substr(std::min(release.size(), repository)).starts_with("::el");
    return std::string(of_layered ? release : release.substr(0, repository));
  }
  if (!release.starts_with(kBase)) return std::string(release);
  return std::string(UpTo(UpTo(release.substr(kBase.size()), ':'), '.'));
}

// "6.0.10", "12.8": a point release is no release of its own. Before Debian 4 the second number was part of the name.
std::string DebianRelease(std::string_view release) {
  const std::string_view major = UpTo(release, '.');
  if (major.size() != 1 || major > "3" || major.size() == release.size()) return std::string(major);
  return std::string(release.substr(0, 2 + UpTo(release.substr(2), '.').size()));
}

std::string NormaliseRelease(std::string_view ecosystem, std::string_view release) {
  if (ecosystem == "Debian") return DebianRelease(release);
  if (ecosystem == "Red Hat") return RedHatRelease(release);
  if (ecosystem == "AlmaLinux" || ecosystem == "Rocky Linux") return std::string(UpTo(release, '.'));
  if (ecosystem == "Ubuntu" && release.ends_with(":LTS")) return std::string(release.substr(0, release.size() - 4));
  return std::string(release);
}

}  // namespace

const EcosystemInfo* FindEcosystem(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kEcosystems, name, {}, &EcosystemInfo::name);
  return found != kEcosystems.end() && found->name == name ? found : nullptr;
}

std::string NormalisePackageName(std::string_view ecosystem, std::string_view name) {
  const EcosystemInfo* info = FindEcosystem(ecosystem);
  const NameRule rule = info != nullptr ? info->name_rule : kAsIs;
  if (rule == kPep503) return Pep503(name);
  std::string result(name);
  if (rule == kLowerCase) std::ranges::transform(result, result.begin(), Lower);
  return result;
}

EcosystemRelease SplitEcosystem(std::string_view osv_ecosystem) {
  const std::size_t colon = osv_ecosystem.find(':');
  if (colon == std::string_view::npos) return {std::string(osv_ecosystem), {}};
  const std::string_view ecosystem = osv_ecosystem.substr(0, colon);
  return {std::string(ecosystem), NormaliseRelease(ecosystem, osv_ecosystem.substr(colon + 1))};
}

}  // namespace holdfast::model
