// CVSS v4.0 Specification Document, section 8.2. Vectors of like severity form a MacroVector, which has a score and is
// named by the levels of six equivalence classes (EQ1 to EQ6, tables 24 to 30); EQ3 and EQ6 depend on each other and
// count as one. A vector's score is that of its MacroVector, less what it is below the highest severity vectors of it:
//
//   for each class that has a lower level: (score - score of the next lower MacroVector) * distance / depth
//   the score less the mean of these, rounded to a tenth, halves up
//
// where the distance is the number of single steps (H to L is one) down from a highest severity vector. Within one
// level, all highest severity vectors are equally many steps below the worst values there are, and any vector has one
// of them above it in each metric. So the distance is the vector's own steps less those of the level, and the lists of
// highest severity vectors in the tables come down to one number a level. Tested against the lists by score_v4_test.cc.
//
// All of it is computed in integers: every depth divides kDepthUnit.

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "cvss/equations.h"
#include "cvss/macro_vectors.h"
#include "cvss/metrics.h"

namespace holdfast::cvss {
namespace {

// Of one level: how many steps its highest severity vectors are below the worst values, and its depth. That is one step
// more than there are from them to the lowest severity vectors, as in FIRST's calculator: so no vector quite gets the
// score of the next lower MacroVector.
struct Level {
  int steps, depth;
};
constexpr std::array<Level, 3> kEq1 = {{{0, 1}, {1, 4}, {3, 5}}};
constexpr std::array<Level, 2> kEq2 = {{{0, 1}, {1, 2}}};
constexpr std::array<Level, 5> kEq3And6 = {{{0, 7}, {3, 6}, {1, 8}, {3, 8}, {3, 10}}};
constexpr std::array<Level, 3> kEq4 = {{{1, 6}, {3, 5}, {6, 4}}};
constexpr std::size_t kEq5Levels = 3;
constexpr int kDepthUnit = 840;

enum Joint : std::size_t { k00, k01, k10, k11, k21 };

// How many steps each metric that counts is below its worst value, by v4::Index; what is Not Defined is the base
// metric's, or the worst.
class Steps {
 public:
  explicit Steps(const Vector& vector) {
    for (std::size_t metric = v4::kAv; metric <= v4::kSa; ++metric) steps_[metric] = Effective(vector, metric);
    for (std::size_t metric = v4::kE; metric <= v4::kAr; ++metric)
      steps_[metric] = std::max(static_cast<int>(vector.Place(metric)), 1) - 1;
  }

  [[nodiscard]] int operator[](std::size_t metric) const { return steps_[metric]; }
  [[nodiscard]] int Sum(std::size_t first, std::size_t last) const {
    return std::accumulate(steps_.begin() + static_cast<int>(first), steps_.begin() + static_cast<int>(last) + 1, 0);
  }

 private:
  // Subsequent systems have one value more, Safety, which only the modified metrics of integrity and availability can
  // say; all three are measured from there.
  static int Effective(const Vector& vector, std::size_t metric) {
    const auto base = static_cast<int>(vector.Place(metric));
    const auto modified = static_cast<int>(vector.Place(metric + v4::kModified));
    if (metric == v4::kSc) return modified != 0 ? modified : base;
    if (metric == v4::kSi || metric == v4::kSa) return modified != 0 ? modified - 1 : base;
    return (modified != 0 ? modified : base) - 1;
  }

  std::array<int, v4::kAr + 1> steps_{};
};

constexpr int kSubsequentSafety = 0, kSubsequentHigh = 1, kSubsequentNone = 3;
constexpr int kNone = 2;  // of the vulnerable system
constexpr int kPhysical = 3;

bool HasNoImpact(const Steps& steps) {
  return steps[v4::kVc] == kNone && steps[v4::kVi] == kNone && steps[v4::kVa] == kNone &&
         steps[v4::kSc] == kSubsequentNone && steps[v4::kSi] == kSubsequentNone && steps[v4::kSa] == kSubsequentNone;
}

struct MacroVector {
  std::size_t eq1, eq2, eq3_and_6, eq4, eq5;

  [[nodiscard]] int Tenths() const { return kMacroVectorTenths[2 * eq1 + eq2][eq3_and_6][eq4][eq5]; }
};

std::size_t Eq1(const Steps& steps) {
  const int worst = (steps[v4::kAv] == 0) + (steps[v4::kPr] == 0) + (steps[v4::kUi] == 0);
  if (worst == 3) return 0;
  return worst == 0 || steps[v4::kAv] == kPhysical ? 2 : 1;
}

Joint Eq3And6(const Steps& steps) {
  const bool vc = steps[v4::kVc] == 0, vi = steps[v4::kVi] == 0, va = steps[v4::kVa] == 0;
  const bool required = (vc && steps[v4::kCr] == 0) || (vi && steps[v4::kIr] == 0) || (va && steps[v4::kAr] == 0);
  if (vc && vi) return required ? k00 : k01;
  if (vc || vi || va) return required ? k10 : k11;
  return k21;
}

std::size_t Eq4(const Steps& steps) {
  if (steps[v4::kSi] == kSubsequentSafety || steps[v4::kSa] == kSubsequentSafety) return 0;
  const bool high =
      steps[v4::kSc] == kSubsequentHigh || steps[v4::kSi] == kSubsequentHigh || steps[v4::kSa] == kSubsequentHigh;
  return high ? 1 : 2;
}

MacroVector MacroVectorOf(const Steps& steps) {
  return {.eq1 = Eq1(steps),
          .eq2 = steps.Sum(v4::kAc, v4::kAt) == 0 ? 0U : 1U,
          .eq3_and_6 = Eq3And6(steps),
          .eq4 = Eq4(steps),
          .eq5 = static_cast<std::size_t>(steps[v4::kE])};
}

// The score of the MacroVector that is next lower in one class; nothing when this is the lowest.
std::optional<int> Lower(MacroVector macro, std::size_t MacroVector::* level, std::size_t levels) {
  if (++(macro.*level) == levels) return std::nullopt;
  return macro.Tenths();
}

// Two ways lead down from 00; the one that costs less counts.
std::optional<int> LowerEq3And6(MacroVector macro) {
  const auto at = [&](Joint joint) {
    macro.eq3_and_6 = joint;
    return macro.Tenths();
  };
  switch (macro.eq3_and_6) {
    case k00: return std::max(at(k01), at(k10));
    case k01:
    case k10: return at(k11);
    case k11: return at(k21);
    default: return std::nullopt;
  }
}

// Adds up what the classes with a lower level take off the score.
class MeanDistance {
 public:
  explicit MeanDistance(int tenths) : tenths_(tenths) {}

  void Add(std::optional<int> lower, const Level& level, int steps) {
    if (!lower) return;
    sum_ += (tenths_ - *lower) * (steps - level.steps) * (kDepthUnit / level.depth);
    ++classes_;
  }

  // The score less the mean, to the nearest tenth.
  [[nodiscard]] int Result() const {
    if (classes_ == 0) return tenths_;
    const int unit = classes_ * kDepthUnit;
    return std::max(2 * (tenths_ * unit - sum_) + unit, 0) / (2 * unit);
  }

 private:
  int tenths_, sum_ = 0, classes_ = 0;
};

}  // namespace

int Tenths4(const Vector& vector) {
  const Steps steps(vector);
  if (HasNoImpact(steps)) return 0;
  const MacroVector macro = MacroVectorOf(steps);
  MeanDistance mean(macro.Tenths());
  const int eq1_steps = steps[v4::kAv] + steps[v4::kPr] + steps[v4::kUi];
  mean.Add(Lower(macro, &MacroVector::eq1, kEq1.size()), kEq1[macro.eq1], eq1_steps);
  mean.Add(Lower(macro, &MacroVector::eq2, kEq2.size()), kEq2[macro.eq2], steps.Sum(v4::kAc, v4::kAt));
  mean.Add(LowerEq3And6(macro), kEq3And6[macro.eq3_and_6], steps.Sum(v4::kVc, v4::kVa) + steps.Sum(v4::kCr, v4::kAr));
  mean.Add(Lower(macro, &MacroVector::eq4, kEq4.size()), kEq4[macro.eq4], steps.Sum(v4::kSc, v4::kSa));
  // Exploit maturity has one value a level, so its distance is 0.
  mean.Add(Lower(macro, &MacroVector::eq5, kEq5Levels), {0, 1}, 0);
  return mean.Result();
}

}  // namespace holdfast::cvss
