// CISA's catalogue of known exploited vulnerabilities (cisa.gov/known-exploited-vulnerabilities-catalog, JSON; its
// schema is known_exploited_vulnerabilities_schema.json there).
//
// Read: catalogVersion, dateReleased, count; of vulnerabilities cveID, dateAdded, dueDate, requiredAction,
// knownRansomwareCampaignUse (in the catalogue since October 2023), cwes (since 2024). Not read: names of products and
// descriptions, which the CVE list has, and notes.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

inline constexpr std::size_t kKevEntriesMax = 1'000'000;

// Each entry becomes facts of one CVE, `modified` when the catalogue was released. kCorrupt for a catalogue that has
// not as many entries as it says: it was cut.
[[nodiscard]] std::unique_ptr<Provider> MakeKevProvider();

}  // namespace holdfast::advisory
