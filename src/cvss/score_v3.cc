// CVSS v3.1 Specification Document, sections 7.1 to 7.4 and appendix A, with its own names. Version 3.0 (its sections
// 8.1 to 8.4) differs in one exponent of the environmental score.
//
// Both versions round up to a tenth. 3.1 says how (appendix A: to 1e-5 first), because 3.0 left it to floating point,
// which makes 4.1 of a 4.0 that is too large by a bit. Of all values that the equations of either version can take,
// those that are no tenth exceed one by more than 2e-5; so the rounding of 3.1 gives what 3.0 means, too.

#include <algorithm>
#include <array>
#include <cstdint>

#include "cvss/equations.h"
#include "cvss/metrics.h"

namespace holdfast::cvss {
namespace {

constexpr std::array kAttackVector = {0.85, 0.62, 0.55, 0.2};
constexpr std::array kAttackComplexity = {0.77, 0.44};
constexpr std::array kPrivilegesRequired = {0.85, 0.62, 0.27};
constexpr std::array kPrivilegesRequiredChanged = {0.85, 0.68, 0.5};
constexpr std::array kUserInteraction = {0.85, 0.62};
constexpr std::array kImpact = {0.56, 0.22, 0.0};

// By place: Not Defined first. Hundredths, so that products with a score are exact.
constexpr std::array kRequirement = {1.0, 1.5, 1.0, 0.5};
constexpr std::array kExploitCodeMaturity = {100, 100, 97, 94, 91};
constexpr std::array kRemediationLevel = {100, 100, 97, 96, 95};
constexpr std::array kReportConfidence = {100, 100, 96, 92};

// Reads base metrics, or the modified ones where they are defined.
class Reader {
 public:
  Reader(const Vector& vector, bool modified) : vector_(vector), modified_(modified) {}

  [[nodiscard]] double Exploitability() const {
    const auto& privileges = Changed() ? kPrivilegesRequiredChanged : kPrivilegesRequired;
    return 8.22 * kAttackVector[At(v3::kAv)] * kAttackComplexity[At(v3::kAc)] * privileges[At(v3::kPr)] *
           kUserInteraction[At(v3::kUi)];
  }

  [[nodiscard]] double Impact() const {
    const double iss = ImpactSubScore();
    if (!Changed()) return 6.42 * iss;
    const bool new_equation = modified_ && vector_.Version() == Version::k31;
    const double power = new_equation ? std::pow(iss * 0.9731 - 0.02, 13) : std::pow(iss - 0.02, 15);
    return 7.52 * (iss - 0.029) - 3.25 * power;
  }

  [[nodiscard]] bool Changed() const { return At(v3::kS) == 1; }

 private:
  [[nodiscard]] std::size_t At(std::size_t metric) const {
    const std::size_t place = modified_ ? vector_.Place(metric + v3::kModified) : 0;
    return (place != 0 ? place : vector_.Place(metric)) - 1;
  }

  [[nodiscard]] double ImpactSubScore() const {
    double left = 1;
    for (std::size_t i = 0; i < 3; ++i)
      left *= 1 - kImpact[At(v3::kC + i)] * (modified_ ? kRequirement[vector_.Place(v3::kCr + i)] : 1);
    return modified_ ? std::min(1 - left, 0.915) : 1 - left;
  }

  const Vector& vector_;
  const bool modified_;
};

int RoundUp(double score) {
  const std::int64_t units = std::llround(score * 100'000);
  return static_cast<int>(units / 10'000 + (units % 10'000 == 0 ? 0 : 1));
}

int ScoreTenths(const Reader& metrics) {
  const double impact = metrics.Impact();
  if (impact <= 0) return 0;
  return RoundUp(std::min((metrics.Changed() ? 1.08 : 1.0) * (impact + metrics.Exploitability()), 10.0));
}

int WithTemporal(int tenths, const Vector& vector) {
  constexpr int kUnit = 1'000'000;
  const int scaled = tenths * kExploitCodeMaturity[vector.Place(v3::kE)] * kRemediationLevel[vector.Place(v3::kRl)] *
                     kReportConfidence[vector.Place(v3::kRc)];
  return (scaled + kUnit - 1) / kUnit;
}

}  // namespace

int BaseTenths3(const Vector& vector) { return ScoreTenths(Reader(vector, false)); }

int TemporalTenths3(const Vector& vector) { return WithTemporal(BaseTenths3(vector), vector); }

int EnvironmentalTenths3(const Vector& vector) { return WithTemporal(ScoreTenths(Reader(vector, true)), vector); }

Parts BaseParts3(const Vector& vector) {
  const Reader metrics(vector, false);
  return {.impact = std::max(metrics.Impact(), 0.0), .exploitability = metrics.Exploitability()};
}

}  // namespace holdfast::cvss
