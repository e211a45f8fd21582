// The JSON in a Grype database's table "blobs" (github.com/anchore/grype, grype/db/v6, blobs.go).
//
// Unknown keys are skipped; what is of the wrong type counts as absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/intervals.h"
#include "base/result.h"
#include "model/advisory.h"
#include "model/vulnerability_facts.h"
#include "version/scheme.h"

namespace holdfast::advisory {

inline constexpr std::size_t kGrypeBlobBytesMax = 4U << 20U;
inline constexpr std::size_t kGrypeListMax = 10'000;           // of any list in a blob
inline constexpr std::size_t kGrypeTextBytesMax = 64U << 10U;  // descriptions; what is longer is cut

struct GrypeRange {
  model::FixState state = model::FixState::kUnknown;
  std::vector<Interval> intervals;
};

// A PackageBlob: what is said of one package in one place.
struct GrypePackage {
  std::vector<std::string> cves;
  std::string module_label;
  std::string architecture;            // as it stands there, "src" and "binary-no-arch-specified" among them
  bool rootio = false;                 // about packages that Root.io patched, and no others
  std::vector<std::string> platforms;  // "vendor:product"
  std::vector<std::string> symbols;    // "import/path.Symbol"
  std::vector<GrypeRange> ranges;      // at most kGrypeListMax intervals in all of them
  std::size_t bytes = 0;               // about what it takes in memory
};
// A range "up to 1.2 and with it" whose fix is a later version goes up to the fix, as GitHub's own OSV documents have
// it. kCorrupt, kUnsupported, kLimit: of the JSON, a list or a constraint.
[[nodiscard]] Result<GrypePackage> ParseGrypePackage(std::string_view json, const version::Scheme& scheme);

// A VulnerabilityBlob.
struct GrypeVulnerability {
  std::string description;
  std::vector<model::Reference> references;  // the first is the publisher's own page
  std::vector<std::string> aliases;
  model::Severity severity = model::Severity::kUnknown;  // of the best rank
  std::vector<model::CvssVector> cvss;                   // by rank
};
[[nodiscard]] Result<GrypeVulnerability> ParseGrypeVulnerability(std::string_view json);

// A KnownExploitedVulnerabilityBlob; without source and `modified`. kCorrupt without a CVE and a day.
[[nodiscard]] Result<model::VulnerabilityFacts> ParseGrypeKnownExploited(std::string_view json);

// "CVE-2024-1234": the form that facts are kept under.
[[nodiscard]] bool IsGrypeCve(std::string_view id);

}  // namespace holdfast::advisory
