// Rocky Linux's errata: the JSON of its API (errata.rockylinux.org/api/v3/advisories/, pages of them), and
// updateinfo.xml of its repositories (dl.rockylinux.org/pub/rocky/N/REPOSITORY/ARCH/os/repodata).
//
// Ids are Rocky's (RLSA-2025:21816), which OSV.dev uses too; of what several publishers say the newest is kept.
// Packages are binary ones, by major release: what the API says of minor releases ("Rocky Linux 8.4 x86_64 (Legacy)")
// is the same erratum before its repository was replaced. Modules are known in the API's form; updateinfo.xml tells
// them by their versions only (".module+el9"), so that a fix holds for all streams there.
//
// Left out, and counted: errata that are no security errata (RLBA, RLEA).
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeRockyProvider();

}  // namespace holdfast::advisory
