// Second half of matching: from the advisories that hold for a package to its findings.
#pragma once

#include <vector>

#include "match/search.h"
#include "model/advisory.h"
#include "model/finding.h"

namespace holdfast::match {

// A hit and the advisory behind it.
struct Evidence {
  const Hit* hit = nullptr;
  const model::Advisory* advisory = nullptr;
};

// A denial and the advisory behind it.
struct Counter {
  const Denial* denial = nullptr;
  const model::Advisory* advisory = nullptr;
};

[[nodiscard]] std::string DescribeDenial(const Denial& denial);  // "Debian:12 a is fixed from 4 on"

struct Merged {
  std::vector<model::Finding> findings;  // by id
  std::vector<model::SilencedFinding> silenced;
};

// One finding for each vulnerability. `package` and `owned_by` are left to the caller.
//
// A vulnerability is silenced when each piece of its evidence is denied in the place where it was found (a release of
// an ecosystem): by a statement that the package is not affected, or, where the evidence is a notice about several
// vulnerabilities, by a statement about this one alone whose fixed version the package has.
[[nodiscard]] Merged MakeFindings(const std::vector<Evidence>& evidence, const std::vector<Counter>& counters);

// The names of what an advisory is about: the CVEs among its id and aliases, else those that it covers; else its own
// names.
[[nodiscard]] std::vector<std::string> VulnerabilitiesOf(const model::Advisory& advisory);

}  // namespace holdfast::match
