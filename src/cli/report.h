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
#include "sbom/completeness.h"

namespace holdfast::cli {

[[nodiscard]] std::vector<std::string> ReportFormats();
[[nodiscard]] bool IsReportFormat(std::string_view name);
[[nodiscard]] std::string ReportFormatNames();  // "table, json, …"

// All that a report is made from.
struct ReportInput {
  const model::ImageAnalysis& analysis;
  // Findings of scan; sbom has none and says so in no format.
  bool with_findings = false;
  std::span<const model::Finding> findings;
  const sbom::Completeness* completeness = nullptr;  // of the document that the analysis was read from, if it was
  std::string timestamp;                             // RFC 3339, of this run
  std::string database;                              // what the findings were made with, for the descriptor
};

struct ReportStyle {
  std::size_t width = 0;  // of the terminal; 0: none
  bool color = false;
};

// Writes the report in a format that IsReportFormat knows.
[[nodiscard]] Result<void> WriteReport(std::string_view format, const ReportInput& input, const ReportStyle& style,
                                       io::ByteSink& sink);

}  // namespace holdfast::cli
