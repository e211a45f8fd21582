// What is missing from an analysis that was read from a document. For sbom's readers only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "model/image_analysis.h"
#include "sbom/completeness.h"

namespace holdfast::sbom {

// Package::type where neither the document nor the package URL tells one.
inline constexpr std::string_view kUnknownType = "unknown";

// What the readers know and the analysis does not tell.
struct Assessed {
  std::string format, tool;
  std::vector<bool> source_stated;  // of each package: that it has no upstream is a statement
  std::vector<bool>
      other_distro;  // of each package: it is not of the analysis's distribution, and has no version scheme
  std::uint64_t bad_records = 0;  // reported as problems already
  bool says_incomplete = false;   // the document, of itself
};

// Puts a problem for each gap in front of the others: kUnsupported when it costs findings, else kNotFound.
[[nodiscard]] Completeness Assess(const Assessed& assessed, const Limits& limits, model::ImageAnalysis& analysis);

}  // namespace holdfast::sbom
