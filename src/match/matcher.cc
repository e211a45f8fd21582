#include "match/matcher.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "match/distro.h"
#include "match/merge.h"
#include "match/search.h"

namespace holdfast::match {
namespace {

class Run {
 public:
  Run(const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories, const Limits& limits)
      : analysis_(analysis), advisories_(advisories), limits_(limits), distro_(EcosystemsOf(analysis.distro)) {
    for (const model::Relation& relation : analysis.relations)
      if (relation.kind == model::RelationKind::kOwns) owners_.emplace(relation.to, relation.from);
  }

  Result<MatchResult> All() {
    CheckCoverage();
    for (std::uint32_t i = 0; i < analysis_.packages.size(); ++i) HF_CHECK_OK(One(i));
    Sort();
    return std::move(result_);
  }

 private:
  void AddProblem(std::string path, ErrorKind kind, std::string message) {
    if (result_.problems.size() >= limits_.problems_max) {
      ++result_.problems_dropped;
      return;
    }
    result_.problems.push_back({std::move(path), kind, std::move(message)});
  }

  // A clean report must not come from missing data.
  void CheckCoverage() {
    const auto needs_distro = [](const model::Package& package) {
      return package.ecosystem.empty() &&
             (package.version_scheme == "dpkg" || package.version_scheme == "rpm" || package.version_scheme == "apk");
    };
    if (std::ranges::any_of(analysis_.packages, needs_distro)) CheckDistroCoverage();
    std::set<std::string_view> ecosystems;
    for (const model::Package& package : analysis_.packages)
      if (!package.ecosystem.empty()) ecosystems.insert(package.ecosystem);
    for (const std::string_view ecosystem : ecosystems)
      if (!advisories_.Covers(ecosystem, ""))
        AddProblem({}, ErrorKind::kNotFound, Format("there are no advisories for {} packages", ecosystem));
  }

  void CheckDistroCoverage() {
    const auto covered = [this](const model::EcosystemRelease& where) {
      return advisories_.Covers(where.ecosystem, where.release);
    };
    if (std::ranges::any_of(distro_, covered)) return;
    const model::Distro& distro = analysis_.distro;
    AddProblem({}, ErrorKind::kNotFound,
               distro.Known() ? Format("there are no advisories for {} {}: its packages were not matched", distro.id,
                                       distro.version_id)
                              : "the distribution is not known: its packages were not matched");
  }

  Result<void> One(std::uint32_t index) {
    const model::Package& package = analysis_.packages[index];
    HF_TRY(const SearchResult found, SearchPackage(package, distro_, advisories_));
    if (!found.problem.empty())
      AddProblem(package.locations.empty() ? std::string() : package.locations.front().path, ErrorKind::kUnsupported,
                 Format("{}: {}", package.name, found.problem));
    std::vector<Evidence> evidence;
    for (const Hit& hit : found.hits) {
      HF_TRY(const model::Advisory* advisory, Fetch(hit.advisory_id));
      evidence.push_back({&hit, advisory});
    }
    const auto owner = owners_.find(index);
    for (model::Finding& finding : MakeFindings(evidence)) {
      finding.package = index;
      if (owner != owners_.end()) finding.owned_by = owner->second;
      result_.findings.push_back(std::move(finding));
    }
    return {};
  }

  Result<const model::Advisory*> Fetch(const std::string& id) {
    const auto known = fetched_.find(id);
    if (known != fetched_.end()) return &known->second;
    HF_TRY(auto advisory, advisories_.FindAdvisory(id));
    if (!advisory) return Fail(ErrorKind::kCorrupt, Format("the advisory snapshot names {} but does not hold it", id));
    return &fetched_.emplace(id, *std::move(advisory)).first->second;
  }

  void Sort() {
    std::ranges::sort(result_.findings, {}, [this](const model::Finding& finding) {
      return std::tuple(-static_cast<int>(finding.severity), std::string_view(analysis_.packages[finding.package].name),
                        finding.package, std::string_view(finding.id));
    });
  }

  const model::ImageAnalysis& analysis_;
  const AdvisoryLookup& advisories_;
  const Limits& limits_;
  std::vector<model::EcosystemRelease> distro_;
  std::map<std::uint32_t, std::uint32_t> owners_;
  std::map<std::string, model::Advisory> fetched_;
  MatchResult result_;
};

}  // namespace

Result<MatchResult> Match(const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories,
                          const Limits& limits) {
  return Run(analysis, advisories, limits).All();
}

}  // namespace holdfast::match
