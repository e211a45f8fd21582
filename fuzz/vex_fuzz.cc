// VEX documents and ignore rules: first byte even → a VEX document, odd → rules; the rest is the text. What is read is
// applied to an image with one finding.
#include <cstdint>
#include <string_view>

#include "triage/triage.h"

namespace triage = holdfast::triage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  holdfast::model::ImageAnalysis analysis;
  analysis.source.reference = "docker.io/library/nginx:1";
  analysis.packages.emplace_back();
  analysis.packages[0].purl.type = "deb";
  analysis.packages[0].purl.name = "a";
  holdfast::match::MatchResult matched;
  matched.findings.emplace_back();
  matched.findings[0].id = "CVE-2024-1";
  if (data[0] % 2 == 0) {
    if (auto document = triage::ReadVex(text, "x", triage::VexLevel::kOwn))
      triage::ApplyVex({*std::move(document)}, analysis, matched);
  } else if (const auto rules = triage::ReadIgnoreRules(text, "x")) {
    triage::ApplyIgnoreRules(*rules, analysis, "2026-01-01", matched);
  }
  return 0;
}
