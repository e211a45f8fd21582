// The CVE list (cve.org; github.com/CVEProject/cvelistV5, cves/YYYY/Nxxx/CVE-….json), CVE record format 5.0 to 5.2
// (github.com/CVEProject/cve-schema), and the same records as CISA enriches them (github.com/cisagov/vulnrichment).
//
// A record has the container of who assigned the identifier (CNA) and those of others (ADP): facts are taken from all
// of them. Scores are of who gave them, by the short name of the container's provider ("redhat", "CISA-ADP").
//
// Read: cveMetadata; of containers descriptions (English, else the first), rejectedReasons, metrics (CVSS of all
// versions; SSVC and KEV as CISA writes them below metrics.other), problemTypes. Not read: affected, whose products and
// versions are in each assigner's own words; references, which advisories have.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "advisory/provider.h"

namespace holdfast::advisory {

// Bounds of one record; what is beyond them is left out, and told.
inline constexpr std::size_t kCveContainersMax = 64;
inline constexpr std::size_t kCveMetricsMax = 1'000;  // and problem types, of one container

struct CveRecord {
  model::VulnerabilityFacts facts;
  std::vector<std::string> problems;  // what was left out
};

// Whether it claims to be a record of format 5.
[[nodiscard]] bool LooksLikeCveRecord(io::JsonView root);
// kCorrupt without an identifier, a known state, or the assigner's container.
[[nodiscard]] Result<CveRecord> ParseCveRecord(io::JsonView root);

[[nodiscard]] std::unique_ptr<Provider> MakeCveListProvider();

}  // namespace holdfast::advisory
