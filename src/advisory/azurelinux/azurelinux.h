// OVAL of CBL-Mariner 1.0 and 2.0 and of Azure Linux 3.0, as Microsoft publishes it: one document for each release
// (github.com/microsoft/AzureLinuxVulnerabilityData, azurelinux-3.0-oval.xml; before, CBL-MarinerVulnerabilityData,
// cbl-mariner-{1.0,2.0}-oval.xml).
//
// A definition is one CVE of one source package: its criterion says "earlier than" the fix (patchable true), or "with
// that version or earlier" while there is none (patchable false). Patchable "Not Applicable" withdraws the statement.
// Ids are OSV.dev's, AZL- and the definition's number. The release stands nowhere but in the versions' last part: .cm1,
// .cm2, .azl3; Mariner's are releases 1 and 2 of the ecosystem "Azure Linux", as on OSV.dev.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeAzureLinuxProvider();

}  // namespace holdfast::advisory
