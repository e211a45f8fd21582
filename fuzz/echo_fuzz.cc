// Echo's document: whatever is recognised is read, and what is given has an id and packages.
#include <cstddef>
#include <cstdint>

#include "advisory/echo/echo.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzXmlOrJson(*holdfast::advisory::MakeEchoProvider(), data, size);
  return 0;
}
