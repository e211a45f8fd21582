// Does one row of an advisory hold for one version of a package?
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/affected_view.h"
#include "version/scheme.h"

namespace holdfast::match {

// What is compared, and under which rules.
struct Candidate {
  std::string_view version;
  const version::Scheme* scheme = nullptr;
  std::string_view scheme_id;
  std::string_view architecture;
  std::string_view module_label;
  bool readable = false;       // by the scheme; set by Prepare
  bool from_source = false;    // the version is the source package's
  bool marked_only = false;    // besides: only rows of architecture "src" speak of source packages
  bool without_epoch = false;  // RPM: the version comes from a file name, which never has the epoch
};

enum class Outcome : std::uint8_t { kHolds, kDoesNotHold, kUndecided };

struct Decision {
  Outcome outcome = Outcome::kDoesNotHold;
  std::optional<model::VersionRange> held;  // the range that held, unless it was a listed version
  std::string range;                        // the range or version that held, for people: ">= 0, < 1:3.0.7-27.el9"
  std::string problem;                      // why it is undecided
};

// Sets `scheme` and `readable` from the other fields: once a candidate, not once a row.
void Prepare(Candidate& candidate);

// Whether the row speaks of the candidate's build at all.
enum class Condition : std::uint8_t { kFits, kOtherArchitecture, kOtherModule };
[[nodiscard]] Condition ConditionOf(const model::AffectedView& row, const Candidate& candidate);

// The row's ranges and versions, for people: ">= 0, < 1.2 or = 2.0"; "all versions" for a row without any.
[[nodiscard]] std::string DescribeVersions(const model::AffectedView& row);

// A row that says kNotAffected never holds: see Denies.
[[nodiscard]] Decision Decide(const model::AffectedView& row, const Candidate& candidate);

// Whether the row says that the candidate is not affected. Such a row's ranges and versions say which ones are not;
// none at all stands for every version.
[[nodiscard]] bool Denies(const model::AffectedView& row, const Candidate& candidate);

// For a row that does not hold: the highest of its fixed versions that the candidate has reached, if any; else empty.
[[nodiscard]] std::string FixPassed(const model::AffectedView& row, const Candidate& candidate);

// Whether `version` lies in the range, by that scheme.
[[nodiscard]] bool Contains(const model::VersionRange& range, const version::Scheme& scheme, std::string_view version);

// Fixed versions above the candidate's and outside every range of the row, ascending. Those of a row that says kWontFix
// exist for others: customers of an extended support.
[[nodiscard]] std::vector<std::string> FixedVersions(const model::AffectedView& row, const Candidate& candidate);

}  // namespace holdfast::match
