#include "match/matcher.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "match/cpe_search.h"
#include "match/distro.h"
#include "match/merge.h"
#include "match/owner.h"
#include "match/rating.h"
#include "match/search.h"

namespace holdfast::match {
namespace {

// Debian's and its derivatives', and RPM's: what is built from a kernel's source and has none of its code.
bool HasKernelHeadersOnly(const model::Package& package) {
  if (package.version_scheme == "rpm") return package.name == "kernel-headers";
  if (package.version_scheme != "dpkg") return false;
  return package.name == "linux-libc-dev" || package.name.starts_with("linux-headers-") ||
         package.name.starts_with("linux-kbuild-") || package.name.starts_with("linux-doc");
}

template <typename T, typename FindingOf>
void Sort(const model::ImageAnalysis& analysis, std::vector<T>& rows, FindingOf finding_of) {
  std::ranges::sort(rows, {}, [&](const T& row) {
    const model::Finding& finding = std::invoke(finding_of, row);
    return std::tuple(-static_cast<int>(finding.severity), std::string_view(analysis.packages[finding.package].name),
                      finding.package, std::string_view(finding.id));
  });
}

class Run {
 public:
  Run(const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories, const MatchOptions& options)
      : analysis_(analysis), advisories_(advisories), options_(options), distro_(EcosystemsOf(analysis.distro)) {
    for (const model::Relation& relation : analysis.relations)
      if (relation.kind == model::RelationKind::kOwns) owners_.emplace(relation.to, relation.from);
  }

  Result<MatchResult> All() {
    CheckCoverage();
    HF_CHECK_OK(CheckLife());
    for (std::uint32_t i = 0; i < analysis_.packages.size(); ++i) HF_CHECK_OK(One(i));
    HF_CHECK_OK(SilenceOwned());
    if (!options_.kernel_headers) SilenceHeaders();
    SortFindings(analysis_, result_);
    return std::move(result_);
  }

 private:
  void AddProblem(std::string path, ErrorKind kind, std::string message) {
    if (result_.problems.size() >= options_.limits.problems_max) {
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
    if (std::ranges::any_of(OwnEcosystemsOf(analysis_.distro), covered)) return;
    const model::Distro& distro = analysis_.distro;
    AddProblem({}, ErrorKind::kNotFound,
               distro.Known() ? Format("there are no advisories for {} {}: its packages were not matched", distro.id,
                                       distro.version_id)
                              : "the distribution is not known: its packages were not matched");
  }

  // A distribution that nobody looks after any more has no advisories about what was found since.
  Result<void> CheckLife() {
    const model::Distro& distro = analysis_.distro;
    std::string_view release = distro.version_id;
    while (!options_.today.empty() && !release.empty()) {
      HF_TRY(const auto life, advisories_.FindReleaseLife(distro.id, release));
      if (life) {
        if (!life->security_end.empty() && life->security_end < options_.today)
          AddProblem({}, ErrorKind::kNotFound,
                     Format("{} {} reached its end of life on {}: what was found since is not in its advisories",
                            distro.id, release, life->security_end));
        return {};
      }
      const std::size_t dot = release.rfind('.');
      release = release.substr(0, dot == std::string_view::npos ? 0 : dot);
    }
    return {};
  }

  Result<void> One(std::uint32_t index) {
    const model::Package& package = analysis_.packages[index];
    HF_TRY(SearchResult found, SearchPackage(package, distro_, advisories_));
    if (!found.problem.empty())
      AddProblem(package.locations.empty() ? std::string() : package.locations.front().path, ErrorKind::kUnsupported,
                 Format("{}: {}", package.name, found.problem));
    HF_CHECK_OK(AddByCpe(package, found));
    if (found.hits.empty()) return {};
    std::vector<Evidence> evidence;
    std::set<std::string_view> covered;  // by notices, among others
    for (const Hit& hit : found.hits) {
      HF_TRY(const model::Advisory* advisory, Fetch(hit.advisory_id));
      evidence.push_back({&hit, advisory});
      covered.insert(advisory->related.begin(), advisory->related.end());
    }
    if (!covered.empty()) HF_CHECK_OK(AddFixes(package, covered, found.denials));
    HF_TRY(const auto counters, FetchCounters(found.denials));
    Merged merged = MakeFindings(evidence, counters);
    for (model::Finding& finding : merged.findings) {
      HF_CHECK_OK(Complete(finding, index));
      result_.findings.push_back(std::move(finding));
    }
    for (model::SilencedFinding& silenced : merged.silenced) {
      HF_CHECK_OK(Complete(silenced.finding, index));
      result_.silenced.push_back(std::move(silenced));
    }
    return {};
  }

  [[nodiscard]] bool AsksByCpe(const model::Package& package) const {
    if (options_.cpe != CpeSearch::kNoEcosystem) return options_.cpe == CpeSearch::kAll;
    return std::ranges::none_of(QueriesOf(package, distro_), [this](const Query& query) {
      return advisories_.Covers(query.where.ecosystem, query.where.release);
    });
  }

  // With all denials where there are hits, since any of them may silence one.
  Result<void> AddByCpe(const model::Package& package, SearchResult& found) {
    if (!AsksByCpe(package)) return {};
    HF_TRY(auto hits, SearchByCpe(package, analysis_.distro, advisories_));
    if (hits.empty()) return {};
    HF_TRY(auto all, SearchPackage(package, distro_, advisories_, {.with_fixed = true}));
    found.denials = std::move(all.denials);
    std::ranges::move(hits, std::back_inserter(found.hits));
    return {};
  }

  // Only a notice about several vulnerabilities can be contradicted by what says that one of them is fixed: a statement
  // that is called after it. The many notices that are fixed themselves are not fetched for that.
  Result<void> AddFixes(const model::Package& package, const std::set<std::string_view>& covered,
                        std::vector<Denial>& denials) {
    HF_TRY(const auto all, SearchPackage(package, distro_, advisories_, {.with_fixed = true}));
    for (const Denial& denial : all.denials) {
      const std::size_t cve = denial.advisory_id.rfind("CVE-");
      if (denial.fixed.empty() || cve == std::string::npos) continue;
      if (covered.contains(std::string_view(denial.advisory_id).substr(cve))) denials.push_back(denial);
    }
    return {};
  }

  Result<std::vector<Counter>> FetchCounters(const std::vector<Denial>& denials) {
    std::vector<Counter> counters;
    counters.reserve(denials.size());
    for (const Denial& denial : denials) {
      HF_TRY(const model::Advisory* advisory, Fetch(denial.advisory_id));
      counters.push_back({&denial, advisory});
    }
    return counters;
  }

  // With what is known apart from advisories.
  Result<void> Complete(model::Finding& finding, std::uint32_t index) {
    finding.package = index;
    const auto owner = owners_.find(index);
    if (owner != owners_.end()) finding.owned_by = owner->second;
    HF_TRY(auto facts, advisories_.FindFacts(finding.id));
    if (facts) {
      for (std::string& cwe : finding.facts.cwes)
        if (std::ranges::find(facts->cwes, cwe) == facts->cwes.end()) facts->cwes.push_back(std::move(cwe));
      finding.facts = *std::move(facts);
    }
    finding.severity = SeverityOf(finding, options_.severity);
    finding.risk = RiskOf(finding);
    return {};
  }

  // An owner is asked once, and only when something that it owns has findings.
  Result<void> SilenceOwned() {
    std::map<std::int64_t, OwnerStatements> owners;
    for (const model::Finding& finding : result_.findings)
      if (finding.owned_by >= 0) owners.try_emplace(finding.owned_by);
    if (owners.empty()) return {};
    for (const model::Finding& finding : result_.findings)
      if (const auto owner = owners.find(finding.package); owner != owners.end()) owner->second.Found(finding);
    for (auto& [index, statements] : owners) {
      HF_TRY(const auto found, SearchPackage(analysis_.packages[static_cast<std::size_t>(index)], distro_, advisories_,
                                             {.with_fixed = true}));
      HF_TRY(const auto counters, FetchCounters(found.denials));
      for (const Counter& counter : counters) statements.Denies(counter);
    }
    MoveSilenced(result_, [&](const model::Finding& finding) -> std::optional<model::SilencedFinding> {
      const auto owner = owners.find(finding.owned_by);
      return owner == owners.end() ? std::nullopt : owner->second.Silence(finding);
    });
    return {};
  }

  void SilenceHeaders() {
    MoveSilenced(result_, [this](const model::Finding& finding) -> std::optional<model::SilencedFinding> {
      const model::Package& package = analysis_.packages[finding.package];
      if (!HasKernelHeadersOnly(package)) return std::nullopt;
      return model::SilencedFinding{finding,    model::SilencedBy::kNoCode,
                                    "holdfast", Format("{} has a kernel's headers, and none of its code", package.name),
                                    {},         {},
                                    {}};
    });
  }

  Result<const model::Advisory*> Fetch(const std::string& id) {
    const auto known = fetched_.find(id);
    if (known != fetched_.end()) return &known->second;
    HF_TRY(auto advisory, advisories_.FindAdvisory(id));
    if (!advisory) return Fail(ErrorKind::kCorrupt, Format("the advisory snapshot names {} but does not hold it", id));
    return &fetched_.emplace(id, *std::move(advisory)).first->second;
  }

  const model::ImageAnalysis& analysis_;
  const AdvisoryLookup& advisories_;
  const MatchOptions& options_;
  std::vector<model::EcosystemRelease> distro_;
  std::map<std::uint32_t, std::uint32_t> owners_;
  std::map<std::string, model::Advisory> fetched_;
  MatchResult result_;
};

}  // namespace

void SortFindings(const model::ImageAnalysis& analysis, MatchResult& result) {
  Sort(analysis, result.findings, std::identity());
  Sort(analysis, result.silenced, &model::SilencedFinding::finding);
}

Result<MatchResult> Match(const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories,
                          const MatchOptions& options) {
  return Run(analysis, advisories, options).All();
}

}  // namespace holdfast::match
