// Triage: what people and vendors decided of findings. It moves findings to the silenced ones, and back where somebody
// whose word counts for more says that they hold. Nothing vanishes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "match/matcher.h"
#include "model/image_analysis.h"
#include "triage/ignore_rules.h"
#include "triage/vex.h"

namespace holdfast::triage {

// Of several statements about a finding that of the highest level counts, then the one that names a version, then the
// newest, then the first. "not_affected" and "fixed" silence a finding. "affected" and "under_investigation" mark it,
// and bring one back that the matcher had silenced when they are the supplier's or one's own: the matcher silences by
// what the distribution says. Who was overruled is told with the finding.
void ApplyVex(const std::vector<VexDocument>& documents, const model::ImageAnalysis& analysis,
              match::MatchResult& matched);

// The first rule that covers a finding silences it. Rules that have expired by `today` ("2026-11-25") do not count, and
// each becomes a problem of the result.
void ApplyIgnoreRules(const std::vector<IgnoreRule>& rules, const model::ImageAnalysis& analysis,
                      const std::string& today, match::MatchResult& matched);

// What the command line leaves out.
struct Preferences {
  bool only_fixed = false;  // findings without a fix
  bool hide_owned = false;  // findings of language packages that a distribution package owns
};
void ApplyPreferences(const Preferences& preferences, match::MatchResult& matched);

}  // namespace holdfast::triage
