#include "cli/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/format.h"
#include "cli/table.h"
#include "cli/version.h"
#include "report/groups.h"
#include "report/report.h"
#include "sbom/cyclonedx.h"
#include "sbom/finding_text.h"
#include "sbom/native_json.h"
#include "sbom/spdx.h"
#include "sbom/syft_json.h"
#include "triage/openvex_writer.h"

namespace holdfast::cli {
namespace {

using model::Finding;
using model::Package;
using model::Severity;

Style StyleOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical: return Style::kMagenta;
    case Severity::kHigh: return Style::kRed;
    case Severity::kMedium: return Style::kYellow;
    case Severity::kLow: return Style::kCyan;
    case Severity::kNegligible:
    case Severity::kUnknown: break;
  }
  return Style::kDim;
}

// "7 more are silenced: 5 not-affected, 2 vex".
std::string SilencedSummary(const ReportInput& input) {
  if (input.silenced.empty()) return {};
  std::map<std::string_view, std::size_t> counts;
  for (const model::SilencedFinding& silenced : input.silenced) ++counts[model::SilencedByName(silenced.by)];
  std::string kinds;
  for (const auto& [kind, count] : counts) kinds += Format("{}{} {}", kinds.empty() ? "" : ", ", count, kind);
  return Format("{} more are silenced: {}{}\n", input.silenced.size(), kinds,
                input.show_silenced ? "" : " (--show-silenced lists them)");
}

std::string Summary(const ReportInput& input) {
  const std::string counts = report::CountsText(report::CountBySeverity(input.findings));
  std::string text = Format("{} packages, {} findings", input.analysis.packages.size(), input.findings.size());
  if (!counts.empty()) text += ": " + counts;
  return text + "\n" + SilencedSummary(input);
}

// Where it was found, or who owns it.
Cell PlaceCell(const ReportInput& input, const Finding& finding, const Package& package) {
  if (finding.owned_by >= 0)
    return {"owned by " + input.analysis.packages[static_cast<std::size_t>(finding.owned_by)].name, Style::kDim};
  return {std::string(sbom::PathOf(package)), Style::kDim};
}

Cell ScoreCell(const ReportInput&, const Finding& finding, const Package&) {
  const auto score = sbom::BestScore(finding);
  return {score ? Format("{:.1f}", score->value) : std::string()};
}

struct FindingColumn {
  Column column;
  Cell (*cell)(const ReportInput&, const Finding&, const Package&);
  bool optional = false;  // left out where nothing would stand in it
};
std::vector<FindingColumn> FindingColumns() {
  return {{{"VULNERABILITY", 14}, [](const ReportInput&, const Finding& f, const Package&) -> Cell { return {f.id}; }},
          {{"SEVERITY", 8},
           [](const ReportInput&, const Finding& f, const Package&) -> Cell {
             return {std::string(model::SeverityName(f.severity)), StyleOf(f.severity)};
           }},
          {{"CVSS", 4, true}, &ScoreCell, true},
          {{"RISK", 4, true},
           [](const ReportInput&, const Finding& f, const Package&) -> Cell { return {sbom::RiskText(f)}; },
           true},
          {{"PACKAGE", 10},
           [](const ReportInput&, const Finding&, const Package& p) -> Cell { return {p.name, Style::kBold}; }},
          {{"INSTALLED", 9}, [](const ReportInput&, const Finding&, const Package& p) -> Cell { return {p.version}; }},
          {{"FIXED IN", 9},
           [](const ReportInput&, const Finding& f, const Package&) -> Cell { return {sbom::FixText(f)}; }},
          {{"TYPE", 4}, [](const ReportInput&, const Finding&, const Package& p) -> Cell { return {p.type}; }},
          {{"FOUND IN", 8}, &PlaceCell}};
}

std::string FindingsTable(const ReportInput& input, const ReportStyle& style) {
  std::vector<FindingColumn> columns = FindingColumns();
  std::erase_if(columns, [&](const FindingColumn& column) {
    return column.optional && std::ranges::all_of(input.findings, [&](const Finding& finding) {
             return column.cell(input, finding, input.analysis.packages[finding.package]).text.empty();
           });
  });
  std::vector<Column> titles;
  titles.reserve(columns.size());
  for (const FindingColumn& column : columns) titles.push_back(column.column);
  Table table(std::move(titles));
  for (const Finding& finding : input.findings) {
    std::vector<Cell> row;
    row.reserve(columns.size());
    for (const FindingColumn& column : columns)
      row.push_back(column.cell(input, finding, input.analysis.packages[finding.package]));
    table.Add(std::move(row));
  }
  return (table.Empty() ? std::string() : table.Render(style.width, style.color) + "\n") + Summary(input);
}

std::string SilencedTable(const ReportInput& input, const ReportStyle& style) {
  if (!input.show_silenced || input.silenced.empty()) return {};
  Table table({{"SILENCED", 14}, {"PACKAGE", 10}, {"INSTALLED", 9}, {"BY", 8}, {"SOURCE", 8}, {"BECAUSE", 16}});
  for (const model::SilencedFinding& silenced : input.silenced) {
    const Package& package = input.analysis.packages[silenced.finding.package];
    table.Add({{silenced.finding.id},
               {package.name, Style::kBold},
               {package.version},
               {std::string(model::SilencedByName(silenced.by))},
               {silenced.source},
               {silenced.statement, Style::kDim}});
  }
  return "\n" + table.Render(style.width, style.color);
}

std::string PackagesTable(const ReportInput& input, const ReportStyle& style) {
  Table table({{"PACKAGE", 10}, {"VERSION", 9}, {"TYPE", 4}, {"FOUND IN", 8}});
  for (const Package& package : input.analysis.packages)
    table.Add({{package.name, Style::kBold},
               {package.version},
               {package.type},
               {std::string(sbom::PathOf(package)), Style::kDim}});
  return (table.Empty() ? std::string() : table.Render(style.width, style.color) + "\n") +
         Format("{} packages\n", input.analysis.packages.size());
}

using Writer = Result<void> (*)(const ReportInput&, const ReportStyle&, io::ByteSink&);

Result<void> WriteTable(const ReportInput& input, const ReportStyle& style, io::ByteSink& sink) {
  std::string text =
      input.with_findings ? FindingsTable(input, style) + SilencedTable(input, style) : PackagesTable(input, style);
  if (input.completeness != nullptr) text += sbom::DescribeCompleteness(*input.completeness);
  return sink.WriteText(text);
}

sbom::WriteOptions WriteOptionsOf(const ReportInput& input) {
  return {.tool_name = "holdfast",
          .tool_version = std::string(kVersion),
          .timestamp = input.timestamp,
          .database = input.database,
          .with_findings = input.with_findings,
          .silenced = input.silenced,
          .completeness = input.completeness};
}

Result<void> WriteNative(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  return sbom::WriteNativeJson(input.analysis, input.findings, WriteOptionsOf(input), sink);
}
Result<void> WriteCycloneDx(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  return sbom::WriteCycloneDx(input.analysis, input.findings, WriteOptionsOf(input), sink);
}
Result<void> WriteSpdx(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  return sbom::WriteSpdx(input.analysis, WriteOptionsOf(input), sink);
}
Result<void> WriteSyft(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  return sbom::WriteSyftJson(input.analysis, WriteOptionsOf(input), sink);
}

Result<void> WriteTemplate(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  HF_ASSERT(input.custom != nullptr);
  const sbom::WriteOptions options = WriteOptionsOf(input);
  return input.custom->Render({input.analysis, input.findings, options, input.silenced.size()}, sink);
}
Result<void> WriteVex(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  return triage::WriteOpenVex(input.analysis, input.findings, input.silenced,
                              {.author = {}, .timestamp = input.timestamp, .tool = Format("holdfast {}", kVersion)},
                              sink);
}
// The writers of findings differ in nothing that matters here.
template <Result<void> (*Write)(const report::Report&, io::ByteSink&)>
Result<void> WriteFindings(const ReportInput& input, const ReportStyle&, io::ByteSink& sink) {
  const sbom::WriteOptions options = WriteOptionsOf(input);
  return Write({input.analysis, input.findings, options, input.silenced.size()}, sink);
}

struct ReportFormat {
  std::string_view name;
  Writer write;
  bool needs_findings = false;
};
constexpr auto kFormats = std::to_array<ReportFormat>({
    {"table", &WriteTable},
    {"json", &WriteNative},
    {"cyclonedx-json", &WriteCycloneDx},
    {"spdx-json", &WriteSpdx},
    {"syft-json", &WriteSyft},
    {kTemplateFormat, &WriteTemplate},
    {"openvex", &WriteVex, true},
    {"sarif", &WriteFindings<&report::WriteSarif>, true},
    {"gitlab", &WriteFindings<&report::WriteGitLab>, true},
    {"junit", &WriteFindings<&report::WriteJunit>, true},
    {"csv", &WriteFindings<&report::WriteCsv>, true},
    {"markdown", &WriteFindings<&report::WriteMarkdown>, true},
    {"html", &WriteFindings<&report::WriteHtml>, true},
});

}  // namespace

std::vector<std::string> ReportFormats(bool with_findings) {
  std::vector<std::string> names;
  for (const ReportFormat& format : kFormats)
    if (with_findings || !format.needs_findings) names.emplace_back(format.name);
  return names;
}

bool IsReportFormat(std::string_view name, bool with_findings) {
  return std::ranges::any_of(kFormats, [&](const ReportFormat& format) {
    return format.name == name && (with_findings || !format.needs_findings);
  });
}

std::string ReportFormatNames(bool with_findings) {
  std::string names;
  for (const std::string& name : ReportFormats(with_findings)) names.append(names.empty() ? "" : ", ").append(name);
  return names;
}

Result<void> WriteReport(std::string_view format, const ReportInput& input, const ReportStyle& style,
                         io::ByteSink& sink) {
  for (const ReportFormat& known : kFormats)
    if (known.name == format) return known.write(input, style, sink);
  return Fail(ErrorKind::kInvalidInput, Format("no output format '{}'", format));
}

}  // namespace holdfast::cli
