// An executable of any format.
#include <cstdint>

#include "catalog/executable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  io::MemorySource whole({data, size}, 4096);
  io::MemorySource cut({data, size}, 7);
  const auto parts = catalog::DistilExecutable(whole, size, Limits{});
  // Neither the cuts nor a wrong size may matter.
  HF_ASSERT(parts == catalog::DistilExecutable(cut, size / 2, Limits{}));
  if (parts)
    for (const auto& part : *parts) HF_ASSERT(!part.name.empty());
  return 0;
}
