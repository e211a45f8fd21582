// Constraints on versions in Grype's databases: "< 1.2, >= 1.0 || = 3" (github.com/anchore/grype, grype/version,
// constraint expressions): ',' binds tighter than '||'; operators are = < <= > >=, and none means =; there are no
// parentheses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisory/intervals.h"
#include "base/result.h"
#include "model/advisory.h"
#include "version/scheme.h"

namespace holdfast::advisory {

inline constexpr std::size_t kGrypeConstraintBytesMax = 1U << 20U;
inline constexpr std::size_t kGrypeAlternativesMax = 10'000;

// One interval for each alternative; an empty constraint is every version. kCorrupt for a comparison without a version,
// or two that `scheme` has to compare and cannot read; kUnsupported for another operator; kLimit.
[[nodiscard]] Result<std::vector<Interval>> ParseGrypeConstraint(std::string_view text, const version::Scheme& scheme);

// Adds the interval to a row: a single version as one, all else as a range. A range that begins behind a version begins
// at the place right above it; where the scheme has no such place that is known here, it begins with the version
// itself, which is then found without need.
void AddInterval(const Interval& interval, const version::Scheme& scheme, model::Affected& row);

}  // namespace holdfast::advisory
