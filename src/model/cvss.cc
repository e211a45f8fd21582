// Each metric's weights are a row of a table; the formulas below them are the specification's, with its
// own names. Scores are rounded in integer arithmetic on 1e-5 units (v3.1 appendix A): plain floating
// point would round 4.0 up to 4.1.

#include "model/cvss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

namespace holdfast::model {
namespace {

struct Weight {
  char value;
  double weight;
};

struct Metric {
  std::string_view name;
  std::array<Weight, 4> weights;  // unused ones have value 0
};

constexpr auto kMetrics3 = std::to_array<Metric>({
    {"AV", {{{'N', 0.85}, {'A', 0.62}, {'L', 0.55}, {'P', 0.2}}}},
    {"AC", {{{'L', 0.77}, {'H', 0.44}}}},
    {"PR", {{{'N', 0.85}, {'L', 0.62}, {'H', 0.27}}}},  // unchanged scope; see kPrivilegesChanged
    {"UI", {{{'N', 0.85}, {'R', 0.62}}}},
    {"S", {{{'U', 0}, {'C', 1}}}},
    {"C", {{{'H', 0.56}, {'L', 0.22}, {'N', 0}}}},
    {"I", {{{'H', 0.56}, {'L', 0.22}, {'N', 0}}}},
    {"A", {{{'H', 0.56}, {'L', 0.22}, {'N', 0}}}},
});
constexpr double kPrivilegesChangedLow = 0.68;
constexpr double kPrivilegesChangedHigh = 0.5;

constexpr auto kMetrics2 = std::to_array<Metric>({
    {"AV", {{{'L', 0.395}, {'A', 0.646}, {'N', 1.0}}}},
    {"AC", {{{'H', 0.35}, {'M', 0.61}, {'L', 0.71}}}},
    {"Au", {{{'M', 0.45}, {'S', 0.56}, {'N', 0.704}}}},
    {"C", {{{'N', 0}, {'P', 0.275}, {'C', 0.66}}}},
    {"I", {{{'N', 0}, {'P', 0.275}, {'C', 0.66}}}},
    {"A", {{{'N', 0}, {'P', 0.275}, {'C', 0.66}}}},
});

constexpr std::size_t kVectorBytesMax = 512;

std::optional<std::array<Weight, 8>> ReadMetrics(std::string_view vector, std::span<const Metric> metrics) {
  std::array<Weight, 8> found{};
  while (!vector.empty()) {
    const std::string_view part = vector.substr(0, vector.find('/'));
    vector.remove_prefix(std::min(vector.size(), part.size() + 1));
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto metric = std::ranges::find(metrics, part.substr(0, colon), &Metric::name);
    if (metric == metrics.end()) continue;
    Weight& slot = found[static_cast<std::size_t>(metric - metrics.begin())];
    if (slot.value != 0 || part.size() != colon + 2) return std::nullopt;
    const auto weight = std::ranges::find(metric->weights, part[colon + 1], &Weight::value);
    if (weight == metric->weights.end()) return std::nullopt;
    slot = *weight;
  }
  const bool complete =
      std::ranges::all_of(std::span(found).first(metrics.size()), [](Weight w) { return w.value != 0; });
  return complete ? std::optional(found) : std::nullopt;
}

double RoundUp(double score) {
  const auto units = static_cast<std::int64_t>(std::llround(score * 100'000));
  const std::int64_t tenths = units / 10'000 + (units % 10'000 == 0 ? 0 : 1);
  return static_cast<double>(tenths) / 10;
}

double RoundToTenth(double score) { return std::round(score * 10) / 10; }

CvssScores Score3(const std::array<Weight, 8>& metrics) {
  const auto& [av, ac, pr, ui, s, c, i, a] = metrics;
  const bool changed = s.value == 'C';
  double privileges = pr.weight;
  if (changed && pr.value == 'L') privileges = kPrivilegesChangedLow;
  if (changed && pr.value == 'H') privileges = kPrivilegesChangedHigh;
  const double iss = 1 - (1 - c.weight) * (1 - i.weight) * (1 - a.weight);
  const double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * std::pow(iss - 0.02, 15) : 6.42 * iss;
  const double exploitability = 8.22 * av.weight * ac.weight * privileges * ui.weight;
  CvssScores scores{.exploitability = RoundToTenth(exploitability), .impact = RoundToTenth(std::max(impact, 0.0))};
  if (impact > 0) scores.base = RoundUp(std::min((changed ? 1.08 : 1.0) * (impact + exploitability), 10.0));
  return scores;
}

CvssScores Score2(const std::array<Weight, 8>& metrics) {
  const auto& [av, ac, au, c, i, a, unused1, unused2] = metrics;
  const double impact = 10.41 * (1 - (1 - c.weight) * (1 - i.weight) * (1 - a.weight));
  const double exploitability = 20 * av.weight * ac.weight * au.weight;
  CvssScores scores{.exploitability = RoundToTenth(exploitability), .impact = RoundToTenth(impact)};
  if (impact != 0) scores.base = RoundToTenth((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176);
  return scores;
}

}  // namespace

std::optional<CvssScores> ScoreCvss(std::string_view vector) {
  if (vector.size() > kVectorBytesMax) return std::nullopt;
  if (vector.starts_with("CVSS:3.0/") || vector.starts_with("CVSS:3.1/")) {
    const auto metrics = ReadMetrics(vector.substr(9), kMetrics3);
    return metrics ? std::optional(Score3(*metrics)) : std::nullopt;
  }
  if (vector.starts_with("CVSS:")) return std::nullopt;
  const auto metrics = ReadMetrics(vector, kMetrics2);
  return metrics ? std::optional(Score2(*metrics)) : std::nullopt;
}

std::optional<double> CvssBaseScore(std::string_view vector) {
  const auto scores = ScoreCvss(vector);
  return scores ? std::optional(scores->base) : std::nullopt;
}

Severity SeverityOfScore(double score) {
  if (score >= 9.0) return Severity::kCritical;
  if (score >= 7.0) return Severity::kHigh;
  if (score >= 4.0) return Severity::kMedium;
  if (score > 0.0) return Severity::kLow;
  return Severity::kNegligible;
}

}  // namespace holdfast::model
