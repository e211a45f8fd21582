// Manifests, indexes and configs.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "image/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace image = holdfast::image;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::Limits limits;
  const auto document = image::ParseDocument(text, "", limits);
  // What is taken without a stated type cannot be both.
  if (document && image::ParseDocument(text, image::kOciManifest, limits) &&
      image::ParseDocument(text, image::kOciIndex, limits))
    __builtin_trap();
  static_cast<void>(image::ParseConfig(text, limits));
  return 0;
}
