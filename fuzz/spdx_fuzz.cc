// SPDX documents: JSON of versions 2 and 3, tag-value.
#include <cstddef>
#include <cstdint>

#include "support/fuzz_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzDocument({reinterpret_cast<const char*>(data), size});
  return 0;
}
