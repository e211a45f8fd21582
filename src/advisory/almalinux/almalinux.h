// AlmaLinux's errata: errata.full.json of a release (errata.almalinux.org/N/errata.full.json), and updateinfo.xml of
// its repositories (repo.almalinux.org/almalinux/N/REPOSITORY/ARCH/os/repodata).
//
// Ids are AlmaLinux's (ALSA-2019:3708), which its OSV documents use too; of what several documents say the newest is
// kept. OSV documents list fixes of all architectures and module streams side by side, so that the highest counts for
// each package; errata.full.json says which fix is for which. Packages are binary ones, by major release, which in
// errata.full.json is part of the erratum's own address, or else of its packages' dist tags.
//
// Left out, and counted: errata that are no security errata (ALBA, ALEA).
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeAlmaLinuxProvider();

}  // namespace holdfast::advisory
