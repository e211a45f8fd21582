// Which OSV ecosystems hold a distribution's advisories.
#pragma once

#include <string>
#include <vector>

#include "model/ecosystem.h"
#include "model/package.h"

namespace holdfast::match {

// In the order in which they are asked; empty when no OSV database covers the distribution, or its
// release is not known.
[[nodiscard]] std::vector<model::EcosystemRelease> EcosystemsOf(const model::Distro& distro);

}  // namespace holdfast::match
