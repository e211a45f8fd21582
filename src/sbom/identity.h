// Identifiers inside documents, made from content so that they are stable from run to run.
#pragma once

#include <string>
#include <string_view>

#include "model/image_analysis.h"

namespace holdfast::sbom {

// What the target is called: its name, else the reference as given.
[[nodiscard]] std::string TargetName(const model::ImageSource& source);
// The digest that stands for the target: of its manifest, else of its only layer; may be empty.
[[nodiscard]] std::string TargetDigest(const model::ImageAnalysis& analysis);

// A UUID of version 8 (RFC 9562 section 5.8) from the SHA-256 of `text`.
[[nodiscard]] std::string ContentUuid(std::string_view text);
// Covers everything that tells one document from another.
[[nodiscard]] std::string DocumentUuid(const model::ImageAnalysis& analysis, std::string_view timestamp);

}  // namespace holdfast::sbom
