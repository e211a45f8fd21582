// The output formats of scan and sbom.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/finding.h"
#include "model/image_analysis.h"
#include "report/template.h"
#include "sbom/completeness.h"

namespace holdfast::cli {

// Those of sbom list packages; scan has the same, and those that tell of findings.
[[nodiscard]] std::vector<std::string> ReportFormats(bool with_findings);
[[nodiscard]] bool IsReportFormat(std::string_view name, bool with_findings);
[[nodiscard]] std::string ReportFormatNames(bool with_findings);  // "table, json, …"

// The format that needs a template.
inline constexpr std::string_view kTemplateFormat = "template";

// All that a report is made from.
struct ReportInput {
  const model::ImageAnalysis& analysis;
  // Findings of scan; sbom has none and says so in no format.
  bool with_findings = false;
  std::span<const model::Finding> findings;
  std::span<const model::SilencedFinding> silenced;
  bool show_silenced = false;                        // in the table, where they are counted anyway
  const sbom::Completeness* completeness = nullptr;  // of the document that the analysis was read from, if it was
  std::string timestamp;                             // RFC 3339, of this run
  std::string database;                              // what the findings were made with, for the descriptor
  const report::Template* custom = nullptr;          // for kTemplateFormat
};

struct ReportStyle {
  std::size_t width = 0;  // of the terminal; 0: none
  bool color = false;
};

// Writes the report in a format that IsReportFormat knows. Requires: a template for kTemplateFormat.
[[nodiscard]] Result<void> WriteReport(std::string_view format, const ReportInput& input, const ReportStyle& style,
                                       io::ByteSink& sink);

}  // namespace holdfast::cli
