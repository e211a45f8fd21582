// How bad a finding is: whose severity it has, and the order in which findings deserve attention.
#pragma once

#include <cstdint>

#include "model/finding.h"

namespace holdfast::match {

// Whose severity a finding has.
enum class SeverityOrder : std::uint8_t {
  kVendor,   // the advisories'; where they state none, by CVSS: NVD's, then others'
  kNvd,      // by NVD's CVSS first
  kHighest,  // the highest of all
};

// `finding.severity` is the advisories'; its facts are complete.
[[nodiscard]] model::Severity SeverityOf(const model::Finding& finding, SeverityOrder order);

// 0 to 100: 100 × min(1, threat × impact × known), of the finding's severity, scores and facts.
//   threat  1 where exploitation was seen (CISA's KEV, SSVC "active"); else the EPSS probability, and where there is a
//           published exploit (SSVC "poc") at least 0.05
//   impact  the mean of the severity's middle (negligible 0.5, low 3, medium 5, high 7.5, critical 9, unknown 5) and of
//   the
//           CVSS scores' mean, where there are any, over 10
//   known   1.05 in KEV, 1.1 when ransomware uses it, else 1
// Without EPSS data, findings that nobody exploits have no risk: their severity orders them.
[[nodiscard]] double RiskOf(const model::Finding& finding);

}  // namespace holdfast::match
