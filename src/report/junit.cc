// The elements and attributes that every reader knows (Jenkins' junit-10.xsd): testsuites, testsuite, testcase,
// failure, error.
#include <string>

#include "base/format.h"
#include "report/quote.h"
#include "report/report.h"
#include "sbom/finding_text.h"
#include "sbom/identity.h"

namespace holdfast::report {
namespace {

using model::Finding;
using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;
// "2026-09-21T14:13:20": Jenkins' schema has no zone.
constexpr std::size_t kTimeBytes = 19;

std::string Attribute(std::string_view name, std::string_view value) {
  return Format(" {}=\"{}\"", name, QuoteMarkup(value));
}

// What a person reads of a finding, a line for each fact; line ends are kept as they are in element content.
std::string Details(const Report& report, const Finding& finding, const Package& package) {
  std::string text;
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append(Format("{}: {}\n", name, QuoteMarkup(value)));
  };
  const auto score = sbom::BestScore(finding);
  line("Summary", sbom::SummaryOf(finding));
  line("Severity", model::SeverityName(finding.severity));
  line("CVSS", score ? Format("{:.1f}", score->value) : std::string());
  line("Risk", sbom::RiskText(finding));
  line("EPSS", sbom::EpssText(finding));
  line("Known exploited", sbom::KnownExploitedText(finding));
  line("Package", Format("{} {} ({})", package.name, package.version, package.type));
  line("Path", sbom::PathOf(package));
  line("Layer", sbom::LayerOf(report.analysis, package));
  line("Fix", sbom::FixText(finding));
  line("Advisory", finding.advisory_id);
  line("Vulnerable", finding.reason.range);
  line("See", sbom::PageOf(finding.id));
  return text;
}

std::string TestCase(const Report& report, const Finding& finding) {
  const Package& package = report.analysis.packages[finding.package];
  const std::string message =
      Format("{}: {}", model::SeverityName(finding.severity), sbom::Recommendation(finding, package));
  return "    <testcase" + Attribute("classname", Format("{} {}", package.name, package.version)) +
         Attribute("name", finding.id) + " time=\"0\">\n      <failure" + Attribute("message", message) +
         Attribute("type", model::SeverityName(finding.severity)) + ">" + Details(report, finding, package) +
         "</failure>\n    </testcase>\n";
}

std::string CompletenessCase(const model::ImageAnalysis& analysis) {
  const std::string start = "    <testcase classname=\"holdfast\" name=\"the target was read whole\" time=\"0\"";
  if (sbom::IsComplete(analysis)) return start + "/>\n";
  std::string text = start + ">\n      <error message=\"part of the target could not be read\" type=\"incomplete\">";
  for (const Problem& problem : analysis.problems)
    if (MakesPartial(problem)) text.append(QuoteMarkup(sbom::ProblemText(problem))).append("\n");
  if (analysis.problems_dropped > 0)
    text.append(Format("{} more problems are not listed\n", analysis.problems_dropped));
  return text + "</error>\n    </testcase>\n";
}

}  // namespace

Result<void> WriteJunit(const Report& report, io::ByteSink& sink) {
  const std::string counts = Format(" tests=\"{}\" failures=\"{}\" errors=\"{}\"", report.findings.size() + 1,
                                    report.findings.size(), sbom::IsComplete(report.analysis) ? 0 : 1);
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + Attribute("name", report.options.tool_name) + counts +
      " time=\"0\">\n  <testsuite" + Attribute("name", sbom::TargetName(report.analysis.source)) + counts +
      Format(" skipped=\"0\" time=\"0\"{}>\n",
             report.options.timestamp.empty() ? std::string()
                                              : Attribute("timestamp", report.options.timestamp.substr(0, kTimeBytes)));
  text.append(CompletenessCase(report.analysis));
  for (const Finding& finding : report.findings) {
    text.append(TestCase(report, finding));
    if (text.size() < kFlushBytes) continue;
    HF_CHECK_OK(sink.WriteText(text));
    text.clear();
  }
  if (report.silenced > 0)
    text.append(Format("    <system-out>{} findings are silenced</system-out>\n", report.silenced));
  return sink.WriteText(text + "  </testsuite>\n</testsuites>\n");
}

}  // namespace holdfast::report
