// An executable of any format.
#include <cstdint>

#include "catalog/executable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  io::MemorySource whole({data, size}, 4096);
  io::MemorySource cut({data, size}, 7);
  static catalog::KeptContent kept;
  const auto parts = catalog::DistilExecutable(whole, kept, Limits{});
  // Neither the cuts nor what was held before may matter.
  HF_ASSERT(parts == catalog::DistilExecutable(cut, kept, Limits{}));
  if (parts)
    for (const auto& part : *parts) HF_ASSERT(!part.name.empty());
  return 0;
}
