// Scores of EPSS: whatever is recognised is read, and what is given is about a CVE.
#include <cstddef>
#include <cstdint>

#include "advisory/epss/epss.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzFacts(*holdfast::advisory::MakeEpssProvider(), holdfast::advisory::Notation::kCsv,
                            {reinterpret_cast<const char*>(data), size});
  return 0;
}
