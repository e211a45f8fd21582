// A layer through the whole engine: decompress, walk, record, squash, catalogers. The record must survive its own
// encoding.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "catalog/builtin/builtin.h"
#include "catalog/catalog_image.h"
#include "catalog/distro.h"
#include "catalog/walk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::catalog::LayerRecord;
  holdfast::Limits limits;
  limits.layer_bytes_max = 1 << 24;
  limits.layer_entries_max = 10'000;
  limits.archive_inflated_floor_bytes = 1 << 22;
  static const auto& catalogers = *new auto(holdfast::catalog::BuiltinCatalogers());
  const holdfast::catalog::ClaimIndex claims(catalogers, holdfast::catalog::DistroClaims(), limits);
  holdfast::io::MemorySource source(holdfast::Bytes(data, size), 4096);
  static const auto& plan = *new auto(*holdfast::catalog::SearchPlan::Make(holdfast::catalog::DefaultSearchConfig()));
  const auto record = holdfast::catalog::AnalyzeLayer(source, claims, limits, plan.get());
  if (!record) return 0;
  const auto encoded = record->Encode();
  if (!encoded) return 0;
  auto decoded = LayerRecord::Decode(*encoded, limits);
  if (!decoded) std::abort();
  (void)holdfast::catalog::CatalogImage({&*decoded, 1}, catalogers, limits, plan->Config());
  return 0;
}
