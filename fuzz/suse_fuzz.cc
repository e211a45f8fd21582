// SUSE's OVAL and CSAF: whatever is recognised is read, and what is given has an id and a release.
#include <cstddef>
#include <cstdint>

#include "advisory/suse/suse.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::test::FuzzXmlOrJson(*holdfast::advisory::MakeSuseProvider(), data, size);
  return 0;
}
