// FIRST's Exploit Prediction Scoring System (first.org/epss/data_stats; epss.empiricalsecurity.com,
// epss_scores-YYYY-MM-DD.csv.gz): a line for each CVE, "cve,epss,percentile", below a comment that names the model and
// the day of the scores.
//
// Files before 2022 have no comment: their day is in their name, if it was kept. Files before September 2021 have no
// percentiles: they are counted, as the share of the file's scores that are not higher.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

inline constexpr std::size_t kEpssRowsMax = 5'000'000;
inline constexpr std::size_t kEpssBadRowsMax = 1'000;  // beyond them the file is none of scores

// Each score becomes facts of one CVE, `modified` on the day of the file. A line that cannot be read is a problem and
// left out.
[[nodiscard]] std::unique_ptr<Provider> MakeEpssProvider();

}  // namespace holdfast::advisory
