// Databases of Grype, schema 6 (github.com/anchore/grype, grype/db/v6; published as vulnerability-db_v6….tar.zst at
// grype.anchore.io/databases/v6, one file vulnerability.db in it): a copy, made daily, of what some twenty publishers
// say. Read as the database file, packed as it is published, or unpacked.
//
// Ids are those of the publishers' own documents here ("DEBIAN-CVE-2024-1", "REDHAT-CVE-…", "ALAS2-2023-1", "GHSA-…",
// "NVD-CVE-…"), so that where both are read, each statement is there once. A statement without a date has the day on
// which Grype's builder fetched it, since an advisory without any would outweigh the publisher's.
//
//   affected_package_handles, unaffected_package_handles, operating_systems, packages   rows.h, places.h
//   affected_cpe_handles, unaffected_cpe_handles, cpes      rows of ecosystem "CPE", package "vendor:product"
//   vulnerability_handles    what the advisory says: dates, severity of the best rank, scores, references, aliases;
//                            rejected and withdrawn ones are withdrawn; of nvd, facts of the CVE too
//   known_exploited_vulnerability_handles, epss_handles, cwe_handles    facts of sources kev, epss and nvd
//   operating_systems.eol_date, eoas_date                               lives of releases
//
// Versions are compared in the order of the package's ecosystem, whatever format a record names. A vulnerability that
// has several records has the highest of their severities. Columns and tables of later revisions are skipped, and those
// that an earlier one lacks are absent.
//
// Left out, and told of by number: systems and ecosystems that none of ours stands for (Windows, Hummingbird,
// WordPress's plug-ins, …), packages patched by Root.io, and hardware. Not read: overrides and aliases of names, which
// are Grype's way to look things up; vulnerability_aliases, which repeats the records; package_cpes; dates of fixes.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

inline constexpr std::size_t kGrypeFactsMax = 5'000'000;             // of each of the tables of facts
inline constexpr std::uint64_t kGrypeParsedBytesMax = 32ULL << 30U;  // of JSON, each time that it is parsed

[[nodiscard]] std::unique_ptr<Provider> MakeGrypeProvider();

}  // namespace holdfast::advisory
