// The National Vulnerability Database: pages of its API 2.0 (services.nvd.nist.gov/rest/json/cves/2.0) and its feeds of
// the same form (nvdcve-2.0-YYYY.json; schema cve_api_json_2.0), and corrections of its configurations by Anchore
// (github.com/anchore/nvd-data-overrides, data/YYYY/CVE-….json).
//
// A vulnerability becomes facts (source "nvd"), and an advisory "NVD-CVE-…" whose rows are of ecosystem "CPE", see
// nvd/nvd_rows.h. Its CVSS scores are of source "nvd" where NVD scored, "CISA-ADP" where CISA did, else of the address
// of who did. An override replaces the configurations of its CVE, whichever comes first; where NVD has no such record
// it stands alone. Rejected CVEs have facts and no rows.
//
// Read: id, published, lastModified, vulnStatus, descriptions, metrics, weaknesses, configurations, cisa…. Not read:
// references (the page at NVD is given), cveTags, affected, and the feeds 1.1 that ended in 2023.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/provider.h"

namespace holdfast::advisory {

// Documents that come without a tree are read element by element: a feed of one year has more text than one is made of.
inline constexpr std::size_t kNvdHeadBytes = 4096;     // in which such a document says what it is
inline constexpr std::size_t kNvdPageMax = 1'000'000;  // vulnerabilities of one document
inline constexpr std::size_t kNvdListMax = 1'000;      // scores and weaknesses of one vulnerability

struct NvdFacts {
  model::VulnerabilityFacts facts;
  std::vector<std::string> problems;  // what was left out
};

// Of the object that a page has as "cve". kCorrupt without an identifier.
[[nodiscard]] Result<NvdFacts> ParseNvdFacts(io::JsonView cve);

[[nodiscard]] bool LooksLikeNvdPage(io::JsonView root);
[[nodiscard]] bool LooksLikeNvdOverride(io::JsonView root);

// Keeps configurations, encoded, until all documents are read: a CVE takes some 400 bytes.
class NvdCollector {
 public:
  // Of one record of NVD; of several of the same CVE the newest holds.
  void Add(const model::VulnerabilityFacts& facts, const std::vector<model::Affected>& rows);
  void Override(const std::string& cve, const std::vector<model::Affected>& rows);
  // Gives what was gathered, by CVE, and forgets it.
  void Give(AdvisorySink& sink);

 private:
  struct Entry {
    std::string published, modified;
    std::string rows, override_rows;  // empty: none came
    model::Severity severity = model::Severity::kUnknown;
    bool rejected = false;
  };
  static void GiveOne(const std::string& cve, const Entry& entry, AdvisorySink& sink);

  std::map<std::string, Entry> entries_;
};

[[nodiscard]] std::unique_ptr<Provider> MakeNvdProvider();

}  // namespace holdfast::advisory
