#include "sbom/identity.h"

#include "io/sha256.h"

namespace holdfast::sbom {

std::string TargetName(const model::ImageSource& source) {
  return source.name.empty() ? source.reference : source.name;
}

std::string TargetDigest(const model::ImageAnalysis& analysis) {
  if (!analysis.source.manifest_digest.empty()) return analysis.source.manifest_digest;
  return analysis.layers.size() == 1 ? analysis.layers.front().diff_id : std::string();
}

std::string ContentUuid(std::string_view text) {
  Sha256Value value = io::Sha256Of(text);
  value.bytes[6] = static_cast<std::uint8_t>((value.bytes[6] & 0x0f) | 0x80);
  value.bytes[8] = static_cast<std::uint8_t>((value.bytes[8] & 0x3f) | 0x80);
  const std::string hex = value.Hex();
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

std::string DocumentUuid(const model::ImageAnalysis& analysis, std::string_view timestamp) {
  std::string text =
      TargetName(analysis.source) + "\n" + analysis.source.manifest_digest + "\n" + std::string(timestamp);
  for (const auto& layer : analysis.layers) text += "\n" + layer.diff_id;
  return ContentUuid(text);
}

}  // namespace holdfast::sbom
