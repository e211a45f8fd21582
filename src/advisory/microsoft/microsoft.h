// Microsoft's monthly security updates as CVRF 1.1 (api.msrc.microsoft.com/cvrf/v3.0/cvrf/2024-Mar).
//
// A product (by its number, "10735" is Windows 10 for x64-based systems) that is affected is fixed by an update, which
// is named by its article ("3147461") and supersedes others of that product. What is installed is known by the last
// update's article, whose number says nothing of an order; so a row lists the updates that the fix supersedes, over all
// documents, and "base" for none at all. The fix itself is named by a range that begins and ends with it, and holds for
// nothing.
//
// Ids are "MSRC-CVE-2016-0088"; the ecosystem is "Microsoft", without releases. A product without any remedy is
// affected whatever is installed.
//
// Left out: products that are updated otherwise than by such articles (builds of browsers, of Visual Studio); CSAF
// documents, which name only those.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeMicrosoftProvider();

}  // namespace holdfast::advisory
