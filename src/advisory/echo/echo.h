// Echo's advisories (advisory.echohq.com/data.json): one document, an object of source packages of its distribution,
// which rebuilds Debian's; each an object of vulnerabilities,
// {"firefox-esr":{"CVE-2025-4091":{"fixed_version":"128.10.0esr-1"}}}.
//
// Without "fixed_version" it is not fixed yet; "0" says that the package never was affected. Ids are "ECHO-" and the
// vulnerability's, as OSV.dev names what other distributions say of a CVE.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeEchoProvider();

}  // namespace holdfast::advisory
