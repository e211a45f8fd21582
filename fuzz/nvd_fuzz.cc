// Pages of the NVD and overrides: whatever is recognised is read, and rows are of a product.
#include <cstddef>
#include <cstdint>

#include "advisory/nvd/nvd.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto provider = holdfast::advisory::MakeNvdProvider();
  holdfast::test::FuzzFacts(*provider, holdfast::advisory::Notation::kJson, text);
  // Without a tree it is read element by element.
  holdfast::test::FuzzFacts(*provider, holdfast::advisory::Notation::kText, text);
  return 0;
}
