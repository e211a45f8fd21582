// Bytes that claim to be a layer record: what the worker gets from a cache that somebody has written to.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "catalog/builtin/builtin.h"
#include "catalog/catalog_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::Limits limits;
  limits.inventory_bytes_max = 1 << 22;
  static const auto& catalogers = *new auto(holdfast::catalog::BuiltinCatalogers());
  auto record = holdfast::catalog::LayerRecord::Decode({reinterpret_cast<const char*>(data), size}, limits);
  if (!record) return 0;
  // Whatever searches the record says it was made with.
  const holdfast::catalog::SearchConfig searches = holdfast::catalog::DefaultSearchConfig();
  if (!record->search_id.empty()) record->search_id = searches.Id();
  (void)holdfast::catalog::CatalogImage({&*record, 1}, catalogers, limits, searches);
  return 0;
}
