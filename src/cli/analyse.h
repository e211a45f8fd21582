// The target of the command line, taken apart.
#pragma once

#include <optional>

#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/options.h"
#include "model/image_analysis.h"
#include "sbom/completeness.h"

namespace holdfast::cli {

struct Analysed {
  model::ImageAnalysis analysis;
  std::optional<sbom::Completeness> completeness;  // of the document that it was read from
};

[[nodiscard]] Result<Analysed> Analyse(const Options& options, const Limits& limits, Logger& logger);

}  // namespace holdfast::cli
