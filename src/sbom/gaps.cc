#include "sbom/gaps.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "sbom/distro_name.h"

namespace holdfast::sbom {
namespace {

using model::Package;

// Types without advisories that are told one by one.
constexpr std::uint64_t kTypesNamed = 20;

// Distribution packages have the version scheme of their package manager and no ecosystem of their own.
bool IsOfDistribution(const Package& package) { return package.ecosystem.empty() && !package.version_scheme.empty(); }

// These write a source name only where it is not the package's own, and an epoch only where there is one.
bool IsThorough(std::string_view tool) {
  constexpr std::array<std::string_view, 2> kTools = {"holdfast", "syft"};
  return std::ranges::any_of(kTools, [&](std::string_view name) { return tool.starts_with(name); });
}

class Assessment {
 public:
  Assessment(const Assessed& assessed, const model::ImageAnalysis& analysis)
      : assessed_(assessed), analysis_(analysis), thorough_(IsThorough(assessed.tool)) {}

  void Run() {
    CheckDistro();
    CheckIdentity();
    CheckSources();
    CheckEpochs();
    CheckRecords();
    CheckLocations();
    CheckWhole();
  }

  Completeness completeness;
  std::vector<Problem> problems;

 private:
  void Add(std::string id, std::uint64_t packages, std::string message, bool costs_findings = true) {
    costs_findings_ |= costs_findings;
    problems.push_back({{}, costs_findings ? ErrorKind::kUnsupported : ErrorKind::kNotFound, message});
    completeness.gaps.push_back({std::move(id), packages, std::move(message)});
  }

  void CheckDistro();
  void CheckIdentity();
  void CheckSources();
  void CheckEpochs();
  void CheckRecords();
  void CheckLocations();
  void CheckWhole();
  [[nodiscard]] bool LacksRelease() const;
  [[nodiscard]] std::uint64_t CountUnmatched() const;

  const Assessed& assessed_;
  const model::ImageAnalysis& analysis_;
  bool thorough_;
  bool costs_findings_ = false;
};

bool Assessment::LacksRelease() const {
  const model::Distro& distro = analysis_.distro;
  return distro.version_id.empty() && distro.version_codename.empty() && HasReleases(distro.id);
}

// Those that no advisory is compared with, each once, however much they lack.
std::uint64_t Assessment::CountUnmatched() const {
  const bool distro_is_known = analysis_.distro.Known() && !LacksRelease();
  return static_cast<std::uint64_t>(std::ranges::count_if(analysis_.packages, [&](const Package& package) {
    return package.version_scheme.empty() || package.version.empty() || (IsOfDistribution(package) && !distro_is_known);
  }));
}

void Assessment::CheckDistro() {
  const model::Distro& distro = analysis_.distro;
  const auto packages = static_cast<std::uint64_t>(std::ranges::count_if(analysis_.packages, &IsOfDistribution));
  const auto others = static_cast<std::uint64_t>(std::ranges::count(assessed_.other_distro, true));
  if (others > 0) {
    Add("other-distro", others,
        Format("{} packages are not of {} {}, as most are: they were not matched", others, distro.id,
               distro.version_id));
  }
  if (packages == 0) return;
  if (!distro.Known()) {
    Add("no-distro", packages,
        Format("the distribution is not stated: {} packages of a distribution were not matched", packages));
  } else if (LacksRelease()) {
    Add("no-release", packages,
        Format("the release of {} is not stated: {} packages cannot be matched with the right advisories", distro.id,
               packages));
  }
}

void Assessment::CheckIdentity() {
  std::uint64_t nameless = 0, without_version = 0;
  std::map<std::string_view, std::uint64_t> types;
  for (std::size_t i = 0; i < analysis_.packages.size(); ++i) {
    const Package& package = analysis_.packages[i];
    if (assessed_.other_distro[i]) continue;
    if (package.type == kUnknownType)
      ++nameless;
    else if (package.version_scheme.empty())
      ++types[package.type];
    else if (package.version.empty())
      ++without_version;
  }
  if (nameless > 0)
    Add("no-type", nameless,
        Format("{} packages have neither a package URL nor a type that is known: no advisories can be asked about them",
               nameless));
  if (without_version > 0)
    Add("no-version", without_version,
        Format("{} packages have no version: no advisory can be compared with them", without_version));
  std::uint64_t named = 0, others = 0;
  for (const auto& [type, count] : types) {
    if (++named > kTypesNamed)
      others += count;
    else
      Add("type-without-advisories", count,
          Format("{} packages of type \"{}\" are listed, but no advisories can be asked about them", count, type),
          false);
  }
  if (others > 0)
    Add("type-without-advisories", others,
        Format("{} packages of other types are listed, but no advisories can be asked about them", others), false);
}

// A tool that names the source of one package of a kind names it of all whose source has another name.
void Assessment::CheckSources() {
  std::map<std::string_view, std::pair<std::uint64_t, bool>> types;  // packages without; whether any has
  for (std::size_t i = 0; i < analysis_.packages.size(); ++i) {
    const Package& package = analysis_.packages[i];
    if (!IsOfDistribution(package)) continue;
    auto& [without, stated] = types[package.type];
    if (assessed_.source_stated[i] || !package.upstreams.empty())
      stated = true;
    else
      ++without;
  }
  for (const auto& [type, counts] : types)
    if (!counts.second && !thorough_)
      Add("no-source-name", counts.first,
          Format("{} {} packages have no source name: advisories by source package cannot be found for them",
                 counts.first, type));
}

void Assessment::CheckEpochs() {
  std::uint64_t packages = 0;
  for (const Package& package : analysis_.packages) {
    if (!IsOfDistribution(package) || package.version_scheme != "rpm" || package.version.empty()) continue;
    ++packages;
    if (package.version.contains(':') || !package.purl.Qualifier("epoch").empty()) return;
  }
  if (packages > 0 && !thorough_)
    Add("no-epoch", packages,
        Format("{} rpm packages have no epoch: where there is one, versions are compared without it", packages));
}

void Assessment::CheckRecords() {
  if (assessed_.bad_records > 0)
    Add("unreadable-records", assessed_.bad_records, Format("{} records could not be read", assessed_.bad_records));
  if (assessed_.says_incomplete) Add("stated-incomplete", 0, "the document says of itself that it is not complete");
}

void Assessment::CheckLocations() {
  const auto without = static_cast<std::uint64_t>(
      std::ranges::count_if(analysis_.packages, [](const Package& package) { return package.locations.empty(); }));
  if (without > 0)
    Add("no-location", without,
        Format("{} packages have no location: the files that they were found in are not told", without), false);
}

void Assessment::CheckWhole() {
  const std::uint64_t packages = analysis_.packages.size(), unmatched = CountUnmatched();
  if (packages == 0)
    Add("no-packages", 0, "the document lists no packages: nothing was matched");
  else if (unmatched >= packages)
    Add("nothing-matched", packages, "no package of the document can be matched");
  else if (unmatched * 2 > packages)
    Add("mostly-unmatched", unmatched, Format("{} of {} packages cannot be matched", unmatched, packages));
  completeness.grade = unmatched >= packages        ? Grade::kF
                       : unmatched * 2 > packages   ? Grade::kD
                       : costs_findings_            ? Grade::kC
                       : !completeness.gaps.empty() ? Grade::kB
                                                    : Grade::kA;
}

}  // namespace

Completeness Assess(const Assessed& assessed, const Limits& limits, model::ImageAnalysis& analysis) {
  Assessment assessment(assessed, analysis);
  assessment.completeness.format = assessed.format;
  assessment.completeness.tool = assessed.tool;
  assessment.Run();
  std::vector<Problem>& problems = analysis.problems;
  problems.insert(problems.begin(), assessment.problems.begin(), assessment.problems.end());
  if (problems.size() > limits.problems_max) {
    analysis.problems_dropped += problems.size() - limits.problems_max;
    problems.resize(limits.problems_max);
  }
  return std::move(assessment.completeness);
}

}  // namespace holdfast::sbom
