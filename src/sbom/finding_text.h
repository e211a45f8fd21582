// What documents and reports say of findings in words, once for all formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cvss/vector.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::sbom {

// Whether all of the target was looked at; the problems say what was not.
[[nodiscard]] bool IsComplete(const model::ImageAnalysis& analysis);
[[nodiscard]] std::string ProblemText(const Problem& problem);  // "usr/lib/a.jar: what is wrong with it"

// Where the package was found first; empty: nowhere that is known.
[[nodiscard]] std::string_view PathOf(const model::Package& package);
// The diff id of the layer that brought it; empty where layers have none.
[[nodiscard]] std::string_view LayerOf(const model::ImageAnalysis& analysis, const model::Package& package);

// The lowest version that fixes it, else "won't fix", "no fix" or "under investigation"; empty: nobody said.
[[nodiscard]] std::string FixText(const model::Finding& finding);
// A sentence about what to do, or that there is nothing to be done yet.
[[nodiscard]] std::string Recommendation(const model::Finding& finding, const model::Package& package);

// What the advisories say it is about, else what is known of the vulnerability itself.
[[nodiscard]] std::string_view SummaryOf(const model::Finding& finding);
// "0.97123", the probability of exploitation within 30 days; empty: not known.
[[nodiscard]] std::string EpssText(const model::Finding& finding);
// "since 2024-05-30, by ransomware", of CISA's catalogue; empty: it is not in it.
[[nodiscard]] std::string KnownExploitedText(const model::Finding& finding);
// "31.4" of 100; empty: none is known.
[[nodiscard]] std::string RiskText(const model::Finding& finding);
// 79 of "CWE-79", for those of the finding's weaknesses that are such.
[[nodiscard]] std::vector<std::uint32_t> CweNumbers(const model::Finding& finding);

// The vectors that came with advisories, then those that are known of the vulnerability itself; each once.
[[nodiscard]] std::vector<model::CvssVector> CvssOf(const model::Finding& finding);
struct CvssScore {
  double value = 0;
  cvss::Version version = cvss::Version::k31;
};
// By the vectors of the highest version that can be read, the highest of their scores.
[[nodiscard]] std::optional<CvssScore> BestScore(const model::Finding& finding);

// Whether a link that came with an advisory is one to http or https without anything that must be quoted. At most
// 2048 bytes, as browsers take.
[[nodiscard]] bool IsWebUrl(std::string_view url);
// The page about a vulnerability, where its identifier says whose it is (NVD of a CVE, GitHub of a GHSA, else
// OSV.dev); empty for identifiers that no page can be made of.
[[nodiscard]] std::string PageOf(std::string_view id);

}  // namespace holdfast::sbom
