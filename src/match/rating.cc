#include "match/rating.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "cvss/score.h"

namespace holdfast::match {
namespace {

constexpr std::string_view kNvdSource = "nvd";
constexpr double kProofOfConcept = 0.05;
constexpr double kKnown = 1.05;
constexpr double kKnownInRansomware = 1.1;

double MiddleOf(model::Severity severity) {
  switch (severity) {
    case model::Severity::kNegligible: return 0.5;
    case model::Severity::kLow: return 3;
    case model::Severity::kMedium: return 5;
    case model::Severity::kHigh: return 7.5;
    case model::Severity::kCritical: return 9;
    case model::Severity::kUnknown: return 5;
  }
  return 5;
}

std::optional<double> MeanScore(const model::Finding& finding) {
  std::set<std::string_view> seen;
  double sum = 0;
  int count = 0;
  for (const auto* scores : {&finding.cvss, &finding.facts.cvss}) {
    for (const model::CvssVector& score : *scores) {
      if (!seen.insert(score.vector).second) continue;
      const auto vector = cvss::Vector::Parse(score.vector);
      if (!vector) continue;
      sum += cvss::Score(*vector, cvss::Metrics::kB);
      ++count;
    }
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

double ThreatOf(const model::VulnerabilityFacts& facts) {
  if (facts.known_exploited || (facts.ssvc && facts.ssvc->exploitation == "active")) return 1;
  const double predicted = facts.epss ? facts.epss->probability : 0;
  return facts.ssvc && facts.ssvc->exploitation == "poc" ? std::max(predicted, kProofOfConcept) : predicted;
}

// By the vector of the highest version among those of that source, or of all.
model::Severity ScoredBy(const model::VulnerabilityFacts& facts, std::string_view source) {
  std::optional<cvss::Vector> best;
  for (const model::CvssVector& score : facts.cvss) {
    if (!source.empty() && score.source != source) continue;
    const auto vector = cvss::Vector::Parse(score.vector);
    if (vector && (!best || best->Version() < vector->Version())) best = *vector;
  }
  return best ? cvss::SeverityOf(*best) : model::Severity::kUnknown;
}

}  // namespace

model::Severity SeverityOf(const model::Finding& finding, SeverityOrder order) {
  constexpr auto kUnknown = model::Severity::kUnknown;
  const model::Severity nvd = ScoredBy(finding.facts, kNvdSource);
  const model::Severity any = nvd != kUnknown ? nvd : ScoredBy(finding.facts, "");
  switch (order) {
    case SeverityOrder::kVendor: return finding.severity != kUnknown ? finding.severity : any;
    case SeverityOrder::kNvd: return nvd != kUnknown ? nvd : finding.severity != kUnknown ? finding.severity : any;
    case SeverityOrder::kHighest: return std::max(finding.severity, std::max(any, ScoredBy(finding.facts, "")));
  }
  return finding.severity;
}

double RiskOf(const model::Finding& finding) {
  const double middle = MiddleOf(finding.severity);
  const auto score = MeanScore(finding);
  const double impact = (score ? (middle + *score) / 2 : middle) / 10;
  double known = 1;
  if (finding.facts.known_exploited) known = finding.facts.known_exploited->ransomware ? kKnownInRansomware : kKnown;
  return 100 * std::min(1.0, ThreatOf(finding.facts) * impact * known);
}

}  // namespace holdfast::match
