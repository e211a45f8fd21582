// Oracle's OVAL of its errata (linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2, or one document for a year
// or an erratum of the same form).
//
// A definition is one erratum, ELSA-YYYY-N, about some CVEs. Its criteria: "Oracle Linux 8 is installed", "Oracle Linux
// arch is x86_64", for modular packages "Module httpd:2.4 is enabled", and "NAME is earlier than EVR" beside "NAME is
// signed with ...", NAME being a binary package. What is not fixed yet is not said.
//
// Left out are the fixes that are another build of a package, which ordinary installations never get and whose higher
// epoch would make every one of them look unfixed: those for Ksplice ("2:2.28-151.0.1.ksplice2.el8") and those
// certified for FIPS 140 ("10:3.6.16-4.0.1.el8_fips").
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeOracleProvider();

}  // namespace holdfast::advisory
