// Arithmetic of version requirements: language databases state which versions are safe (">= 1.2.3, < 2"), and matching
// needs those that are not.
//
// What an operator such as "~>" means is the provider's to know; here are the steps that all of them share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"
#include "version/scheme.h"

namespace holdfast::advisory {

inline constexpr std::size_t kComparatorsMax = 32;  // of one requirement
inline constexpr std::size_t kRequirementsMax = 2'000;
inline constexpr std::size_t kVersionBytesMax = 256;

// ">= 1.2.3": the operator is empty where none is written.
struct Comparator {
  std::string_view op;
  std::string_view version;
};

// Comparators between commas. kCorrupt for one without a version, or with blanks or other odd characters in it; kLimit.
[[nodiscard]] Result<std::vector<Comparator>> SplitRequirement(std::string_view text);

struct Bound {
  std::string version;
  bool inclusive = true;
};

// Absent: without an end on that side.
struct Interval {
  std::optional<Bound> from, to;
};

// Both bounds of the result are the tighter ones. kCorrupt for a bound that `scheme` cannot read.
[[nodiscard]] Result<void> Narrow(Interval& interval, const Interval& by, const version::Scheme& scheme);
// By one of < <= > >= =; kUnsupported for another operator.
[[nodiscard]] Result<Interval> FromOperator(const Comparator& comparator);

// Adds one interval for each requirement of a list, which may be absent. kCorrupt for what is no list, kLimit, and the
// parser's errors.
using RequirementParser = Result<Interval> (*)(std::string_view text);
[[nodiscard]] Result<void> ReadRequirements(io::JsonView list, RequirementParser parse, std::vector<Interval>& safe);

// What no interval covers, ascending; intervals may overlap, and empty ones count for nothing. kCorrupt as above.
[[nodiscard]] Result<std::vector<Interval>> Complement(std::vector<Interval> covered, const version::Scheme& scheme);

// The first version above `version` in the scheme's order, or one so close that none is published between them.
using Successor = std::function<std::string(std::string_view version)>;
// A range begins with its first version: "> 1.2.3" is "from the successor of 1.2.3 on".
[[nodiscard]] model::VersionRange RangeOf(const Interval& interval, const Successor& successor);

// What is affected besides `safe`, as rows like `package`: one with the ranges that end, since whoever is in them can
// go to a safe version, and one for what is open, since above it nothing is safe. No rows when all is safe.
[[nodiscard]] Result<std::vector<model::Affected>> AffectedBesides(std::vector<Interval> safe,
                                                                   const model::Affected& package,
                                                                   const Successor& successor);

}  // namespace holdfast::advisory
