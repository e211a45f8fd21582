// Which OSV ecosystems hold a distribution's advisories.
#pragma once

#include <string>
#include <vector>

#include "model/ecosystem.h"
#include "model/package.h"

namespace holdfast::match {

// Those of the distribution itself; empty when nobody publishes advisories for it, or its release is not known.
[[nodiscard]] std::vector<model::EcosystemRelease> OwnEcosystemsOf(const model::Distro& distro);

// In the order in which they are asked: its own, then those of packages that others make for it (EPEL). Empty when it
// has none of its own.
[[nodiscard]] std::vector<model::EcosystemRelease> EcosystemsOf(const model::Distro& distro);

}  // namespace holdfast::match
