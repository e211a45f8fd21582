#include "match/cpe_search.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "match/cpe_names.h"
#include "match/decide.h"

namespace holdfast::match {
namespace {

constexpr std::string_view kEcosystem = "CPE";
constexpr std::string_view kScheme = "calver";

using Word = std::pair<std::string_view, std::string_view>;

// Target software that is a kind of package, and the kind's ecosystem; "": software that no package of ours is a
// plug-in of, or another operating system.
constexpr auto kTargets = std::to_array<Word>({
    {".net", "NuGet"},  {"android", ""},       {"asp.net", "NuGet"}, {"cargo", "crates.io"}, {"composer", "Packagist"},
    {"craft_cms", ""},  {"dotnet", "NuGet"},   {"drupal", ""},       {"gem", "RubyGems"},    {"go", "Go"},
    {"golang", "Go"},   {"ios", ""},           {"ipados", ""},       {"ipad_os", ""},        {"iphone_os", ""},
    {"java", "Maven"},  {"jenkins", "Maven"},  {"joomla", ""},       {"joomla!", ""},        {"laravel", "Packagist"},
    {"mac_os", ""},     {"mac_os_x", ""},      {"macos", ""},        {"magento", ""},        {"maven", "Maven"},
    {"mediawiki", ""},  {"minecraft", ""},     {"moodle", ""},       {"node.js", "npm"},     {"nodejs", "npm"},
    {"npm", "npm"},     {"nuget", "NuGet"},    {"php", "Packagist"}, {"prestashop", ""},     {"pypi", "PyPI"},
    {"python", "PyPI"}, {"rails", "RubyGems"}, {"ruby", "RubyGems"}, {"rust", "crates.io"},  {"silverstripe", ""},
    {"tvos", ""},       {"typo3", ""},         {"watchos", ""},      {"windows", ""},        {"wordpress", ""},
});

// Operating systems that are never an image's distribution here, and content management systems.
constexpr auto kForeignPlatforms = std::to_array<std::string_view>({
    "apple:ipad_os",  "apple:ipados",     "apple:iphone_os", "apple:mac_os",  "apple:mac_os_x",
    "apple:macos",    "apple:tvos",       "apple:watchos",   "drupal:drupal", "freebsd:freebsd",
    "google:android", "google:chrome_os", "hp:hp-ux",        "ibm:aix",       "joomla:joomla!",
    "netbsd:netbsd",  "openbsd:openbsd",  "oracle:solaris",  "sun:solaris",   "wordpress:wordpress",
});
static_assert(std::ranges::is_sorted(kForeignPlatforms));

// Distributions by their CPE names, and os-release's ID.
constexpr auto kDistributions = std::to_array<Word>({
    {"almalinux:almalinux", "almalinux"},
    {"alpinelinux:alpine_linux", "alpine"},
    {"amazon:amazon_linux", "amzn"},
    {"amazon:linux", "amzn"},
    {"canonical:ubuntu_linux", "ubuntu"},
    {"centos:centos", "centos"},
    {"debian:debian_linux", "debian"},
    {"fedoraproject:fedora", "fedora"},
    {"opensuse:leap", "opensuse-leap"},
    {"oracle:linux", "ol"},
    {"redhat:enterprise_linux", "rhel"},
    {"rocky:rocky", "rocky"},
    {"suse:linux_enterprise_server", "sles"},
});
static_assert(std::ranges::is_sorted(kDistributions));

template <std::size_t kSize>
const Word* FindWord(const std::array<Word, kSize>& words, std::string_view text) {
  const auto* found = std::ranges::find(words, text, &Word::first);
  return found != words.end() ? found : nullptr;
}

bool IsOfDistribution(const model::Package& package) {
  const std::string_view scheme = package.version_scheme;
  return package.ecosystem.empty() &&
         (scheme == "dpkg" || scheme == "rpm" || scheme == "apk" || scheme == "pacman" || scheme == "portage");
}

bool IsPlatform(std::string_view platform, const model::Distro& distro) {
  if (platform.starts_with("microsoft:windows")) return distro.id == "windows";
  if (std::ranges::binary_search(kForeignPlatforms, platform)) return false;
  const Word* other = FindWord(kDistributions, platform);
  return other == nullptr || !distro.Known() || distro.id == other->second;
}

Query QueryOf(const CpeName& name, const model::Package& package) {
  Query query{{std::string(kEcosystem), {}}, name.product, kCpeMatcher, {}};
  query.candidate.version = name.version;
  query.candidate.scheme_id = kScheme;
  query.candidate.architecture = package.architecture;
  Prepare(query.candidate);
  return query;
}

}  // namespace

bool TargetFits(std::string_view target, const model::Package& package, std::string_view stated) {
  if (target.empty() || target == stated) return true;
  const Word* kind = FindWord(kTargets, target);
  if (kind == nullptr) return stated.empty();
  if (kind->second.empty()) return false;
  // A distribution packages software of all kinds.
  return IsOfDistribution(package) || package.ecosystem == kind->second;
}

bool PlatformFits(const model::AffectedView& row, const model::Distro& distro) {
  return row.platforms.empty() ||
         std::ranges::any_of(row.platforms, [&](std::string_view platform) { return IsPlatform(platform, distro); });
}

Result<std::vector<Hit>> SearchByCpe(const model::Package& package, const model::Distro& distro,
                                     const AdvisoryLookup& advisories) {
  std::vector<Hit> hits;
  std::set<std::string, std::less<>> found;
  for (const CpeName& name : CpeNamesOf(package)) {
    const Query query = QueryOf(name, package);
    if (!query.candidate.readable) continue;
    HF_CHECK_OK(advisories.Visit(kEcosystem, "", name.product, [&](const model::AffectedView& row) {
      if (!TargetFits(row.target_software, package, name.target_software) || !PlatformFits(row, distro)) return;
      Decision decision = Decide(row, query.candidate);
      if (decision.outcome != Outcome::kHolds || !found.emplace(row.advisory_id).second) return;
      Hit hit = MakeHit(row, query, std::move(decision));
      hit.direct = false;
      if (IsOfDistribution(package)) {
        hit.fixed_versions.clear();
        hit.fix_state = model::FixState::kUnknown;
      }
      hits.push_back(std::move(hit));
    }));
  }
  std::ranges::sort(hits, {}, &Hit::advisory_id);
  return hits;
}

}  // namespace holdfast::match
