// An archive through the distiller and the Java cataloger.

#include <cstddef>
#include <cstdint>

#include "catalog/archive.h"
#include "catalog/java/java.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::Limits limits;
  limits.archive_inflated_floor_bytes = 4 * holdfast::kMiB;
  limits.archive_inflated_ratio_max = 1;
  holdfast::io::MemorySource source(holdfast::Bytes(data, size), 4096);
  const auto parts = holdfast::catalog::DistilArchive(source, size, limits);
  if (parts)
    (void)holdfast::test::RunCataloger(*holdfast::catalog::MakeJavaArchiveCataloger(),
                                       {{"a-1.jar", holdfast::catalog::EncodeParts(*parts)}});
  return 0;
}
