// Holdfast's own JSON: everything that is known, under a published schema (docs/schema/holdfast-1.json).
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/finding.h"
#include "model/image_analysis.h"
#include "sbom/write_options.h"

namespace holdfast::sbom {

// Grows by fields within a major version; fields neither change nor go.
inline constexpr std::string_view kNativeSchemaVersion = "1.1";

[[nodiscard]] Result<void> WriteNativeJson(const model::ImageAnalysis& analysis,
                                           std::span<const model::Finding> findings, const WriteOptions& options,
                                           io::ByteSink& sink);

}  // namespace holdfast::sbom
