// Archives of analyses from elsewhere: whatever is unpacked can be packed, and unpacks to the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "service/archive_package.h"

namespace service = holdfast::service;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::Limits limits;
  limits.layer_bytes_max = 16 * holdfast::kMiB;
  const auto package = service::UnpackArchive({reinterpret_cast<const char*>(data), size}, limits);
  if (!package) return 0;
  if (!package->image.analysis || package->analysis.empty()) std::abort();
  const auto again = service::UnpackArchive(service::PackArchive(*package), holdfast::Limits());
  // A kind of document, or a text that is not UTF-8, may not survive the writing; what identifies the image does.
  if (!again) return 0;
  if (again->image.digest != package->image.digest || again->analysis != package->analysis) std::abort();
  if (again->image.tags.size() != package->image.tags.size()) std::abort();
  return 0;
}
