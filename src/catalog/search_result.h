// From what layer records hold of searches to what an image shows: hits in visible files, retrieved files by the names
// that the configuration has for them.
#pragma once

#include <span>

#include "catalog/layer_record.h"
#include "catalog/search_config.h"
#include "model/image_analysis.h"
#include "vfs/squash.h"

namespace holdfast::catalog {

// `layers` were applied to `tree`, in order. A record that was made with other searches is a problem of kind
// kUnsupported, and adds nothing.
void CollectSearches(const vfs::SquashedTree& tree, std::span<const LayerRecord> layers, const SearchConfig& config,
                     const Limits& limits, model::ImageAnalysis& analysis, ProblemList& problems);

}  // namespace holdfast::catalog
