// Rocky Linux's updateinfo.xml and errata: whatever is recognised is read, and what is given has an id and a release.
#include <cstddef>
#include <cstdint>

#include "advisory/rocky/rocky.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzXmlOrJson(*holdfast::advisory::MakeRockyProvider(), data, size);
  return 0;
}
