#include "advisory/grype/places.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "advisory/grype/blob.h"
#include "base/format.h"

namespace holdfast::advisory {
namespace {

// How match/distro.cc asks for releases.
enum class Rule : std::uint8_t {
  kNone,
  kMajor,
  kMajorMinor,
  kAlpine,
  kAmazon,
  kDebian,
  kRedHat,
  kSuse,
  kLeap,
  kUbuntu
};

struct System {
  std::string_view release_id, name, ecosystem;
  Rule rule;
};

using enum Rule;
constexpr auto kSystems = std::to_array<System>({
    {"almalinux", "almalinux", "AlmaLinux", kMajor},
    {"alpine", "alpine", "Alpine", kAlpine},
    {"amzn", "amazonlinux", "Amazon Linux", kAmazon},
    {"arch", "archlinux", "Arch Linux", kNone},
    {"azurelinux", "azurelinux", "Azure Linux", kMajor},
    {"chainguard", "chainguard", "Chainguard", kNone},
    {"debian", "debian", "Debian", kDebian},
    {"echo", "echo", "Echo", kNone},
    {"fedora", "fedora", "Fedora", kMajor},
    {"mariner", "mariner", "Azure Linux", kMajor},
    {"minimos", "minimos", "MinimOS", kNone},
    {"ol", "oraclelinux", "Oracle Linux", kMajor},
    {"opensuse-leap", "opensuseleap", "openSUSE", kLeap},
    {"photon", "photon", "Photon OS", kMajorMinor},
    {"rhel", "redhat", "Red Hat", kRedHat},
    {"rocky", "rockylinux", "Rocky Linux", kMajor},
    {"sles", "sles", "SUSE", kSuse},
    {"ubuntu", "ubuntu", "Ubuntu", kUbuntu},
    {"wolfi", "wolfi", "Wolfi", kNone},
});

constexpr auto kEcosystems = std::to_array<std::pair<std::string_view, std::string_view>>({
    // Types of packages, and the languages that a few rows are named by.
    {"R-package", "CRAN"},
    {"bitnami", "Bitnami"},
    {"conan", "ConanCenter"},
    {"dart", "Pub"},
    {"dart-pub", "Pub"},
    {"dotnet", "NuGet"},
    {"erlang-otp", "Hex"},
    {"gem", "RubyGems"},
    {"github-action", "GitHub Actions"},
    {"github-action-workflow", "GitHub Actions"},
    {"go", "Go"},
    {"go-module", "Go"},
    {"hackage", "Hackage"},
    {"hex", "Hex"},
    {"java", "Maven"},
    {"java-archive", "Maven"},
    {"javascript", "npm"},
    {"npm", "npm"},
    {"php-composer", "Packagist"},
    {"python", "PyPI"},
    {"ruby", "RubyGems"},
    {"rust", "crates.io"},
    {"rust-crate", "crates.io"},
    {"swift", "SwiftURL"},
});

// What CVEs are called when these providers speak of them, where it is not just the provider's name in capitals.
constexpr auto kPrefixes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"rhel", "REDHAT"},
    {"sles", "SUSE"},
});

const System* Find(const GrypeSystem& system) {
  const auto* found = std::ranges::find(kSystems, system.release_id, &System::release_id);
  if (found == kSystems.end()) found = std::ranges::find(kSystems, system.name, &System::name);
  return found != kSystems.end() ? found : nullptr;
}

std::optional<int> NumberOf(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string Dotted(const GrypeSystem& system) {
  return system.minor.empty() ? system.major : Format("{}.{}", system.major, system.minor);
}

// Empty: no release can be told.
std::string SuseRelease(const GrypeSystem& system) {
  constexpr int kWithoutServicePacks = 16;
  const auto major = NumberOf(system.major);
  if (!major) return {};
  if (*major >= kWithoutServicePacks) return Format("Linux Enterprise Server {}", Dotted(system));
  if (system.minor.empty() || system.minor == "0") return Format("Linux Enterprise Server {}", system.major);
  return Format("Linux Enterprise Server {} SP{}", system.major, system.minor);
}

std::string DebianRelease(const GrypeSystem& system) {
  if (system.label == "unstable" || (system.major.empty() && system.codename == "sid")) return "unstable";
  return system.major;
}

std::string AlpineRelease(const GrypeSystem& system) {
  if (system.label == "edge") return "edge";
  return system.major.empty() || system.minor.empty() ? std::string() : Format("v{}", Dotted(system));
}

std::string ReleaseOf(const System& row, const GrypeSystem& system) {
  switch (row.rule) {
    case kNone: return {};
    case kMajor:
    case kRedHat: return system.major;
    case kMajorMinor:
    case kUbuntu: return system.minor.empty() ? std::string() : Dotted(system);
    case kAlpine: return AlpineRelease(system);
    case kAmazon: return system.major == "2018" ? "1" : system.major;
    case kDebian: return DebianRelease(system);
    case kSuse: return SuseRelease(system);
    case kLeap: return system.major.empty() ? std::string() : Format("Leap {}", Dotted(system));
  }
  return {};
}

}  // namespace

std::optional<GrypePlace> PlaceOf(const GrypeSystem& system) {
  const System* row = Find(system);
  if (row == nullptr) return std::nullopt;
  GrypePlace place{std::string(row->ecosystem), ReleaseOf(*row, system), std::nullopt, false};
  if (place.release.empty() && row->rule != kNone) return std::nullopt;
  if (row->rule == kMajor || row->rule == kRedHat) place.minor = NumberOf(system.minor);
  if (system.channel.empty()) return place;
  if (row->rule == kUbuntu && system.channel == "esm") {
    place.for_subscribers = true;
    return place;
  }
  if (row->rule == kRedHat && system.channel == "eus" && place.minor) {
    place.release = Format("rhel_eus:{}", Dotted(system));
    place.minor.reset();
    return place;
  }
  return std::nullopt;
}

std::optional<model::ReleaseLife> LifeOf(const GrypeSystem& system) {
  const System* row = Find(system);
  if (!system.channel.empty() || system.major.empty() || (system.end_of_life + system.end_of_active_support).empty())
    return std::nullopt;
  model::ReleaseLife life;
  life.distro_id = !system.release_id.empty() || row == nullptr ? system.release_id : row->release_id;
  if (life.distro_id.empty()) return std::nullopt;
  life.release = Dotted(system);
  life.codename = system.codename;
  life.active_end = system.end_of_active_support;
  life.security_end = system.end_of_life;
  return life;
}

std::string_view EcosystemOfGrype(std::string_view package_ecosystem) {
  const auto* found =
      std::ranges::find(kEcosystems, package_ecosystem, &std::pair<std::string_view, std::string_view>::first);
  return found != kEcosystems.end() ? found->second : std::string_view();
}

std::string IdOf(std::string_view provider, std::string_view name) {
  if (!IsGrypeCve(name)) return std::string(name);
  const auto* found = std::ranges::find(kPrefixes, provider, &std::pair<std::string_view, std::string_view>::first);
  if (found != kPrefixes.end()) return Format("{}-{}", found->second, name);
  std::string prefix(provider);
  for (char& c : prefix)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return Format("{}-{}", prefix, name);
}

}  // namespace holdfast::advisory
