// CVSS scores and severity ratings, by the equations of FIRST: "A Complete Guide to CVSS 2.0", section 3.2; CVSS v3.0
// Specification Document, section 8; CVSS v3.1 Specification Document, section 7; CVSS v4.0 Specification Document,
// section 8.
//
// Scores have one decimal, 0.0 to 10.0, and are the doubles nearest to it: 9.8 == 9.8.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cvss/vector.h"
#include "model/severity.h"

namespace holdfast::cvss {

// Which of a vector's metrics count; in version 4 these are its nomenclature (section 1.3). Before version 4, kBT is
// the temporal score, kBTE the environmental one, and kBE the environmental one without temporal metrics.
enum class Metrics : std::uint8_t { kB, kBT, kBE, kBTE };

[[nodiscard]] std::string_view MetricsName(Metrics metrics);  // "CVSS-BT"
// The groups in which the vector defines something.
[[nodiscard]] Metrics MetricsIn(const Vector& vector);

// Metrics that count but are Not Defined change nothing, with exceptions that are FIRST's: environmental scores have
// an equation of their own, in version 2 with a maximum of the impact and in 3.1 with another exponent for changed
// scope, so that they may differ by 0.1 from the base score where nothing is modified.
[[nodiscard]] double Score(const Vector& vector, Metrics metrics);
// By the metrics that the vector defines: Score(vector, MetricsIn(vector)).
[[nodiscard]] double OverallScore(const Vector& vector);

// The base score with its parts, as NVD shows them. Exploitability is what it would be if impact were not 0.
struct BaseScores {
  double base = 0, exploitability = 0, impact = 0;
};
// Nothing for version 4, whose scores have no parts.
[[nodiscard]] std::optional<BaseScores> BaseScoresOf(const Vector& vector);

// None is 0.0, Low up to 3.9, Medium to 6.9, High to 8.9, Critical to 10.0 (v3.1 section 5, v4.0 section 6). Version 2
// has no scale of its own but NVD's (nvd.nist.gov/vuln-metrics/cvss): Low 0.0 to 3.9, Medium to 6.9, High to 10.0.
enum class Rating : std::uint8_t { kNone, kLow, kMedium, kHigh, kCritical };

[[nodiscard]] std::string_view RatingName(Rating rating);  // "Critical"
[[nodiscard]] Rating RatingOf(Version version, double score);
// The words of advisories have no None: it is Negligible.
[[nodiscard]] model::Severity SeverityOf(Rating rating);
// Of the overall score.
[[nodiscard]] model::Severity SeverityOf(const Vector& vector);

}  // namespace holdfast::cvss
