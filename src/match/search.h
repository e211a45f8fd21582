// First half of matching: which rows hold for a package.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "match/decide.h"
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
  model::EcosystemRelease where;
  bool direct = true;  // found by the package's own name
};

// A row that says that the package does not have the vulnerability: never affected, or not any more.
struct Denial {
  std::string advisory_id;
  model::EcosystemRelease where;
  std::string looked_up;  // as in MatchReason
  std::string fixed;      // the fixed version that the package has reached; empty: it is not affected
};

struct SearchOptions {
  // With denials of fixed versions too: of packages that own others.
  bool with_fixed = false;
};

struct SearchResult {
  std::vector<Hit> hits;  // by advisory id; one for each advisory, direct ones preferred
  std::vector<Denial> denials;
  std::string problem;  // the first thing that could not be decided; empty: none
};

// One question to the lookup: what is said of that name there.
struct Query {
  model::EcosystemRelease where;
  std::string name;  // normalised
  std::string_view matcher;
  Candidate candidate;  // prepared; its views live as long as the package

  [[nodiscard]] std::string Text() const;  // "Debian:12 openssl"
};

// Of a row that holds.
[[nodiscard]] Hit MakeHit(const model::AffectedView& row, const Query& query, Decision decision);

// All that is asked about a package, its own name first. `distro` as below.
[[nodiscard]] std::vector<Query> QueriesOf(const model::Package& package,
                                           const std::vector<model::EcosystemRelease>& distro);

// `distro` are the ecosystems of the image's distribution (match/distro.h).
[[nodiscard]] Result<SearchResult> SearchPackage(const model::Package& package,
                                                 const std::vector<model::EcosystemRelease>& distro,
                                                 const AdvisoryLookup& advisories, const SearchOptions& options = {});

}  // namespace holdfast::match
