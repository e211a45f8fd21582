// Why: which advisory, range, release or statement decided whether an image has a vulnerability. Of what is there, and
// of what is not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/lookup.h"
#include "match/matcher.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::match {

struct WhyQuestion {
  std::string vulnerability;  // "CVE-2024-3094", "GHSA-…", an advisory's id; any case
  std::string package;        // only packages of that name; empty: all
};

// What one row of an advisory comes to for one package.
enum class RowOutcome : std::uint8_t {
  kHolds,
  kFixed,          // the package has reached the fixed version
  kOutsideRanges,  // its version lies before the first affected one, or between ranges
  kNotAffected,    // the row says so
  kOtherArchitecture,
  kOtherModule,  // an RPM module, or none
  kUndecided,    // a version that the scheme cannot read
};
[[nodiscard]] std::string_view RowOutcomeName(RowOutcome outcome);  // "holds", "fixed", "outside-ranges", …

struct ExaminedRow {
  std::uint32_t package = 0;  // index in ImageAnalysis::packages
  std::string advisory_id;
  std::string looked_up;         // "Debian:12 openssl"
  std::string compared_version;  // the source's, for a look-up by source
  std::string version_scheme;
  std::string ranges;  // what the row says, for people: ">= 0, < 3.0.15-1~deb12u1"
  std::string fix_state;
  RowOutcome outcome = RowOutcome::kOutsideRanges;
  std::string explanation;  // a sentence
};

// An advisory about the vulnerability, and the packages that it names in places where this image's could be found.
struct KnownAdvisory {
  std::string id, source;
  std::string withdrawn;               // RFC 3339; empty: it stands
  std::vector<std::string> here;       // "Debian:12 openssl"
  std::vector<std::string> elsewhere;  // places, at most kPlacesMax: "Debian:11", "PyPI"
};

inline constexpr std::size_t kPlacesMax = 32;
inline constexpr std::size_t kAdvisoriesMax = 256;  // about one vulnerability; more are counted
inline constexpr std::size_t kRowsMax = 4096;

struct WhyAnswer {
  std::string vulnerability;                     // as the question's
  std::vector<std::string> names;                // it, and what it is called otherwise
  std::vector<model::Finding> findings;          // of it, in the image
  std::vector<model::SilencedFinding> silenced;  // likewise
  std::vector<KnownAdvisory> advisories;
  std::vector<ExaminedRow> rows;
  std::uint64_t packages_examined = 0;
  std::uint64_t left_out = 0;  // advisories and rows beyond the bounds
  std::string conclusion;      // one or two sentences
};

// `matched` is Match's answer for the same analysis and lookup, with whatever was silenced since.
[[nodiscard]] Result<WhyAnswer> Explain(const WhyQuestion& question, const model::ImageAnalysis& analysis,
                                        const AdvisoryLookup& advisories, const MatchResult& matched);

}  // namespace holdfast::match
