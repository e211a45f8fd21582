// Documents of any format: recognition, wrappers, package URLs, Holdfast's own JSON.
#include <cstddef>
#include <cstdint>

#include "support/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzDocument({reinterpret_cast<const char*>(data), size});
  return 0;
}
