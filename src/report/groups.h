// Findings as reports for people show them: by package, in columns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::report {

// By severity, highest first.
inline constexpr std::array kSeverities = {model::Severity::kCritical,   model::Severity::kHigh,
                                           model::Severity::kMedium,     model::Severity::kLow,
                                           model::Severity::kNegligible, model::Severity::kUnknown};

class SeverityCounts {
 public:
  void Add(model::Severity severity) { ++counts_[static_cast<std::size_t>(severity)]; }
  [[nodiscard]] std::size_t Of(model::Severity severity) const { return counts_[static_cast<std::size_t>(severity)]; }

 private:
  std::array<std::size_t, kSeverities.size()> counts_{};
};
[[nodiscard]] SeverityCounts CountBySeverity(std::span<const model::Finding> findings);
[[nodiscard]] std::string CountsText(const SeverityCounts& counts);  // "2 Critical, 1 Low"

struct PackageFindings {
  std::uint32_t package = 0;  // in ImageAnalysis::packages
  std::vector<const model::Finding*> findings;
  SeverityCounts counts;
  // The lowest version that fixes everything that is fixed at all. Empty: nothing is, or the versions have no order.
  std::string upgrade_to;
  std::size_t unfixed = 0;  // findings that no version fixes
};
// In the order in which packages come first among the findings. The result points into `findings`.
[[nodiscard]] std::vector<PackageFindings> GroupByPackage(const model::ImageAnalysis& analysis,
                                                          std::span<const model::Finding> findings);

// A column of what is told of each finding, and its cell.
struct FindingCell {
  std::string text;
  std::string url;  // empty: no link
};
struct FindingColumn {
  std::string_view title;
  FindingCell (*cell)(const model::Finding&);
};
[[nodiscard]] std::span<const FindingColumn> FindingColumns();

// All problems, those first because of which the result is partial.
[[nodiscard]] std::vector<const Problem*> ProblemsWorstFirst(const model::ImageAnalysis& analysis);

// What a report says of its target before all else: pairs of a title and a text that is not empty.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> TargetFacts(const model::ImageAnalysis& analysis,
                                                                                std::string_view database);

}  // namespace holdfast::report
