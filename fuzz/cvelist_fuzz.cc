// CVE records: whatever is recognised is read, and what is given is about a CVE.
#include <cstddef>
#include <cstdint>

#include "advisory/cvelist/cvelist.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzFacts(*holdfast::advisory::MakeCveListProvider(), holdfast::advisory::Notation::kJson,
                            {reinterpret_cast<const char*>(data), size});
  return 0;
}
