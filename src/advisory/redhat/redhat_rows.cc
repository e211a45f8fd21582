// A fix ends what else is said of a package in its release: documents state "affected" for the minor releases before
// it.

#include "advisory/redhat/redhat_rows.h"

#include <algorithm>
#include <utility>

#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kLifeCycleSupport = "rhel_els:";

bool Higher(std::string_view a, std::string_view b) {
  static constexpr std::string_view kScheme = "rpm";
  const auto order = version::Compare(*version::FindScheme(kScheme), a, b);
  return order ? *order > 0 : a > b;
}

// "Fix deferred" was written under either category.
bool LeavesHope(const CsafStatement& statement) {
  return statement.remedy != CsafRemedy::kNoFixPlanned || statement.remedy_details.contains("eferred");
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

// The same fix for every architecture is one fix.
bool AllEqual(const std::map<std::string, std::string>& fixes) {
  return std::ranges::all_of(fixes, [&](const auto& fix) { return fix.second == fixes.begin()->second; });
}

}  // namespace

void RedHatRows::Merge(Said& said, const RedHatBuild& build, const CsafStatement& statement) {
  if (statement.status == CsafStatus::kFixed) {
    std::string& fix = said.fixes[build.architecture];
    if (fix.empty() || Higher(build.evr, fix)) fix = build.evr;
  }
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

std::vector<model::Affected> RedHatRows::RowsOf(const Said& said, bool beyond_support) {
  std::vector<model::Affected> rows;
  if (!said.status) return rows;
  model::Affected row;
  row.fix_state = StateOf(*said.status, said.may_be_fixed && !beyond_support);
  if (*said.status == CsafStatus::kFixed) {
    if (beyond_support) row.fix_state = model::FixState::kWontFix;
    const bool one = said.fixes.size() == 1 || AllEqual(said.fixes);
    for (const auto& [architecture, evr] : said.fixes) {
      row.ranges = {{"0", evr, std::nullopt}};
      row.architecture = one ? std::string() : architecture;
      rows.push_back(row);
      if (one) break;
    }
    return rows;
  }
  if (*said.status != CsafStatus::kNotAffected) row.ranges.emplace_back();
  rows.push_back(std::move(row));
  return rows;
}

std::vector<model::Affected> RedHatRows::Take(model::Severity severity) const {
  std::vector<model::Affected> all;
  const auto take = [&](const Key& key, const Package& package, const Said& said, bool is_source) {
    for (model::Affected& row : RowsOf(said, package.beyond_support)) {
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
