#include "match/search.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "match/decide.h"

namespace holdfast::match {
namespace {

constexpr std::size_t kNamesMax = 64;  // advisory names or source packages of one package

std::string_view SchemeOf(const model::Package& package, const model::EcosystemInfo* info) {
  if (!package.version_scheme.empty()) return package.version_scheme;
  return info != nullptr ? info->version_scheme : std::string_view();
}

Candidate CandidateOf(const model::Package& package, std::string_view version, std::string_view scheme) {
  Candidate candidate;
  candidate.version = version;
  candidate.scheme_id = scheme;
  candidate.architecture = package.architecture;
  candidate.module_label = package.module_label;
  return candidate;
}

// The source RPM is known by its file name, which leaves the epoch out; packages built together share it,
// so the package's own is taken where the versions are otherwise the same, and else none is compared.
Candidate SourceCandidate(const model::Package& package, const model::Upstream& upstream) {
  std::string_view version = upstream.version.empty() ? std::string_view(package.version) : upstream.version;
  bool without_epoch = false;
  if (package.version_scheme == "rpm" && !version.contains(':')) {
    const std::string_view own = package.version;
    if (own.substr(own.find(':') + 1) == version)
      version = own;
    else
      without_epoch = true;
  }
  Candidate candidate = CandidateOf(package, version, package.version_scheme);
  candidate.from_source = true;
  candidate.without_epoch = without_epoch;
  return candidate;
}

// Who built a package is known of those that were installed, and not of all that documents list. A package that moved
// from EPEL into the distribution is not the one that EPEL's advisories speak of.
bool MayBeOfFedora(const model::Package& package) {
  return package.supplier.empty() || package.supplier.contains("Fedora Project");
}

void AddDistroQueries(const model::Package& package, const model::EcosystemRelease& where,
                      std::vector<Query>& queries) {
  const model::EcosystemInfo* info = model::FindEcosystem(where.ecosystem);
  if (info == nullptr || package.version_scheme != info->version_scheme) return;
  if (where.ecosystem == "EPEL" && !MayBeOfFedora(package)) return;
  const bool by_source = info->advisory_names != model::AdvisoryNames::kBinaryPackages && !package.upstreams.empty();
  const bool marked = info->advisory_names == model::AdvisoryNames::kBinaryPackagesAndMarkedSources;
  // The own name comes first: where both find the same advisory, this is the reason that is told.
  if (!by_source || marked || info->advisory_names == model::AdvisoryNames::kBoth)
    queries.push_back(
        {where, package.name, "distro-package", CandidateOf(package, package.version, package.version_scheme)});
  std::size_t sources = 0;
  for (const model::Upstream& upstream : package.upstreams) {
    if (!by_source || ++sources > kNamesMax) break;
    queries.push_back({where, upstream.name, "distro-source", SourceCandidate(package, upstream)});
    queries.back().candidate.marked_only = marked;
  }
}

// Go's toolchain writes "go1.21.3", advisories "1.21.3".
std::string_view LanguageVersion(const model::Package& package) {
  std::string_view version = package.version;
  if (package.ecosystem == "Go" && version.starts_with("go")) version.remove_prefix(2);
  return version;
}

void AddLanguageQueries(const model::Package& package, std::vector<Query>& queries) {
  const model::EcosystemInfo* info = model::FindEcosystem(package.ecosystem);
  std::vector<std::string> names;
  for (const std::string& name : package.advisory_names) {
    if (names.size() == kNamesMax) break;
    names.push_back(model::NormalisePackageName(package.ecosystem, name));
  }
  if (names.empty()) names.push_back(model::NormalisePackageName(package.ecosystem, package.name));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  for (std::string& name : names)
    queries.push_back({{package.ecosystem, ""},
                       std::move(name),
                       "language",
                       CandidateOf(package, LanguageVersion(package), SchemeOf(package, info))});
}

Result<void> Ask(const Query& query, const AdvisoryLookup& advisories, const SearchOptions& options,
                 SearchResult& result) {
  const auto deny = [&](const model::AffectedView& row, std::string fixed) {
    result.denials.push_back({std::string(row.advisory_id), query.where, query.Text(), std::move(fixed)});
  };
  return advisories.Visit(query.where.ecosystem, query.where.release, query.name, [&](const model::AffectedView& row) {
    Decision decision = Decide(row, query.candidate);
    if (decision.outcome == Outcome::kHolds) {
      result.hits.push_back(MakeHit(row, query, std::move(decision)));
    } else if (decision.outcome == Outcome::kUndecided) {
      if (result.problem.empty()) result.problem = std::move(decision.problem);
    } else if (Denies(row, query.candidate)) {
      deny(row, "");
    } else if (options.with_fixed) {
      if (std::string fixed = FixPassed(row, query.candidate); !fixed.empty()) deny(row, std::move(fixed));
    }
  });
}

// One hit for each advisory: a direct one if there is any, else the first asked for. Fixed versions of
// several rows (one for each repository, say) are told together.
void Merge(std::vector<Hit>& hits) {
  std::vector<std::size_t> order(hits.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(std::string_view(hits[a].advisory_id), !hits[a].direct, a) <
           std::tuple(std::string_view(hits[b].advisory_id), !hits[b].direct, b);
  });
  std::vector<Hit> merged;
  for (const std::size_t i : order) {
    if (merged.empty() || merged.back().advisory_id != hits[i].advisory_id) {
      merged.push_back(std::move(hits[i]));
      continue;
    }
    Hit& kept = merged.back();
    kept.severity = std::max(kept.severity, hits[i].severity);
    if (kept.direct != hits[i].direct) continue;
    for (std::string& fixed : hits[i].fixed_versions)
      if (std::ranges::find(kept.fixed_versions, fixed) == kept.fixed_versions.end())
        kept.fixed_versions.push_back(std::move(fixed));
  }
  hits = std::move(merged);
}

}  // namespace

std::string Query::Text() const {
  return where.release.empty() ? Format("{} {}", where.ecosystem, name)
                               : Format("{}:{} {}", where.ecosystem, where.release, name);
}

Hit MakeHit(const model::AffectedView& row, const Query& query, Decision decision) {
  Hit hit;
  hit.advisory_id = row.advisory_id;
  hit.severity = row.severity;
  hit.fix_state = row.fix_state;
  hit.fixed_versions = FixedVersions(row, query.candidate);
  hit.held = std::move(decision.held);
  hit.where = query.where;
  hit.direct = query.matcher != "distro-source";
  hit.reason.matcher = query.matcher;
  hit.reason.looked_up = query.Text();
  hit.reason.compared_version = query.candidate.version;
  hit.reason.version_scheme = query.candidate.scheme_id;
  hit.reason.range = std::move(decision.range);
  return hit;
}

std::vector<Query> QueriesOf(const model::Package& package, const std::vector<model::EcosystemRelease>& distro) {
  std::vector<Query> queries;
  if (!package.ecosystem.empty()) {
    AddLanguageQueries(package, queries);
  } else {
    for (const model::EcosystemRelease& where : distro) AddDistroQueries(package, where, queries);
  }
  for (Query& query : queries) Prepare(query.candidate);
  return queries;
}

Result<SearchResult> SearchPackage(const model::Package& package, const std::vector<model::EcosystemRelease>& distro,
                                   const AdvisoryLookup& advisories, const SearchOptions& options) {
  SearchResult result;
  for (const Query& query : QueriesOf(package, distro)) HF_CHECK_OK(Ask(query, advisories, options, result));
  Merge(result.hits);
  return result;
}

}  // namespace holdfast::match
