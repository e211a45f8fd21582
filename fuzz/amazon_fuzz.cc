// Amazon Linux's updateinfo.xml: whatever is recognised is read, and what is given has an id and a release.
#include <cstddef>
#include <cstdint>

#include "advisory/amazon/amazon.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzXml(*holdfast::advisory::MakeAmazonProvider(), data, size);
  return 0;
}
