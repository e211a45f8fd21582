// For fuzz targets of documents that list packages: what was read holds together, and can be written and read again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "io/byte_source.h"
#include "sbom/document.h"
#include "sbom/native_json.h"

namespace holdfast::test {

inline void FuzzDocument(std::string_view text) {
  constexpr std::size_t kProblemsMax = 100;
  Limits limits;
  limits.problems_max = kProblemsMax;
  (void)sbom::MayBeDocument(text.substr(0, sbom::kRecogniseBytes));
  (void)sbom::RecogniseDocument(text);
  const auto document = sbom::ReadDocument(text, limits);
  if (!document) return;
  const model::ImageAnalysis& analysis = document->analysis;
  if (analysis.problems.size() > kProblemsMax) std::abort();
  for (const auto& relation : analysis.relations)
    if (relation.from >= analysis.packages.size() || relation.to >= analysis.packages.size()) std::abort();
  for (const auto& package : analysis.packages)
    if (package.name.empty() || package.type.empty()) std::abort();
  // Nothing that can be matched must not look well.
  if (analysis.packages.empty() && document->completeness.grade != sbom::Grade::kF) std::abort();
  (void)sbom::DescribeCompleteness(document->completeness);
  io::StringSink sink;
  if (!sbom::WriteNativeJson(analysis, {}, {.tool_version = "1"}, sink)) std::abort();
  const auto again = sbom::ReadDocument(sink.Text(), limits);
  if (!again || again->analysis.packages.size() != analysis.packages.size()) std::abort();
}

}  // namespace holdfast::test
