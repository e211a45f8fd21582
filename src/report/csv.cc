#include <array>
#include <string>

#include "base/format.h"
#include "report/quote.h"
#include "report/report.h"
#include "sbom/finding_text.h"

namespace holdfast::report {
namespace {

using model::Finding;
using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;

struct Row {
  const Report& report;
  const Finding& finding;
  const Package& package;
};

std::string Join(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "" : " ").append(value);
  return text;
}

std::string Score(const Row& row) {
  const auto score = sbom::BestScore(row.finding);
  return score ? Format("{:.1f}", score->value) : std::string();
}

std::string Vectors(const Row& row) {
  std::string text;
  for (const auto& cvss : sbom::CvssOf(row.finding)) text.append(text.empty() ? "" : " ").append(cvss.vector);
  return text;
}

std::string Owner(const Row& row) {
  if (row.finding.owned_by < 0) return {};
  return row.report.analysis.packages[static_cast<std::size_t>(row.finding.owned_by)].name;
}

struct Column {
  std::string_view name;
  std::string (*field)(const Row&);
};
constexpr auto kColumns = std::to_array<Column>({
    {"vulnerability", [](const Row& row) { return row.finding.id; }},
    {"severity", [](const Row& row) { return std::string(model::SeverityName(row.finding.severity)); }},
    {"cvss_score", &Score},
    {"risk", [](const Row& row) { return sbom::RiskText(row.finding); }},
    {"epss", [](const Row& row) { return sbom::EpssText(row.finding); }},
    {"known_exploited", [](const Row& row) { return sbom::KnownExploitedText(row.finding); }},
    {"package", [](const Row& row) { return row.package.name; }},
    {"version", [](const Row& row) { return row.package.version; }},
    {"type", [](const Row& row) { return row.package.type; }},
    {"fix_state", [](const Row& row) { return std::string(model::FixStateName(row.finding.fix_state)); }},
    {"fixed_versions", [](const Row& row) { return Join(row.finding.fixed_versions); }},
    {"path", [](const Row& row) { return std::string(sbom::PathOf(row.package)); }},
    {"layer", [](const Row& row) { return std::string(sbom::LayerOf(row.report.analysis, row.package)); }},
    {"owned_by", &Owner},
    {"purl", [](const Row& row) { return row.package.purl.type.empty() ? std::string() : row.package.purl.Text(); }},
    {"advisory", [](const Row& row) { return row.finding.advisory_id; }},
    {"aliases", [](const Row& row) { return Join(row.finding.aliases); }},
    {"source", [](const Row& row) { return row.finding.source; }},
    {"published", [](const Row& row) { return row.finding.published; }},
    {"cvss_vectors", &Vectors},
    {"url", [](const Row& row) { return sbom::PageOf(row.finding.id); }},
    {"cwes", [](const Row& row) { return Join(row.finding.facts.cwes); }},
    {"summary", [](const Row& row) { return std::string(sbom::SummaryOf(row.finding)); }},
});

}  // namespace

Result<void> WriteCsv(const Report& report, io::ByteSink& sink) {
  std::string text;
  for (const Column& column : kColumns) text.append(text.empty() ? "" : ",").append(column.name);
  text.append("\r\n");
  for (const Finding& finding : report.findings) {
    const Row row{report, finding, report.analysis.packages[finding.package]};
    for (std::size_t i = 0; i < kColumns.size(); ++i)
      text.append(i == 0 ? "" : ",").append(QuoteCsv(kColumns[i].field(row)));
    text.append("\r\n");
    if (text.size() < kFlushBytes) continue;
    HF_CHECK_OK(sink.WriteText(text));
    text.clear();
  }
  return sink.WriteText(text);
}

}  // namespace holdfast::report
