// From whatever a name leads to (an index of indexes, or a manifest) to the one image for a platform.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "image/manifest.h"
#include "image/platform.h"
#include "image/source.h"

namespace holdfast::image {

// Where documents come from: a registry, a layout, the members kept of an archive.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;
  // The document, at most document_bytes_max. The caller verifies size and digest. kNotFound when it is not there.
  [[nodiscard]] virtual Result<std::string> ReadDocument(const Descriptor& descriptor) = 0;
  // False when it is known not to be there.
  [[nodiscard]] virtual bool MayHave(const Descriptor& /*descriptor*/) { return true; }
};

struct ResolvedImage {
  Descriptor manifest_at;
  Manifest manifest;
  Config config;
};

// Verifies each document, follows at most four indexes, takes the best entry for `wanted` (absent: this
// host's). An entry without a platform is taken only when it is alone. kNotFound lists the platforms there are.
[[nodiscard]] Result<ResolvedImage> ResolveImage(DocumentReader& documents, const Descriptor& root,
                                                 const std::optional<Platform>& wanted, const Limits& limits);

// What the image says of its layers: keyed by digest, with diff ids. kCorrupt when manifest and config
// disagree in number. Foreign layers are left out and become problems.
struct StatedLayers {
  std::vector<LayerDescriptor> layers;
  std::vector<Problem> problems;
};
[[nodiscard]] Result<StatedLayers> LayersOf(const ResolvedImage& image);

// Fills in what manifest and config know. The digest is the manifest's, not that of an index which led to it.
void DescribeImage(const ResolvedImage& image, model::ImageSource& source);
void DescribeConfig(const Config& config, model::ImageSource& source);

// kCorrupt unless `bytes` have this size and SHA-256.
[[nodiscard]] Result<void> VerifyDocument(std::string_view bytes, const Descriptor& stated);

}  // namespace holdfast::image
