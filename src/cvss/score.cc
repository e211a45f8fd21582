#include "cvss/score.h"

#include <array>

#include "cvss/equations.h"

namespace holdfast::cvss {
namespace {

constexpr std::array<std::string_view, 4> kMetricsNames = {"CVSS-B", "CVSS-BT", "CVSS-BE", "CVSS-BTE"};
constexpr std::array<std::string_view, 5> kRatingNames = {"None", "Low", "Medium", "High", "Critical"};

struct Equations {
  int (*base)(const Vector&);
  int (*temporal)(const Vector&);
  int (*environmental)(const Vector&);
};
constexpr Equations kEquations2 = {&BaseTenths2, &TemporalTenths2, &EnvironmentalTenths2};
constexpr Equations kEquations3 = {&BaseTenths3, &TemporalTenths3, &EnvironmentalTenths3};
// One equation; what does not count is taken out of the vector before.
constexpr Equations kEquations4 = {&Tenths4, &Tenths4, &Tenths4};

const Equations& EquationsOf(Version version) {
  switch (version) {
    case Version::k20: return kEquations2;
    case Version::k30:
    case Version::k31: return kEquations3;
    case Version::k40: break;
  }
  return kEquations4;
}

int Tenths(const Vector& vector, Metrics metrics) {
  const Equations& equations = EquationsOf(vector.Version());
  switch (metrics) {
    case Metrics::kB: return equations.base(vector.Without(Group::kThreat).Without(Group::kEnvironmental));
    case Metrics::kBT: return equations.temporal(vector.Without(Group::kEnvironmental));
    case Metrics::kBE: return equations.environmental(vector.Without(Group::kThreat));
    case Metrics::kBTE: break;
  }
  return equations.environmental(vector);
}

double FromTenths(int tenths) { return tenths / 10.0; }

}  // namespace

std::string_view MetricsName(Metrics metrics) { return kMetricsNames[static_cast<std::size_t>(metrics)]; }

Metrics MetricsIn(const Vector& vector) {
  if (vector.Defines(Group::kEnvironmental)) return vector.Defines(Group::kThreat) ? Metrics::kBTE : Metrics::kBE;
  return vector.Defines(Group::kThreat) ? Metrics::kBT : Metrics::kB;
}

double Score(const Vector& vector, Metrics metrics) { return FromTenths(Tenths(vector, metrics)); }

double OverallScore(const Vector& vector) { return Score(vector, MetricsIn(vector)); }

std::optional<BaseScores> BaseScoresOf(const Vector& vector) {
  if (vector.Version() == Version::k40) return std::nullopt;
  const Parts parts = vector.Version() == Version::k20 ? BaseParts2(vector) : BaseParts3(vector);
  return BaseScores{.base = Score(vector, Metrics::kB),
                    .exploitability = FromTenths(NearestTenth(parts.exploitability)),
                    .impact = FromTenths(NearestTenth(parts.impact))};
}

std::string_view RatingName(Rating rating) { return kRatingNames[static_cast<std::size_t>(rating)]; }

Rating RatingOf(Version version, double score) {
  if (score >= 9.0 && version != Version::k20) return Rating::kCritical;
  if (score >= 7.0) return Rating::kHigh;
  if (score >= 4.0) return Rating::kMedium;
  if (score > 0.0 || version == Version::k20) return Rating::kLow;
  return Rating::kNone;
}

model::Severity SeverityOf(Rating rating) {
  switch (rating) {
    case Rating::kNone: return model::Severity::kNegligible;
    case Rating::kLow: return model::Severity::kLow;
    case Rating::kMedium: return model::Severity::kMedium;
    case Rating::kHigh: return model::Severity::kHigh;
    case Rating::kCritical: break;
  }
  return model::Severity::kCritical;
}

model::Severity SeverityOf(const Vector& vector) {
  return SeverityOf(RatingOf(vector.Version(), OverallScore(vector)));
}

}  // namespace holdfast::cvss
