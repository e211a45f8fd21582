// A fix ends what else is said of a package in its release: documents state "affected" for the minor releases before
// it.
//
// Several fixes. A main release gets its fix in the minor release of the day, streams of extended support get it in
// theirs, and packages of a stream are found in images of the main release, whose os-release is the same. Their builds
// bear the minor release in their dist tag: from "2.9.7-13.el8_6.4" on, up to "2.9.7-13.el8_7", there are only later
// builds for 8.6 of the same base. So that span is left out of what is affected below the main release's fix, whoever
// got the lower fix. A lower fix without such a tag, or one that the same minor release fixed again, changes nothing.

#include "advisory/redhat/redhat_rows.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kLifeCycleSupport = "rhel_els:";
constexpr std::size_t kBackportsMax = 64;  // of one package: there are four kinds of streams of some ten minor releases

bool Higher(std::string_view a, std::string_view b) {
  static constexpr std::string_view kScheme = "rpm";
  const auto order = version::Compare(*version::FindScheme(kScheme), a, b);
  return order ? *order > 0 : a > b;
}

// "Fix deferred" was written under either category. Details are a word or two here; many products share them.
bool LeavesHope(const CsafStatement& statement) {
  return statement.remedy != CsafRemedy::kNoFixPlanned || statement.remedy_details == "Fix deferred";
}

model::FixState StateOf(CsafStatus status, bool may_be_fixed) {
  switch (status) {
    case CsafStatus::kFixed: return model::FixState::kFixed;
    case CsafStatus::kAffected: return may_be_fixed ? model::FixState::kNotFixed : model::FixState::kWontFix;
    case CsafStatus::kUnderInvestigation: return model::FixState::kUnderInvestigation;
    case CsafStatus::kNotAffected: return model::FixState::kNotAffected;
  }
  return model::FixState::kUnknown;
}

// The same fixes for every architecture are one fix.
bool AllEqual(const std::map<std::string, std::set<std::string>>& fixes) {
  return std::ranges::all_of(fixes, [&](const auto& fix) { return fix.second == fixes.begin()->second; });
}

const std::string& Highest(const std::set<std::string>& evrs) {
  return *std::ranges::max_element(evrs, [](const auto& a, const auto& b) { return Higher(b, a); });
}

struct MinorRelease {
  std::string tag;  // "el8_6"
  std::string end;  // of "2.9.7-13.el8_6.4": "2.9.7-13.el8_7"
};

// Nothing without a dist tag of a minor release.
std::optional<MinorRelease> MinorReleaseOf(std::string_view evr) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t tag = evr.find(".el", std::min(evr.size(), evr.rfind('-')));
  if (tag == std::string_view::npos) return std::nullopt;
  const std::size_t major_end = evr.find_first_not_of(kDigits, tag + 3);
  if (major_end == std::string_view::npos || major_end == tag + 3 || evr[major_end] != '_') return std::nullopt;
  const std::size_t minor = major_end + 1;
  const std::size_t minor_end = std::min(evr.size(), evr.find_first_not_of(kDigits, minor));
  if (minor_end == minor || minor_end - minor > 2) return std::nullopt;
  int number = 0;
  for (const char c : evr.substr(minor, minor_end - minor)) number = number * 10 + (c - '0');
  return MinorRelease{std::string(evr.substr(tag + 1, minor_end - tag - 1)),
                      Format("{}{}", evr.substr(0, minor), number + 1)};
}

// Versions that a lower fix has made safe.
struct Span {
  std::string from, end;
  bool of_release = false;  // not of a stream
};

// Below `top`, ascending and apart; of several fixes in one minor release the highest counts.
std::vector<Span> SafeSpans(const std::string& top, const std::set<std::string>& fixes,
                            const std::set<std::string>& backports) {
  std::map<std::string, Span> by_tag;
  const auto add = [&](const std::string& evr, bool of_release) {
    const auto minor = MinorReleaseOf(evr);
    if (!minor || !Higher(top, evr)) return;
    Span& span = by_tag[minor->tag];
    if (span.from.empty() || Higher(evr, span.from)) span = {evr, minor->end, of_release};
  };
  for (const std::string& evr : fixes) add(evr, true);
  for (const std::string& evr : backports)
    if (!fixes.contains(evr)) add(evr, false);
  if (const auto own = MinorReleaseOf(top)) by_tag.erase(own->tag);
  std::vector<Span> spans;
  for (auto& [tag, span] : by_tag)
    if (!Higher(span.end, top)) spans.push_back(std::move(span));
  std::ranges::sort(spans, [](const Span& a, const Span& b) { return Higher(b.from, a.from); });
  return spans;
}

std::vector<model::VersionRange> RangesOf(const std::set<std::string>& fixes, const std::set<std::string>& backports) {
  const std::string& top = Highest(fixes);
  std::vector<model::VersionRange> ranges;
  std::string start = "0";
  for (const Span& span : SafeSpans(top, fixes, backports)) {
    model::VersionRange range{start, std::nullopt, std::nullopt};
    // What only a stream has is no fix to be told of: nothing lies between "4~" and "4".
    (span.of_release ? range.fixed : range.last_affected) = span.of_release ? span.from : span.from + "~";
    ranges.push_back(std::move(range));
    start = span.end;
  }
  ranges.push_back({start, top, std::nullopt});
  return ranges;
}

// "rhel_eus:9.2" → "9"; empty for what is no stream of extended support.
std::string MainReleaseOf(std::string_view release) {
  for (const std::string_view stream : {"rhel_eus:", "rhel_aus:", "rhel_e4s:", "rhel_tus:"})
    if (release.starts_with(stream)) {
      release.remove_prefix(stream.size());
      return std::string(release.substr(0, release.find('.')));
    }
  return {};
}

}  // namespace

void RedHatRows::Merge(Said& said, const RedHatBuild& build, const CsafStatement& statement) {
  if (statement.status == CsafStatus::kFixed) said.fixes[build.architecture].insert(build.evr);
  said.status = std::max(said.status, std::optional(statement.status));
  said.may_be_fixed = said.may_be_fixed || (statement.status == CsafStatus::kAffected && LeavesHope(statement));
}

void RedHatRows::Add(const RedHatBuild& build, const CsafStatement& statement) {
  if (statement.status == CsafStatus::kFixed && build.evr.empty()) return;  // fixed by what?
  Package& package = packages_[{build.release, build.name, build.module_label}];
  package.severity = std::max(package.severity, statement.impact);
  if (build.architecture != "src") Merge(package.binary, build, statement);
  if (build.architecture == "src" || build.architecture.empty()) {
    RedHatBuild source = build;
    source.architecture = "src";
    Merge(package.source, source, statement);
  }
  const bool is_binary = build.architecture != "src" && !build.architecture.empty();
  if (is_binary && statement.status == CsafStatus::kFixed) lists_binaries_.insert(build.release);
}

void RedHatRows::InheritFromLifeCycleSupport() {
  std::set<std::pair<std::string, std::string>> stated;
  for (const auto& [key, package] : packages_) stated.emplace(key.release, key.name);
  std::map<Key, Package> inherited;
  for (const auto& [key, package] : packages_) {
    if (!key.release.starts_with(kLifeCycleSupport)) continue;
    Key main = key;
    main.release = key.release.substr(kLifeCycleSupport.size());
    main.release.resize(std::min(main.release.size(), main.release.find('.')));
    if (stated.contains({main.release, main.name})) continue;
    Package copy = package;
    copy.beyond_support = true;
    if (lists_binaries_.contains(key.release)) lists_binaries_.insert(main.release);
    inherited.insert_or_assign(std::move(main), std::move(copy));
  }
  packages_.merge(inherited);
}

std::map<RedHatRows::Key, RedHatRows::Backports> RedHatRows::GatherBackports() const {
  std::map<Key, Backports> all;
  const auto add = [](const Said& said, Evrs& backports) {
    // Where architectures differ it is not known which are safe.
    if (said.fixes.empty() || !AllEqual(said.fixes) || backports.size() >= kBackportsMax) return;
    backports.insert(Highest(said.fixes.begin()->second));
  };
  for (const auto& [key, package] : packages_) {
    Key main = key;
    main.release = MainReleaseOf(key.release);
    if (main.release.empty()) continue;
    Backports& backports = all[std::move(main)];
    add(package.binary, backports.binary);
    add(package.source, backports.source);
  }
  return all;
}

std::vector<model::Affected> RedHatRows::RowsOf(const Said& said, bool beyond_support, const Evrs& backports) {
  std::vector<model::Affected> rows;
  if (!said.status) return rows;
  model::Affected row;
  row.fix_state = StateOf(*said.status, said.may_be_fixed && !beyond_support);
  if (*said.status == CsafStatus::kFixed) {
    if (beyond_support) row.fix_state = model::FixState::kWontFix;
    for (const auto& [architecture, evrs] : said.fixes) {
      row.architecture = architecture;
      row.ranges = RangesOf(evrs, backports);
      rows.push_back(row);
    }
    if (std::ranges::all_of(rows, [&](const auto& other) { return other.ranges == rows.front().ranges; })) {
      rows.resize(1);
      rows.front().architecture.clear();
    }
    return rows;
  }
  if (*said.status != CsafStatus::kNotAffected) row.ranges.emplace_back();
  rows.push_back(std::move(row));
  return rows;
}

std::vector<model::Affected> RedHatRows::Take(model::Severity severity) const {
  std::vector<model::Affected> all;
  const std::map<Key, Backports> backports = GatherBackports();
  const auto take = [&](const Key& key, const Package& package, const Said& said, bool is_source) {
    const auto found = backports.find(key);
    const Evrs safe = found == backports.end() ? Evrs() : is_source ? found->second.source : found->second.binary;
    for (model::Affected& row : RowsOf(said, package.beyond_support, safe)) {
      row.ecosystem = "Red Hat";
      row.release = key.release;
      row.package = key.name;
      row.version_scheme = "rpm";
      row.module_label = key.module_label;
      if (is_source) row.architecture = "src";
      if (package.severity != model::Severity::kUnknown && package.severity != severity)
        row.severity = package.severity;
      all.push_back(std::move(row));
    }
  };
  for (const auto& [key, package] : packages_) {
    const std::optional<CsafStatus> heaviest = std::max(package.binary.status, package.source.status);
    const bool source_counts = heaviest != CsafStatus::kFixed || !lists_binaries_.contains(key.release);
    if (package.binary.status == heaviest) take(key, package, package.binary, false);
    if (package.source.status == heaviest && source_counts) take(key, package, package.source, true);
  }
  return all;
}

}  // namespace holdfast::advisory
