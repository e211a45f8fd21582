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

// One finding for each vulnerability, by id. `package` and `owned_by` are left to the caller.
[[nodiscard]] std::vector<model::Finding> MakeFindings(const std::vector<Evidence>& evidence);

}  // namespace holdfast::match
