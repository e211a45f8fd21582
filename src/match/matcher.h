// The matcher: packages × advisories → findings.
//
// A distribution's package is looked up under the image's distribution: by its own name, by the name of the
// source package it was built from, or both, as that distribution's advisories name packages. A language
// package is looked up in its ecosystem by each of its advisory names. Then one finding is made for each
// package and vulnerability: advisories that share a CVE (GHSA, PYSEC and GO for the same flaw) become one
// finding, and a distribution's advisory about several CVEs becomes one finding for each.
//
// A distribution knows its own packages best. What it says is not affected, or fixed, silences what others say: of that
// package, and of language packages that it owns. Nothing vanishes: silenced findings are told with who silenced them.
//
// What is found by CPE name is the last resort: it adds nothing where others find the same vulnerability, and is
// silenced where they say that the package does not have it or has it fixed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/problem.h"
#include "base/result.h"
#include "match/lookup.h"
#include "match/rating.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::match {

// Which packages are looked up by CPE name too (match/cpe_search.h), besides their ecosystem's or distribution's own
// advisories.
enum class CpeSearch : std::uint8_t {
  kOff,          // none
  kNoEcosystem,  // those for which there are no other advisories
  kAll,
};

struct MatchOptions {
  Limits limits;
  std::string today;  // "2026-11-25": releases that ended before are told; empty: none is
  SeverityOrder severity = SeverityOrder::kVendor;
  CpeSearch cpe = CpeSearch::kOff;
  bool kernel_headers = false;  // with findings of packages that have a kernel's headers only
};

struct MatchResult {
  std::vector<model::Finding> findings;          // by severity (highest first), package name, package, id
  std::vector<model::SilencedFinding> silenced;  // in the same order
  // What could not be decided: unreadable versions, a distribution without advisories. `path` is where the
  // package was found, or empty.
  std::vector<Problem> problems;
  std::uint64_t problems_dropped = 0;  // beyond Limits::problems_max
};

// Fails only when the lookup does (kCorrupt).
[[nodiscard]] Result<MatchResult> Match(const model::ImageAnalysis& analysis, const AdvisoryLookup& advisories,
                                        const MatchOptions& options = {});

// Moves what `silence` has an answer to: a silenced finding, made of the finding it was asked about, which it may move
// from.
template <typename Silence>
void MoveSilenced(MatchResult& result, const Silence& silence) {
  std::vector<model::Finding> left;
  left.reserve(result.findings.size());
  for (model::Finding& finding : result.findings) {
    if (std::optional<model::SilencedFinding> silenced = silence(finding))
      result.silenced.push_back(*std::move(silenced));
    else
      left.push_back(std::move(finding));
  }
  result.findings = std::move(left);
}

// Puts both lists into their order again, after somebody moved findings between them.
void SortFindings(const model::ImageAnalysis& analysis, MatchResult& result);

}  // namespace holdfast::match
