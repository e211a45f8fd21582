// First half of matching: which rows hold for a package.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "match/lookup.h"
#include "model/advisory.h"
#include "model/ecosystem.h"
#include "model/finding.h"
#include "model/package.h"

namespace holdfast::match {

// A row that holds.
struct Hit {
  std::string advisory_id;
  model::Severity severity = model::Severity::kUnknown;
  model::FixState fix_state = model::FixState::kUnknown;
  std::vector<std::string> fixed_versions;
  std::optional<model::VersionRange> held;  // the range that held; nothing for a listed version
  model::MatchReason reason;
  bool direct = true;  // found by the package's own name
};

struct SearchResult {
  std::vector<Hit> hits;  // by advisory id; one for each advisory, direct ones preferred
  std::string problem;    // the first thing that could not be decided; empty: none
};

// `distro` are the ecosystems of the image's distribution (match/distro.h).
[[nodiscard]] Result<SearchResult> SearchPackage(const model::Package& package,
                                                 const std::vector<model::EcosystemRelease>& distro,
                                                 const AdvisoryLookup& advisories);

}  // namespace holdfast::match
