// An ImageAnalysis as bytes, for the pipe from the sandboxed worker and for the object store; likewise a Finding. The
// decoder trusts nothing: indexes in relations are checked, and nothing is allocated by a stated length alone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/finding.h"
#include "model/image_analysis.h"

namespace holdfast::model {

[[nodiscard]] std::string EncodeImageAnalysis(const ImageAnalysis& analysis);
[[nodiscard]] Result<ImageAnalysis> DecodeImageAnalysis(std::string_view bytes);

// Part of it, for requests to the worker.
[[nodiscard]] std::string EncodeImageSource(const ImageSource& source);
[[nodiscard]] Result<ImageSource> DecodeImageSource(std::string_view bytes);

// Without what ties it to one image: package and owned_by.
[[nodiscard]] std::string EncodeFinding(const Finding& finding);
[[nodiscard]] Result<Finding> DecodeFinding(std::string_view bytes);

}  // namespace holdfast::model
