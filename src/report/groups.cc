#include "report/groups.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/format.h"
#include "sbom/finding_text.h"
#include "sbom/identity.h"
#include "version/scheme.h"

namespace holdfast::report {
namespace {

using model::Finding;
using model::ImageAnalysis;
using model::Package;

// The highest of the lowest fixed versions of each finding; nothing when two of them cannot be compared.
std::string UpgradeTo(const Package& package, const std::vector<const Finding*>& findings) {
  const version::Scheme* scheme = version::FindScheme(package.version_scheme);
  std::string_view highest;
  for (const Finding* finding : findings) {
    if (finding->fixed_versions.empty()) continue;
    const std::string_view fixed = finding->fixed_versions.front();
    if (highest.empty() || highest == fixed) {
      highest = fixed;
      continue;
    }
    const auto order = scheme == nullptr ? std::nullopt : version::Compare(*scheme, highest, fixed);
    if (!order) return {};
    if (*order < 0) highest = fixed;
  }
  return std::string(highest);
}

FindingCell IdCell(const Finding& finding) { return {finding.id, sbom::PageOf(finding.id)}; }

FindingCell SeverityCell(const Finding& finding) { return {std::string(model::SeverityName(finding.severity)), {}}; }

FindingCell ScoreCell(const Finding& finding) {
  const auto score = sbom::BestScore(finding);
  return {score ? Format("{:.1f}", score->value) : std::string(), {}};
}

FindingCell FixCell(const Finding& finding) { return {sbom::FixText(finding), {}}; }

FindingCell AdvisoryCell(const Finding& finding) {
  if (finding.advisory_id == finding.id) return {};
  return {finding.advisory_id, sbom::PageOf(finding.advisory_id)};
}

FindingCell RiskCell(const Finding& finding) { return {sbom::RiskText(finding), {}}; }

FindingCell EpssCell(const Finding& finding) { return {sbom::EpssText(finding), {}}; }

FindingCell ExploitedCell(const Finding& finding) { return {sbom::KnownExploitedText(finding), {}}; }

FindingCell SummaryCell(const Finding& finding) { return {std::string(sbom::SummaryOf(finding)), {}}; }

constexpr auto kColumns = std::to_array<FindingColumn>({{"Vulnerability", &IdCell},
                                                        {"Severity", &SeverityCell},
                                                        {"CVSS", &ScoreCell},
                                                        {"Risk", &RiskCell},
                                                        {"EPSS", &EpssCell},
                                                        {"Known exploited", &ExploitedCell},
                                                        {"Fixed in", &FixCell},
                                                        {"Advisory", &AdvisoryCell},
                                                        {"Summary", &SummaryCell}});

}  // namespace

SeverityCounts CountBySeverity(std::span<const Finding> findings) {
  SeverityCounts counts;
  for (const Finding& finding : findings) counts.Add(finding.severity);
  return counts;
}

std::string CountsText(const SeverityCounts& counts) {
  std::string text;
  for (const model::Severity severity : kSeverities)
    if (const std::size_t count = counts.Of(severity); count > 0)
      text.append(text.empty() ? "" : ", ").append(Format("{} {}", count, model::SeverityName(severity)));
  return text;
}

std::vector<PackageFindings> GroupByPackage(const ImageAnalysis& analysis, std::span<const Finding> findings) {
  std::vector<PackageFindings> groups;
  std::unordered_map<std::uint32_t, std::size_t> places;
  for (const Finding& finding : findings) {
    const auto [place, is_new] = places.emplace(finding.package, groups.size());
    if (is_new) groups.push_back({.package = finding.package});
    PackageFindings& group = groups[place->second];
    group.findings.push_back(&finding);
    group.counts.Add(finding.severity);
    if (finding.fixed_versions.empty()) ++group.unfixed;
  }
  for (PackageFindings& group : groups) group.upgrade_to = UpgradeTo(analysis.packages[group.package], group.findings);
  return groups;
}

std::span<const FindingColumn> FindingColumns() { return kColumns; }

std::vector<const Problem*> ProblemsWorstFirst(const ImageAnalysis& analysis) {
  std::vector<const Problem*> problems;
  problems.reserve(analysis.problems.size());
  for (const bool partial : {true, false})
    for (const Problem& problem : analysis.problems)
      if (MakesPartial(problem) == partial) problems.push_back(&problem);
  return problems;
}

std::vector<std::pair<std::string_view, std::string>> TargetFacts(const ImageAnalysis& analysis,
                                                                  std::string_view database) {
  std::string platform = analysis.source.os;
  if (!analysis.source.architecture.empty()) platform += "/" + analysis.source.architecture;
  if (!analysis.source.variant.empty()) platform += "/" + analysis.source.variant;
  std::vector<std::pair<std::string_view, std::string>> facts = {
      {"Target", sbom::TargetName(analysis.source)},
      {"Digest", sbom::TargetDigest(analysis)},
      {"Platform", platform},
      {"Distribution", analysis.distro.pretty_name.empty() ? analysis.distro.id + " " + analysis.distro.version_id
                                                           : analysis.distro.pretty_name},
      {"Packages", Format("{}", analysis.packages.size())},
      {"Advisories", std::string(database)}};
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty() || fact.second == " "; });
  return facts;
}

}  // namespace holdfast::report
