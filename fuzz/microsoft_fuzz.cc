// Microsoft's CVRF: whatever is recognised is read, and what is given has an id and packages.
#include <cstddef>
#include <cstdint>

#include "advisory/microsoft/microsoft.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzXml(*holdfast::advisory::MakeMicrosoftProvider(), data, size);
  return 0;
}
