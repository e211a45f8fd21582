// Gate "vulnerabilities": the vulnerabilities of the image's packages, and the data they come from.
//
//   trigger                         trigger id
//   package                         "CVE-2024-1+openssl" for a distribution's package; for others the second part is
//                                   the file that holds it: "CVE-2024-1+app.jar", "CVE-2024-1+lodash" (npm: the
//                                   folder), else "CVE-2024-1+flask-2.0"
//   stale_feed_data                 "stale_feed_data"
//   vulnerability_data_unavailable  "vulnerability_data_unavailable"
//   blacklist                       "blacklist+CVE-2024-1+CVE-2024-2": those found, in the order of the parameter
#pragma once

#include <span>

#include "policy/trigger.h"

namespace holdfast::policy {

[[nodiscard]] std::span<const Trigger> VulnerabilitiesTriggers();

}  // namespace holdfast::policy
