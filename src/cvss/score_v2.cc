// "A Complete Guide to CVSS 2.0", sections 3.2.1 to 3.2.3, with its own names; weights are hundredths where products
// of scores and weights are rounded, so that these are exact.

#include <algorithm>
#include <array>

#include "cvss/equations.h"
#include "cvss/metrics.h"

namespace holdfast::cvss {
namespace {

constexpr std::array kAccessVector = {1.0, 0.646, 0.395};
constexpr std::array kAccessComplexity = {0.71, 0.61, 0.35};
constexpr std::array kAuthentication = {0.704, 0.56, 0.45};
constexpr std::array kImpact = {0.66, 0.275, 0.0};

// By place: Not Defined first.
constexpr std::array kRequirement = {1.0, 1.51, 1.0, 0.5};
constexpr std::array kExploitability = {100, 100, 95, 90, 85};
constexpr std::array kRemediationLevel = {100, 100, 95, 90, 87};
constexpr std::array kReportConfidence = {100, 100, 95, 90};
constexpr std::array kCollateralDamageTenths = {0, 5, 4, 3, 1, 0};
constexpr std::array kTargetDistribution = {100, 100, 75, 25, 0};

double Exploitability(const Vector& vector) {
  return 20 * kAccessVector[vector.Place(v2::kAv) - 1] * kAccessComplexity[vector.Place(v2::kAc) - 1] *
         kAuthentication[vector.Place(v2::kAu) - 1];
}

double Impact(const Vector& vector, bool adjusted) {
  double left = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const double weight = kImpact[vector.Place(v2::kC + i) - 1];
    left *= 1 - weight * (adjusted ? kRequirement[vector.Place(v2::kCr + i)] : 1);
  }
  const double impact = 10.41 * (1 - left);
  return adjusted ? std::min(impact, 10.0) : impact;
}

int ScoreTenths(double impact, double exploitability) {
  if (impact == 0) return 0;
  return NearestTenth((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176);
}

// `score` times a product of weights, which is in `unit`-ths; halves are rounded away from 0.
int Scaled(int score, int weight, int unit) {
  const int doubled = 2 * score * weight;
  return (doubled + (doubled < 0 ? -unit : unit)) / (2 * unit);
}

int WithTemporal(int tenths, const Vector& vector) {
  return Scaled(tenths,
                kExploitability[vector.Place(v2::kE)] * kRemediationLevel[vector.Place(v2::kRl)] *
                    kReportConfidence[vector.Place(v2::kRc)],
                1'000'000);
}

}  // namespace

int BaseTenths2(const Vector& vector) { return ScoreTenths(Impact(vector, false), Exploitability(vector)); }

int TemporalTenths2(const Vector& vector) { return WithTemporal(BaseTenths2(vector), vector); }

// Little impact that is required even less makes the adjusted base score negative, for which the guide has no minimum;
// only the result has one, that of all scores.
int EnvironmentalTenths2(const Vector& vector) {
  const int adjusted = WithTemporal(ScoreTenths(Impact(vector, true), Exploitability(vector)), vector);
  const int with_damage_hundredths = adjusted * 10 + (100 - adjusted) * kCollateralDamageTenths[vector.Place(v2::kCdp)];
  return std::max(Scaled(with_damage_hundredths, kTargetDistribution[vector.Place(v2::kTd)], 1000), 0);
}

Parts BaseParts2(const Vector& vector) {
  return {.impact = Impact(vector, false), .exploitability = Exploitability(vector)};
}

}  // namespace holdfast::cvss
