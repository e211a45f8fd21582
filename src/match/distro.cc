// A distribution is looked up by its own os-release id only. ID_LIKE is not followed: a derivative's
// packages have versions of their own, and a wrong "not affected" is worse than "no data".

#include "match/distro.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace holdfast::match {
namespace {

enum class ReleaseRule : std::uint8_t { kNone, kMajor, kMajorMinor, kAlpine, kAmazon, kWhole, kPretty, kNamed, kFixed };

struct Row {
  std::string_view id;  // os-release ID
  std::string_view ecosystem;
  ReleaseRule rule;
  std::string_view name = "";  // for kNamed, before the version, and kFixed
};

using enum ReleaseRule;

// CentOS and RHEL share Red Hat's advisories; Raspbian rebuilds Debian's sources under Debian's versions.
constexpr auto kRows = std::to_array<Row>({
    {"almalinux", "AlmaLinux", kMajor},
    {"alpaquita", "Alpaquita", kWhole},
    {"alpine", "Alpine", kAlpine},
    {"amzn", "Amazon Linux", kAmazon},
    {"arch", "Arch Linux", kNone},
    {"azurelinux", "Azure Linux", kMajor},
    {"bellsoft-hardened-containers", "BellSoft Hardened Containers", kWhole},
    {"centos", "Red Hat", kMajor},
    {"chainguard", "Chainguard", kNone},
    {"debian", "Debian", kMajor},
    {"echo", "Echo", kNone},
    {"fedora", "Fedora", kMajor},
    {"gentoo", "Gentoo", kNone},
    {"mageia", "Mageia", kMajor},
    {"mariner", "Azure Linux", kMajor},
    {"minimos", "MinimOS", kNone},
    {"ol", "Oracle Linux", kMajor},
    {"openeuler", "openEuler", kPretty},
    {"opensuse-leap", "openSUSE", kNamed, "Leap"},
    {"opensuse-leap-micro", "openSUSE", kNamed, "Leap Micro"},
    {"opensuse-tumbleweed", "openSUSE", kFixed, "Tumbleweed"},
    {"photon", "Photon OS", kMajorMinor},
    {"raspbian", "Debian", kMajor},
    {"rhel", "Red Hat", kMajor},
    {"rocky", "Rocky Linux", kMajor},
    {"sl-micro", "SUSE", kNamed, "Linux Micro"},
    {"sle-micro", "SUSE", kNamed, "Linux Enterprise Micro"},
    {"suse-microos", "SUSE", kNamed, "Linux Enterprise Micro"},
    {"ubuntu", "Ubuntu", kMajorMinor},
    {"windows", "Microsoft", kNone},
    {"wolfi", "Wolfi", kNone},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::id));

// Distributions on which Extra Packages for Enterprise Linux are installed as they are.
constexpr std::array<std::string_view, 4> kEnterprise = {"almalinux", "centos", "rhel", "rocky"};

// SUSE's advisories name products; a container image holds packages from several.
constexpr std::array<std::string_view, 9> kSuseProducts = {
    "Server",
    "Module for Basesystem",
    "Module for Containers",
    "Module for Development Tools",
    "Module for Legacy",
    "Module for Public Cloud",
    "Module for Python 3",
    "Module for Server Applications",
    "Module for Web and Scripting",
};

std::string_view Parts(std::string_view version, int parts) {
  std::size_t end = 0;
  for (int i = 0; i < parts && end != std::string_view::npos; ++i) end = version.find('.', i == 0 ? 0 : end + 1);
  return version.substr(0, end);
}

std::string AlpineRelease(std::string_view version) {
  if (version.empty() || version.contains("_alpha") || version == "edge") return "edge";
  return Format("v{}", Parts(version, 2));
}

// The first Amazon Linux was numbered by months: 2011.09 to 2018.03.
std::string AmazonRelease(std::string_view version) {
  const std::string_view first = Parts(version, 1);
  const bool month = first.size() == 4 && first <= "2018";
  return std::string(month ? "1" : first);
}

std::vector<model::EcosystemRelease> SuseProducts(std::string_view version) {
  std::vector<model::EcosystemRelease> result;
  const std::string_view major = Parts(version, 1);
  const std::string_view pack = version.size() > major.size() ? version.substr(major.size() + 1) : "";
  // From 16 on there are no service packs.
  const bool packs = major.size() < 2 || (major.size() == 2 && major < "16");
  const std::string suffix = !packs                        ? std::string(version)
                             : pack.empty() || pack == "0" ? std::string(major)
                                                           : Format("{} SP{}", major, pack);
  result.reserve(kSuseProducts.size());
  for (const std::string_view product : kSuseProducts)
    result.push_back({"SUSE", Format("Linux Enterprise {} {}", product, suffix)});
  return result;
}

// Service packs are in the pretty name only: "openEuler 22.03 (LTS-SP1)" → 22.03-LTS-SP1.
std::string PrettyRelease(const model::Distro& distro) {
  std::string_view name = distro.pretty_name;
  const std::size_t at = name.find(distro.version_id);
  name.remove_prefix(at == std::string_view::npos ? name.size() : at + distro.version_id.size());
  std::string release = distro.version_id;
  for (const char c : name) {
    const bool separator = c == ' ' || c == '(' || c == ')' || c == '-';
    if (!separator) release.push_back(c);
    if (separator && !release.ends_with('-')) release.push_back('-');
  }
  while (release.ends_with('-')) release.pop_back();
  return release;
}

std::string ReleaseOf(const Row& row, const model::Distro& distro) {
  const std::string_view version = distro.version_id;
  switch (row.rule) {
    case kNone: return {};
    case kMajor: return std::string(Parts(version, 1));
    case kMajorMinor: return std::string(Parts(version, 2));
    case kAlpine: return AlpineRelease(version);
    case kAmazon: return AmazonRelease(version);
    case kWhole: return std::string(version);
    case kPretty: return PrettyRelease(distro);
    case kNamed: return Format("{} {}", row.name, version);
    case kFixed: return std::string(row.name);
  }
  return {};
}

// Testing and unstable have a codename and no number, and cannot be told apart. A fix reaches testing through
// unstable under the same version, so what is said of unstable is right for both.
std::vector<model::EcosystemRelease> DebianRelease(const model::Distro& distro) {
  if (!distro.version_id.empty()) return {model::SplitEcosystem(Format("Debian:{}", distro.version_id))};
  if (!distro.version_codename.empty()) return {{"Debian", "unstable"}};
  return {};
}

}  // namespace

std::vector<model::EcosystemRelease> OwnEcosystemsOf(const model::Distro& distro) {
  if (distro.id == "sles" || distro.id == "sles_sap") return SuseProducts(distro.version_id);
  const auto* row = std::ranges::lower_bound(kRows, distro.id, {}, &Row::id);
  if (row == kRows.end() || row->id != distro.id) return {};
  if (row->ecosystem == "Debian") return DebianRelease(distro);
  const bool needs_version = row->rule != kNone && row->rule != kFixed && row->rule != kAlpine;
  if (needs_version && distro.version_id.empty()) return {};
  return {{std::string(row->ecosystem), ReleaseOf(*row, distro)}};
}

std::vector<model::EcosystemRelease> EcosystemsOf(const model::Distro& distro) {
  std::vector<model::EcosystemRelease> result = OwnEcosystemsOf(distro);
  const bool takes_extra_packages = std::ranges::find(kEnterprise, distro.id) != kEnterprise.end();
  if (takes_extra_packages && !result.empty()) result.push_back({"EPEL", std::string(Parts(distro.version_id, 1))});
  return result;
}

}  // namespace holdfast::match
