// The catalogue of known exploited vulnerabilities: whatever is recognised is read, and what is given is about a CVE.
#include <cstddef>
#include <cstdint>

#include "advisory/kev/kev.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzFacts(*holdfast::advisory::MakeKevProvider(), holdfast::advisory::Notation::kJson,
                            {reinterpret_cast<const char*>(data), size});
  return 0;
}
