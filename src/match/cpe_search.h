// Search by CPE name: rows of the ecosystem "CPE", which NVD gives.
//
// They say less well than an ecosystem's own advisories which package they mean: names are in NVD's words, versions
// upstream's, and conditions (which software, which platform) have to be judged.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/lookup.h"
#include "match/search.h"
#include "model/affected_view.h"
#include "model/package.h"

namespace holdfast::match {

inline constexpr std::string_view kCpeMatcher = "cpe";

// Whether the row means software of the package's kind. `stated` is the target software that the package's own CPE
// names; empty: none. A row for a kind that is the ecosystem's, or for none, fits; so does one for a word that stands
// for no kind of package ("kubernetes"). One for plug-ins ("wordpress") fits only where the package's name states it.
[[nodiscard]] bool TargetFits(std::string_view target, const model::Package& package, std::string_view stated);

// Whether one of the row's platforms may be what the package runs on. Other operating systems than the image's are
// not, nor other distributions, nor sites of a content management system; what an image does not tell (hardware,
// other applications) may be.
[[nodiscard]] bool PlatformFits(const model::AffectedView& row, const model::Distro& distro);

// Hits of all names that the package may have, one for each advisory. Of a distribution's package they have no fixed
// versions and no state: what upstream fixed is not what the distribution ships.
[[nodiscard]] Result<std::vector<Hit>> SearchByCpe(const model::Package& package, const model::Distro& distro,
                                                   const AdvisoryLookup& advisories);

}  // namespace holdfast::match
