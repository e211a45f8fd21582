#include "cli/report.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/format.h"
#include "cli/table.h"
#include "cli/version.h"
#include "sbom/cyclonedx.h"
#include "sbom/native_json.h"
#include "sbom/spdx.h"
#include "sbom/syft_json.h"

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

std::string FixOf(const Finding& finding) {
  if (!finding.fixed_versions.empty()) return finding.fixed_versions.front();
  switch (finding.fix_state) {
    case model::FixState::kWontFix: return "won't fix";
    case model::FixState::kNotFixed: return "no fix";
    default: return "";
  }
}

std::string Summary(const ReportInput& input) {
  std::map<Severity, std::size_t> counts;
  for (const Finding& finding : input.findings) ++counts[finding.severity];
  std::string text = Format("{} packages, {} findings", input.analysis.packages.size(), input.findings.size());
  std::string_view separator = ": ";
  for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
    text.append(separator).append(Format("{} {}", count->second, model::SeverityName(count->first)));
    separator = ", ";
  }
  return text + "\n";
}

std::string FindingsTable(const ReportInput& input, const ReportStyle& style) {
  Table table({{"VULNERABILITY", 14},
               {"SEVERITY", 8},
               {"PACKAGE", 10},
               {"INSTALLED", 9},
               {"FIXED IN", 9},
               {"TYPE", 4},
               {"FOUND IN", 8}});
  for (const Finding& finding : input.findings) {
    const Package& package = input.analysis.packages[finding.package];
    std::string path = package.locations.empty() ? std::string() : package.locations.front().path;
    if (finding.owned_by >= 0)
      path = "owned by " + input.analysis.packages[static_cast<std::size_t>(finding.owned_by)].name;
    table.Add({{finding.id},
               {std::string(model::SeverityName(finding.severity)), StyleOf(finding.severity)},
               {package.name, Style::kBold},
               {package.version},
               {FixOf(finding)},
               {package.type},
               {std::move(path), Style::kDim}});
  }
  return (table.Empty() ? std::string() : table.Render(style.width, style.color) + "\n") + Summary(input);
}

std::string PackagesTable(const ReportInput& input, const ReportStyle& style) {
  Table table({{"PACKAGE", 10}, {"VERSION", 9}, {"TYPE", 4}, {"FOUND IN", 8}});
  for (const Package& package : input.analysis.packages)
    table.Add({{package.name, Style::kBold},
               {package.version},
               {package.type},
               {package.locations.empty() ? std::string() : package.locations.front().path, Style::kDim}});
  return (table.Empty() ? std::string() : table.Render(style.width, style.color) + "\n") +
         Format("{} packages\n", input.analysis.packages.size());
}

using Writer = Result<void> (*)(const ReportInput&, const ReportStyle&, io::ByteSink&);

Result<void> WriteTable(const ReportInput& input, const ReportStyle& style, io::ByteSink& sink) {
  std::string text = input.with_findings ? FindingsTable(input, style) : PackagesTable(input, style);
  if (input.completeness != nullptr) text += sbom::DescribeCompleteness(*input.completeness);
  return sink.WriteText(text);
}

sbom::WriteOptions WriteOptionsOf(const ReportInput& input) {
  return {.tool_name = "holdfast",
          .tool_version = std::string(kVersion),
          .timestamp = input.timestamp,
          .database = input.database,
          .with_findings = input.with_findings,
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

struct ReportFormat {
  std::string_view name;
  Writer write;
};
constexpr std::array kFormats = {ReportFormat{"table", &WriteTable}, ReportFormat{"json", &WriteNative},
                                 ReportFormat{"cyclonedx-json", &WriteCycloneDx}, ReportFormat{"spdx-json", &WriteSpdx},
                                 ReportFormat{"syft-json", &WriteSyft}};

}  // namespace

std::vector<std::string> ReportFormats() {
  std::vector<std::string> names;
  names.reserve(kFormats.size());
  for (const ReportFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

bool IsReportFormat(std::string_view name) {
  return std::any_of(kFormats.begin(), kFormats.end(), [&](const ReportFormat& format) { return format.name == name; });
}

std::string ReportFormatNames() {
  std::string names;
  for (const ReportFormat& format : kFormats) names.append(names.empty() ? "" : ", ").append(format.name);
  return names;
}

Result<void> WriteReport(std::string_view format, const ReportInput& input, const ReportStyle& style,
                         io::ByteSink& sink) {
  for (const ReportFormat& known : kFormats)
    if (known.name == format) return known.write(input, style, sink);
  return Fail(ErrorKind::kInvalidInput, Format("no output format '{}'", format));
}

}  // namespace holdfast::cli
