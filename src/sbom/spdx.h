// SPDX 2.3 JSON (ISO/IEC 5962 with the 2.3 additions): the target and its packages, package URLs as
// external references, and relationships.
#pragma once

#include "base/result.h"
#include "io/byte_source.h"
#include "model/image_analysis.h"
#include "sbom/write_options.h"

namespace holdfast::sbom {

[[nodiscard]] Result<void> WriteSpdx(const model::ImageAnalysis& analysis, const WriteOptions& options,
                                     io::ByteSink& sink);

}  // namespace holdfast::sbom
