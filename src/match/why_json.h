// The answer to why as JSON: for the command line and the API alike.
#pragma once

#include <string>

#include "match/why.h"
#include "model/image_analysis.h"

namespace holdfast::match {

// Where the package was found: "/var/lib/dpkg/status of layer 0 (sha256:…)"; empty when that is not known.
[[nodiscard]] std::string PlaceOf(const model::ImageAnalysis& analysis, std::uint32_t package);

// {"vulnerability", "conclusion", "names", "present", "findings", "silenced", "advisories", "rows", "packagesExamined",
// "leftOut"}
[[nodiscard]] std::string WhyJson(const WhyAnswer& answer, const model::ImageAnalysis& analysis);

}  // namespace holdfast::match
