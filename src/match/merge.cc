// An advisory's vulnerabilities are the CVEs among its id and aliases; of a distribution's advisory, which
// has none there, the CVEs it is about. An advisory without any CVE joins those that share an alias with
// it (PYSEC naming a GHSA that names the CVE), and otherwise stands for itself under its own id.

#include "match/merge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/format.h"
#include "match/cpe_search.h"
#include "match/decide.h"
#include "version/scheme.h"

namespace holdfast::match {
namespace {

using Indexes = std::vector<std::size_t>;

bool IsCve(std::string_view id) { return id.starts_with("CVE-"); }

std::set<std::string> CvesOf(const model::Advisory& advisory) {
  std::set<std::string> cves;
  if (IsCve(advisory.id)) cves.insert(advisory.id);
  for (const std::string& alias : advisory.aliases)
    if (IsCve(alias)) cves.insert(alias);
  if (!cves.empty()) return cves;
  for (const std::string& related : advisory.related)
    if (IsCve(related)) cves.insert(related);
  return cves;
}

// Groups by shared names, transitively: each group is found by its smallest index.
class Groups {
 public:
  explicit Groups(std::size_t size) : parents_(size) {
    for (std::size_t i = 0; i < size; ++i) parents_[i] = i;
  }
  std::size_t Find(std::size_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void Join(std::size_t a, std::size_t b) {
    a = Find(a);
    b = Find(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  Indexes parents_;
};

std::map<std::string, Indexes> ByVulnerability(const std::vector<Evidence>& evidence) {
  std::vector<std::set<std::string>> cves;
  Groups groups(evidence.size());
  std::map<std::string_view, std::size_t> first_with;
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const model::Advisory& advisory = *evidence[i].advisory;
    cves.push_back(CvesOf(advisory));
    const auto join = [&](std::string_view name) {
      const auto [known, fresh] = first_with.emplace(name, i);
      if (!fresh) groups.Join(known->second, i);
    };
    join(advisory.id);
    for (const std::string& alias : advisory.aliases) join(alias);
  }
  std::map<std::size_t, std::set<std::string>> cves_of_group;
  std::map<std::size_t, std::string> name_of_group;
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    cves_of_group[groups.Find(i)].insert(cves[i].begin(), cves[i].end());
    name_of_group.emplace(groups.Find(i), evidence[i].advisory->id);
  }
  std::map<std::string, Indexes> result;
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const std::size_t group = groups.Find(i);
    if (cves[i].empty()) cves[i] = cves_of_group[group];
    if (cves[i].empty()) cves[i] = {name_of_group[group]};
    for (const std::string& id : cves[i]) result[id].push_back(i);
  }
  return result;
}

// Best first: found directly, with a fix, severe, then by id.
void Rank(const std::vector<Evidence>& evidence, Indexes& indexes) {
  const auto rank = [&](std::size_t i) {
    const Hit& hit = *evidence[i].hit;
    return std::tuple(!hit.direct, hit.fixed_versions.empty(), -static_cast<int>(hit.severity),
                      std::string_view(hit.advisory_id));
  };
  std::ranges::sort(indexes, {}, rank);
}

template <typename T>
void AddMissing(std::vector<T>& into, const std::vector<T>& items) {
  for (const T& item : items)
    if (std::ranges::find(into, item) == into.end()) into.push_back(item);
}

void SortVersions(std::vector<std::string>& versions, std::string_view scheme_id) {
  const version::Scheme* scheme = version::FindScheme(scheme_id);
  std::ranges::sort(versions, [scheme](const std::string& a, const std::string& b) {
    if (scheme == nullptr) return a < b;
    const auto order = version::Compare(*scheme, a, b);
    return order && *order != 0 ? *order < 0 : a < b;
  });
}

// What one advisory calls fixed may still be affected by another about the same vulnerability. Where every
// version is, all are told: better a step in the right direction than none.
void DropStillAffected(std::vector<std::string>& versions, std::string_view scheme_id,
                       const std::vector<Evidence>& evidence, const Indexes& indexes) {
  const version::Scheme* scheme = version::FindScheme(scheme_id);
  if (scheme == nullptr || indexes.size() < 2) return;
  const auto still_affected = [&](const std::string& version) {
    return std::ranges::any_of(indexes, [&](std::size_t i) {
      const Hit& hit = *evidence[i].hit;
      return hit.held && hit.reason.version_scheme == scheme_id && Contains(*hit.held, *scheme, version);
    });
  };
  std::vector<std::string> fixed = versions;
  std::erase_if(fixed, still_affected);
  if (!fixed.empty()) versions = std::move(fixed);
}

// The names of the same vulnerability: not the other CVEs of an advisory about several.
std::vector<std::string> AliasesOf(std::string_view id, const std::vector<Evidence>& evidence, const Indexes& indexes) {
  std::set<std::string> names;
  for (const std::size_t i : indexes) {
    names.insert(evidence[i].advisory->id);
    for (const std::string& alias : evidence[i].advisory->aliases)
      if (!IsCve(alias)) names.insert(alias);
  }
  names.erase(std::string(id));
  return {names.begin(), names.end()};
}

std::string SourcesOf(const std::vector<Evidence>& evidence, const Indexes& indexes) {
  std::set<std::string_view> sources;
  for (const std::size_t i : indexes) sources.insert(evidence[i].advisory->source);
  std::string text;
  for (const std::string_view source : sources) {
    if (!text.empty()) text.push_back(',');
    text.append(source);
  }
  return text;
}

model::Finding MakeFinding(const std::string& id, const std::vector<Evidence>& evidence, Indexes indexes) {
  Rank(evidence, indexes);
  const Evidence& best = evidence[indexes.front()];
  model::Finding finding;
  finding.id = id;
  finding.advisory_id = best.advisory->id;
  finding.aliases = AliasesOf(id, evidence, indexes);
  finding.source = SourcesOf(evidence, indexes);
  finding.fix_state = best.hit->fix_state;
  finding.reason = best.hit->reason;
  finding.facts.id = id;
  bool fixed = false;  // for everybody
  for (const std::size_t i : indexes) {
    const auto& [hit, advisory] = evidence[i];
    finding.severity = std::max(finding.severity, hit->severity);  // the row's, else the advisory's
    if (finding.summary.empty()) finding.summary = advisory->summary;
    if (finding.published.empty() || (!advisory->published.empty() && advisory->published < finding.published))
      finding.published = advisory->published;
    AddMissing(finding.cvss, advisory->cvss);
    AddMissing(finding.references, advisory->references);
    AddMissing(finding.facts.cwes, advisory->cwes);
    // The same advisory database speaks of one version order; another scheme's versions mean nothing here.
    if (hit->reason.version_scheme != finding.reason.version_scheme) continue;
    AddMissing(finding.fixed_versions, hit->fixed_versions);
    fixed = fixed || (hit->fix_state == model::FixState::kFixed && !hit->fixed_versions.empty());
  }
  DropStillAffected(finding.fixed_versions, finding.reason.version_scheme, evidence, indexes);
  SortVersions(finding.fixed_versions, finding.reason.version_scheme);
  if (fixed) finding.fix_state = model::FixState::kFixed;
  return finding;
}

bool IsByCpe(const Evidence& evidence) { return evidence.hit->reason.matcher == kCpeMatcher; }

// What others say of the same vulnerability is about this package, and not about a product of that name.
void DropByCpeBesideOthers(const std::vector<Evidence>& evidence, Indexes& indexes) {
  const auto by_cpe = [&](std::size_t i) { return IsByCpe(evidence[i]); };
  if (!std::ranges::all_of(indexes, by_cpe)) std::erase_if(indexes, by_cpe);
}

// Denials by what they are about.
class Denials {
 public:
  explicit Denials(const std::vector<Counter>& counters) {
    for (const Counter& counter : counters)
      for (std::string& name : VulnerabilitiesOf(*counter.advisory)) by_name_.emplace(std::move(name), &counter);
  }

  // What denies the evidence for that vulnerability.
  [[nodiscard]] const Counter* Find(const std::string& id, const Evidence& evidence) const {
    const auto [begin, end] = by_name_.equal_range(id);
    for (auto row = begin; row != end; ++row)
      if (Outweighs(id, *row->second, evidence)) return row->second;
    return nullptr;
  }

 private:
  static bool Outweighs(const std::string& id, const Counter& counter, const Evidence& evidence) {
    if (IsByCpe(evidence)) return true;
    if (counter.denial->where != evidence.hit->where) return false;
    if (counter.denial->fixed.empty()) return true;
    return NamesItself(*counter.advisory, id) && !NamesItself(*evidence.advisory, id);
  }
  // Whether the advisory is about this vulnerability, and not a notice that covers it among others.
  static bool NamesItself(const model::Advisory& advisory, const std::string& id) {
    return advisory.id.ends_with(id) || std::ranges::find(advisory.aliases, id) != advisory.aliases.end();
  }

  std::multimap<std::string, const Counter*> by_name_;
};

}  // namespace

std::string DescribeDenial(const Denial& denial) {
  if (denial.fixed.empty()) return Format("{} is not affected", denial.looked_up);
  return Format("{} is fixed from {} on", denial.looked_up, denial.fixed);
}

std::vector<std::string> VulnerabilitiesOf(const model::Advisory& advisory) {
  const std::set<std::string> cves = CvesOf(advisory);
  if (!cves.empty()) return {cves.begin(), cves.end()};
  std::vector<std::string> names = advisory.aliases;
  names.push_back(advisory.id);
  return names;
}

Merged MakeFindings(const std::vector<Evidence>& evidence, const std::vector<Counter>& counters) {
  const Denials denials(counters);
  Merged merged;
  for (auto& [id, indexes] : ByVulnerability(evidence)) {
    Indexes left;
    const Counter* denied_by = nullptr;
    for (const std::size_t i : indexes) {
      if (const Counter* counter = denials.Find(id, evidence[i]))
        denied_by = counter;
      else
        left.push_back(i);
    }
    DropByCpeBesideOthers(evidence, left);
    if (!left.empty()) {
      merged.findings.push_back(MakeFinding(id, evidence, std::move(left)));
      continue;
    }
    model::SilencedFinding silenced;
    silenced.finding = MakeFinding(id, evidence, std::move(indexes));
    silenced.by = model::SilencedBy::kNotAffected;
    silenced.source = denied_by->advisory->id;
    silenced.statement = DescribeDenial(*denied_by->denial);
    merged.silenced.push_back(std::move(silenced));
  }
  return merged;
}

}  // namespace holdfast::match
