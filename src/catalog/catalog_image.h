// From layer records to an image analysis: squash, distribution, packages with the layer that brought
// them, relations. Reads no image bytes, only evidence, so it can be run again over kept records when a
// cataloger has learnt something.
#pragma once

#include <memory>
#include <span>

#include "base/limits.h"
#include "catalog/cataloger.h"
#include "catalog/layer_record.h"
#include "catalog/search_config.h"
#include "model/image_analysis.h"

namespace holdfast::catalog {

// `layers` base first. The result's source is left empty, and of the layer summaries what only the
// source of the image knows (digest, media type, compressed size). `searches` are those that the records were made
// with.
[[nodiscard]] model::ImageAnalysis CatalogImage(std::span<const LayerRecord> layers,
                                                std::span<const std::unique_ptr<Cataloger>> catalogers,
                                                const Limits& limits, const SearchConfig& searches = {});

}  // namespace holdfast::catalog
