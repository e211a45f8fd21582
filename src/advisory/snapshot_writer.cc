#include "advisory/snapshot_writer.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "advisory/record.h"
#include "advisory/record_cursor.h"
#include "advisory/snapshot_file.h"
#include "advisory/snapshot_format.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

bool InRange(const version::Scheme& scheme, const model::VersionRange& range, std::string_view version) {
  const auto compare = [&](std::string_view bound) { return version::Compare(scheme, version, bound); };
  if (range.introduced != "0") {
    const auto start = compare(range.introduced);
    if (!start || *start < 0) return false;
  }
  if (range.fixed) {
    const auto end = compare(*range.fixed);
    return end && *end < 0;
  }
  if (range.last_affected) {
    const auto end = compare(*range.last_affected);
    return end && *end <= 0;
  }
  return compare(version).has_value();
}

// PyPI's advisories list every affected version beside the ranges that say the same. What a range
// covers need not be stored.
std::vector<std::string> VersionsBesideRanges(const model::Affected& affected) {
  const version::Scheme* scheme = version::FindScheme(affected.version_scheme);
  std::vector<std::string> versions;
  for (const std::string& version : affected.versions)
    if (scheme == nullptr ||
        std::ranges::none_of(affected.ranges, [&](const auto& range) { return InRange(*scheme, range, version); }))
      versions.push_back(version);
  return versions;
}

// Under which it can be looked up.
std::set<std::string> NamesOf(const model::Advisory& advisory) {
  std::set<std::string> all = {advisory.id};
  for (const auto* names : {&advisory.aliases, &advisory.related})
    for (const std::string& name : *names)
      if (name.size() < kKeyBytesMax) all.insert(name);
  return all;
}

}  // namespace

// What a publisher's list of all that holds today says has no date, and counts for more than somebody's copy of a part
// of it, however new. The rest only makes the outcome independent of the order.
bool SnapshotWriter::Pending::LosesTo(const Pending& other) const {
  const bool undated = modified.empty();
  const bool other_undated = other.modified.empty();
  return std::tie(undated, modified, cold, rows, details) <
         std::tie(other_undated, other.modified, other.cold, other.rows, other.details);
}

void SnapshotWriter::Add(const model::Advisory& advisory, std::string_view source) {
  Pending pending;
  pending.modified = advisory.modified;
  pending.source = source;
  pending.cold = EncodeAdvisory(advisory);
  pending.details = advisory.details;
  pending.withdrawn = !advisory.withdrawn.empty();
  pending.names = NamesOf(advisory);
  for (const model::Affected& affected : advisory.affected) {
    if (pending.withdrawn) break;
    model::Affected stored = affected;
    stored.versions = VersionsBesideRanges(affected);
    pending.releases.insert({affected.ecosystem, affected.release});
    pending.rows.emplace_back(PackageKey(affected.ecosystem, affected.release,
                                         model::NormalisePackageName(affected.ecosystem, affected.package)),
                              EncodeAffectedRow(advisory, stored));
  }
  Keep(advisory.id, std::move(pending));
}

void SnapshotWriter::Keep(std::string id, Pending pending) {
  const auto known = advisories_.find(id);
  if (known == advisories_.end()) {
    advisories_.emplace(std::move(id), std::move(pending));
  } else if (known->second.LosesTo(pending)) {
    known->second = std::move(pending);
  }
}

void SnapshotWriter::KeepLife(std::string key, std::string record) {
  std::string& kept = lives_[std::move(key)];
  if (kept < record) kept = std::move(record);
}

void SnapshotWriter::CountSource(const std::string& name, const SnapshotSource& theirs) {
  SnapshotSource& mine = sources_[name];
  mine.facts += theirs.facts;
  mine.newest_modified = std::max(mine.newest_modified, theirs.newest_modified);
  mine.read = std::max(mine.read, theirs.read);
}

void SnapshotWriter::Merge(SnapshotWriter&& other) {
  for (auto& [id, pending] : other.advisories_) Keep(id, std::move(pending));
  facts_.Merge(std::move(other.facts_));
  for (auto& [key, record] : other.lives_) KeepLife(key, std::move(record));
  for (const auto& [name, theirs] : other.sources_) {
    CountSource(name, theirs);
    SnapshotSource& mine = sources_[name];
    mine.failure = std::max(mine.failure, theirs.failure);
  }
  other = {};
}

Result<SnapshotWriter::Pending> SnapshotWriter::PendingOf(std::string_view id, std::string_view cold,
                                                          std::string_view source) {
  HF_TRY(const model::Advisory advisory, DecodeAdvisory(cold));
  if (advisory.id != id) return Fail(ErrorKind::kCorrupt, "an advisory under another's name");
  Pending pending;
  pending.modified = advisory.modified;
  pending.source = source;
  pending.cold = cold;
  pending.withdrawn = !advisory.withdrawn.empty();
  pending.names = NamesOf(advisory);
  if (pending.withdrawn) return pending;
  for (const model::Affected& affected : advisory.affected)
    pending.releases.insert({affected.ecosystem, affected.release});
  return pending;
}

// Keys come in order: advisories before their details and packages, facts before descriptions.
Result<void> SnapshotWriter::AddRecord(std::string_view key, std::string_view value, const SnapshotSource& source,
                                       std::map<std::string, Pending>& advisories) {
  const std::string_view letter = key.substr(0, 1);
  const std::string name(key.substr(1));
  if (letter == kColdKey) {
    HF_TRY(advisories[name], PendingOf(name, value, source.name));
  } else if (letter == kDetailsKey) {
    advisories[name].details = value;
  } else if (letter == kEpssKey) {
    // The day of the score is not kept; that of the source is at most as late.
    model::VulnerabilityFacts facts;
    facts.id = name;
    facts.modified = source.newest_modified;
    HF_TRY(facts.epss, DecodeEpss(value));
    facts_.Add(facts);
  } else if (letter == "l") {
    KeepLife(std::string(key), std::string(value));
  } else if (letter == "p" || letter == "q") {
    return VisitAffectedRows(value, [&](const model::AffectedView& view, std::string_view row) {
      advisories[std::string(view.advisory_id)].rows.emplace_back(key, row);
    });
  }
  return {};
}

Result<void> SnapshotWriter::AddSnapshot(const Snapshot& snapshot) {
  if (snapshot.Info().sources.size() != 1)
    return Fail(ErrorKind::kInvalidInput, "it is no advisory snapshot of one source");
  const SnapshotSource& source = snapshot.Info().sources.front();
  std::map<std::string, Pending> advisories;
  HF_TRY(RecordCursor cursor, RecordCursor::Open(snapshot));
  while (true) {
    HF_TRY(const bool standing, cursor.Next());
    if (!standing) break;
    if (!cursor.Key().starts_with(kFactsKey)) {
      HF_CHECK_OK(AddRecord(cursor.Key(), cursor.Value(), source, advisories));
      continue;
    }
    const std::string_view cve = cursor.Key().substr(1);
    HF_TRY(model::VulnerabilityFacts facts, DecodeFacts(cve, cursor.Value()));
    HF_TRY(const auto description, snapshot.FindDescription(cve));
    facts.description = description.value_or("");
    facts_.Add(facts);
  }
  for (auto& [id, pending] : advisories) {
    if (pending.cold.empty()) return Fail(ErrorKind::kCorrupt, "an advisory without its record");
    Keep(id, std::move(pending));
  }
  CountSource(source.name, source);
  return {};
}

void SnapshotWriter::SetFailure(std::string_view source, std::string failure) {
  sources_[std::string(source)].failure = std::move(failure);
}

std::uint64_t SnapshotWriter::Size() const {
  std::uint64_t size = advisories_.size();
  for (const auto& [name, source] : sources_) size += source.facts;
  return size;
}

void SnapshotWriter::AddFacts(const model::VulnerabilityFacts& facts, std::string_view source) {
  if (facts.id.empty() || facts.id.size() >= kKeyBytesMax) return;
  SnapshotSource& counted = sources_[std::string(source)];
  ++counted.facts;
  counted.newest_modified = std::max(counted.newest_modified, facts.modified);
  facts_.Add(facts);
}

void SnapshotWriter::AddReleaseLife(const model::ReleaseLife& life, std::string_view source) {
  std::string key = ReleaseLifeKey(life.distro_id, life.release);
  if (key.size() > kKeyBytesMax) return;
  ++sources_[std::string(source)].facts;
  KeepLife(std::move(key), EncodeReleaseLife(life));
}

SnapshotWriter::PackageRows SnapshotWriter::GatherRows() const {
  PackageRows packages;
  for (const auto& [id, advisory] : advisories_)
    for (const auto& [key, row] : advisory.rows) packages[key].push_back(row);
  // Advisories for several repositories of one release say the same thing of a package more than once.
  for (auto& [key, rows] : packages) {
    std::ranges::sort(rows);
    const auto repeated = std::ranges::unique(rows);
    rows.erase(repeated.begin(), repeated.end());
  }
  return packages;
}

SnapshotInfo SnapshotWriter::Summarise(const PackageRows& rows) const {
  SnapshotInfo info;
  info.advisories = advisories_.size();
  info.packages = rows.size();
  info.vulnerabilities = facts_.Size();
  std::map<std::string, SnapshotSource> sources = sources_;
  std::map<model::EcosystemRelease, std::set<std::string_view>> coverage;
  for (const auto& [id, advisory] : advisories_) {
    SnapshotSource& source = sources[advisory.source];
    ++source.advisories;
    source.newest_modified = std::max(source.newest_modified, advisory.modified);
    info.withdrawn += advisory.withdrawn ? 1U : 0U;
    for (const auto& release : advisory.releases) {
      auto& keys = coverage[release];
      const std::string prefix = PackageKey(release.ecosystem, release.release, "");
      for (const auto& [key, row] : advisory.rows)
        if (key.starts_with(prefix) || key.starts_with('q')) keys.insert(key);
    }
  }
  for (auto& [name, source] : sources) {
    source.name = name;
    info.sources.push_back(std::move(source));
  }
  for (const auto& [release, keys] : coverage) info.coverage.push_back({release, keys.size()});
  return info;
}

Result<void> SnapshotWriter::AppendAll(SnapshotFile& file, const PackageRows& packages) const {
  std::map<std::string_view, std::vector<std::string_view>> by_name;
  for (const auto& [id, advisory] : advisories_)
    for (const std::string& name : advisory.names) by_name[name].push_back(id);
  const auto append = [&file](std::string_view letter, std::string_view name, std::string_view value) {
    return file.Append(std::string(letter).append(name), value);
  };
  for (const auto& [id, advisory] : advisories_) HF_CHECK_OK(append(kColdKey, id, advisory.cold));
  for (const auto& [name, ids] : by_name) HF_CHECK_OK(append(kAliasKey, name, EncodeTexts({ids.begin(), ids.end()})));
  for (const auto& [id, advisory] : advisories_)
    if (!advisory.details.empty()) HF_CHECK_OK(append(kDetailsKey, id, advisory.details));
  HF_CHECK_OK(facts_.VisitEpss(std::bind_front(append, kEpssKey)));
  HF_CHECK_OK(facts_.VisitFacts(std::bind_front(append, kFactsKey)));
  HF_CHECK_OK(facts_.VisitDescriptions(std::bind_front(append, kDescriptionKey)));
  for (const auto& [key, record] : lives_) HF_CHECK_OK(file.Append(key, record));
  for (const auto& [key, rows] : packages) HF_CHECK_OK(file.Append(key, EncodeAffectedRecord(rows)));
  return {};
}

Result<SnapshotInfo> SnapshotWriter::Write(const std::filesystem::path& path, std::string_view built) const {
  const PackageRows packages = GatherRows();
  SnapshotInfo info = Summarise(packages);
  SnapshotFile file(path);
  HF_CHECK_OK(file.Create());
  HF_CHECK_OK(AppendAll(file, packages));
  info.built = built;
  for (SnapshotSource& source : info.sources)
    if (source.read.empty()) source.read = built;
  info.content = Digest(file.ContentDigest());
  HF_CHECK_OK(file.Finish(info));
  return info;
}

}  // namespace holdfast::advisory
