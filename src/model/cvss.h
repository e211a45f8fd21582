// CVSS base scores from vectors: versions 2.0 (FIRST, "A Complete Guide to CVSS 2.0", 3.2.1) and 3.0/3.1
// (FIRST, "CVSS v3.1 Specification Document", sections 7.1, 7.4 and appendix A). Only base metrics count;
// temporal and environmental ones are accepted and left out, as advisories mean the base score.
#pragma once

#include <optional>
#include <string_view>

#include "model/severity.h"

namespace holdfast::model {

// Each with one decimal, 0.0 to 10.0. Of the two parts, impact and exploitability, the second is what it would be if
// the first were not 0, as NVD shows them.
struct CvssScores {
  double base = 0, exploitability = 0, impact = 0;
};

// Nothing for a vector of another version, or one that lacks a base metric,
// states one twice, or has an unknown value.
[[nodiscard]] std::optional<CvssScores> ScoreCvss(std::string_view vector);
[[nodiscard]] std::optional<double> CvssBaseScore(std::string_view vector);

// The qualitative rating of a 3.x score (section 5): 0 is Negligible here, 9.0 and more Critical.
[[nodiscard]] Severity SeverityOfScore(double score);

}  // namespace holdfast::model
