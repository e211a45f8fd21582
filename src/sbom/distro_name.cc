#include "sbom/distro_name.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace holdfast::sbom {
namespace {

struct OtherName {
  std::string_view name, id;
};
// What Syft (until 2021), Trivy and people call them.
constexpr auto kOtherNames = std::to_array<OtherName>({
    {"alma", "almalinux"},
    {"alpine linux", "alpine"},
    {"amazon", "amzn"},
    {"amazon linux", "amzn"},
    {"amazonlinux", "amzn"},
    {"azure linux", "azurelinux"},
    {"cbl-mariner", "mariner"},
    {"debian gnu/linux", "debian"},
    {"opensuse leap", "opensuse-leap"},
    {"opensuse tumbleweed", "opensuse-tumbleweed"},
    {"opensuse.leap", "opensuse-leap"},
    {"opensuse.tumbleweed", "opensuse-tumbleweed"},
    {"oracle", "ol"},
    {"oracle linux", "ol"},
    {"oraclelinux", "ol"},
    {"photon os", "photon"},
    {"red hat enterprise linux", "rhel"},
    {"redhat", "rhel"},
    {"rocky linux", "rocky"},
    {"rockylinux", "rocky"},
    {"slem", "sle-micro"},
    {"suse", "sles"},
    {"suse linux enterprise micro", "sle-micro"},
    {"suse linux enterprise server", "sles"},
});

struct Codename {
  std::string_view codename, id, version;
};
// Released ones only: testing and unstable have no number.
constexpr auto kCodenames = std::to_array<Codename>({
    {"wheezy", "debian", "7"},
    {"jessie", "debian", "8"},
    {"stretch", "debian", "9"},
    {"buster", "debian", "10"},
    {"bullseye", "debian", "11"},
    {"bookworm", "debian", "12"},
    {"trixie", "debian", "13"},
    {"trusty", "ubuntu", "14.04"},
    {"xenial", "ubuntu", "16.04"},
    {"bionic", "ubuntu", "18.04"},
    {"focal", "ubuntu", "20.04"},
    {"jammy", "ubuntu", "22.04"},
    {"kinetic", "ubuntu", "22.10"},
    {"lunar", "ubuntu", "23.04"},
    {"mantic", "ubuntu", "23.10"},
    {"noble", "ubuntu", "24.04"},
    {"oracular", "ubuntu", "24.10"},
    {"plucky", "ubuntu", "25.04"},
});

const Codename* FindCodename(std::string_view name) {
  const auto* found = std::ranges::find(kCodenames, name, &Codename::codename);
  return found == kCodenames.end() ? nullptr : found;
}

bool StartsWithDigit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

bool IsLowerWord(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// "opensuse-leap-15.5" → opensuse-leap, 15.5; "debian-forky"; "wolfi"; "bookworm"; "12", whose id is in the namespace.
model::Distro FromQualifier(const std::string& text, std::string_view name_space) {
  if (StartsWithDigit(text)) return DistroFrom(name_space, text);
  for (std::size_t dash = text.find('-'); dash != std::string::npos; dash = text.find('-', dash + 1))
    if (StartsWithDigit(std::string_view(text).substr(dash + 1)))
      return DistroFrom(text.substr(0, dash), text.substr(dash + 1));
  if (const Codename* known = FindCodename(text)) return DistroFrom(known->id, text);
  for (const std::string_view id : {"debian", "ubuntu"})
    if (text.starts_with(id) && text.substr(id.size()).starts_with('-'))
      return DistroFrom(id, text.substr(id.size() + 1));
  if (name_space == "debian" || name_space == "ubuntu") return DistroFrom(name_space, text == name_space ? "" : text);
  return DistroFrom(text, "");
}

}  // namespace

std::string DistroId(std::string_view name) {
  std::string id = LowerCase(Trim(name));
  const auto* found = std::ranges::find(kOtherNames, id, &OtherName::name);
  return found == kOtherNames.end() ? id : std::string(found->id);
}

model::Distro DistroFrom(std::string_view name, std::string_view version) {
  model::Distro distro;
  distro.id = DistroId(name);
  version = Trim(version);
  version = version.substr(0, version.find(' '));
  const bool named = IsLowerWord(version);
  (named ? distro.version_codename : distro.version_id) = version;
  if (!named) return distro;
  const Codename* known = FindCodename(version);
  if (known != nullptr && known->id == distro.id) distro.version_id = known->version;
  return distro;
}

model::Distro DistroOf(const model::Purl& purl) {
  constexpr std::array<std::string_view, 5> kTypes = {"apk", "alpine", "deb", "opkg", "rpm"};
  if (std::ranges::find(kTypes, purl.type) == kTypes.end()) return {};
  const std::string_view os_name = purl.Qualifier("os_name"), os_version = purl.Qualifier("os_version");
  model::Distro distro;
  if (const std::string text = LowerCase(purl.Qualifier("distro")); !text.empty())
    distro = FromQualifier(text, purl.name_space);
  else if (!os_name.empty())
    distro = DistroFrom(os_name, os_version.empty() ? purl.Qualifier("os_distro") : os_version);
  else
    distro = DistroFrom(purl.name_space, "");
  if (distro.version_id.empty() && distro.version_codename.empty())
    if (const std::string_view name = purl.Qualifier("distro_name"); !name.empty())
      distro = DistroFrom(distro.id, name);
  return distro;
}

bool HasReleases(std::string_view id) {
  constexpr std::array<std::string_view, 7> kRolling = {"arch",    "chainguard",          "echo", "gentoo",
                                                        "minimos", "opensuse-tumbleweed", "wolfi"};
  return std::ranges::find(kRolling, id) == kRolling.end();
}

bool SameDistro(const model::Distro& a, const model::Distro& b) {
  if (a.id != b.id) return false;
  if (a.version_id.empty() || b.version_id.empty()) return true;
  const auto [shorter, longer] =
      std::minmax(a.version_id, b.version_id, [](const auto& x, const auto& y) { return x.size() < y.size(); });
  return longer.starts_with(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

}  // namespace holdfast::sbom
