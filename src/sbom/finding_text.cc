#include "sbom/finding_text.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "cvss/score.h"

namespace holdfast::sbom {

using model::Finding;
using model::FixState;
using model::ImageAnalysis;
using model::Package;

namespace {

constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kIdBytesMax = 128;

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

bool IsComplete(const ImageAnalysis& analysis) {
  return analysis.problems_dropped == 0 && std::ranges::none_of(analysis.problems, &MakesPartial);
}

std::string ProblemText(const Problem& problem) {
  return problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
}

std::string_view PathOf(const Package& package) {
  return package.locations.empty() ? std::string_view() : package.locations.front().path;
}

std::string_view LayerOf(const ImageAnalysis& analysis, const Package& package) {
  if (package.locations.empty() || package.locations.front().layer >= analysis.layers.size()) return {};
  return analysis.layers[package.locations.front().layer].diff_id;
}

std::string FixText(const Finding& finding) {
  if (!finding.fixed_versions.empty()) return finding.fixed_versions.front();
  switch (finding.fix_state) {
    case FixState::kWontFix: return "won't fix";
    case FixState::kNotFixed: return "no fix";
    case FixState::kUnderInvestigation: return "under investigation";
    default: return {};
  }
}

std::string Recommendation(const Finding& finding, const Package& package) {
  if (!finding.fixed_versions.empty()) return Format("upgrade {} to {}", package.name, finding.fixed_versions.front());
  switch (finding.fix_state) {
    case FixState::kWontFix: return Format("{} will not be fixed by its vendor", package.name);
    case FixState::kUnderInvestigation: return Format("its vendor looks into whether {} is affected", package.name);
    default: return Format("there is no fixed version of {} yet", package.name);
  }
}

std::string_view SummaryOf(const Finding& finding) {
  return finding.summary.empty() ? finding.facts.description : finding.summary;
}

std::string EpssText(const Finding& finding) {
  return finding.facts.epss ? Format("{:.5f}", finding.facts.epss->probability) : std::string();
}

std::string KnownExploitedText(const Finding& finding) {
  const auto& known = finding.facts.known_exploited;
  return known ? Format("since {}{}", known->added, known->ransomware ? ", by ransomware" : "") : std::string();
}

std::string RiskText(const Finding& finding) {
  return finding.risk > 0 ? Format("{:.1f}", finding.risk) : std::string();
}

std::vector<std::uint32_t> CweNumbers(const Finding& finding) {
  constexpr std::string_view kPrefix = "CWE-";
  std::vector<std::uint32_t> numbers;
  for (const std::string& cwe : finding.facts.cwes) {
    std::uint32_t number = 0;
    if (!cwe.starts_with(kPrefix)) continue;
    const auto [end, error] = std::from_chars(cwe.data() + kPrefix.size(), cwe.data() + cwe.size(), number);
    if (error == std::errc() && end == cwe.data() + cwe.size() && number > 0) numbers.push_back(number);
  }
  return numbers;
}

std::vector<model::CvssVector> CvssOf(const Finding& finding) {
  std::vector<model::CvssVector> all = finding.cvss;
  for (const model::CvssVector& known : finding.facts.cvss)
    if (std::ranges::find(all, known.vector, &model::CvssVector::vector) == all.end()) all.push_back(known);
  return all;
}

std::optional<CvssScore> BestScore(const Finding& finding) {
  std::optional<CvssScore> best;
  for (const model::CvssVector& stated : CvssOf(finding)) {
    const auto vector = cvss::Vector::Parse(stated.vector);
    if (!vector) continue;
    const CvssScore score{cvss::OverallScore(*vector), vector->Version()};
    if (!best || score.version > best->version || (score.version == best->version && score.value > best->value))
      best = score;
  }
  return best;
}

bool IsWebUrl(std::string_view url) {
  if (url.size() > kUrlBytesMax) return false;
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || url.size() == scheme) return false;
  // RFC 3986 appendix A: what no URI holds outside of percent-encoding.
  return std::ranges::all_of(url, [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}'").find(c) == std::string_view::npos;
  });
}

std::string PageOf(std::string_view id) {
  const bool plain = !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) {
    return IsLetterOrDigit(c) || c == '-' || c == '.' || c == ':' || c == '_';
  });
  if (!plain) return {};
  if (id.starts_with("CVE-")) return Format("https://nvd.nist.gov/vuln/detail/{}", id);
  if (id.starts_with("GHSA-")) return Format("https://github.com/advisories/{}", id);
  return Format("https://osv.dev/vulnerability/{}", id);
}

}  // namespace holdfast::sbom
