// CycloneDX 1.6 JSON (ECMA-424): packages as components, the distribution as an operating-system
// component, dependencies, and findings as vulnerabilities: a vulnerability disclosure report (VDR) and bill of
// materials in one, with the severity as it was judged, all CVSS vectors with their scores, affected and fixed
// versions, and what the vendor will not fix.
#pragma once

#include <span>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/finding.h"
#include "model/image_analysis.h"
#include "sbom/write_options.h"

namespace holdfast::sbom {

[[nodiscard]] Result<void> WriteCycloneDx(const model::ImageAnalysis& analysis,
                                          std::span<const model::Finding> findings, const WriteOptions& options,
                                          io::ByteSink& sink);

}  // namespace holdfast::sbom
