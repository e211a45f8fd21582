// Pages of the NVD and overrides: whatever is recognised is read, and rows are of a product.
#include <cstddef>
#include <cstdint>

#include "advisory/nvd/nvd.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzFacts(*holdfast::advisory::MakeNvdProvider(), holdfast::advisory::Notation::kJson,
                            {reinterpret_cast<const char*>(data), size});
  return 0;
}
