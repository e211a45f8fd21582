#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/dpkg/copyright.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const std::string& license : holdfast::catalog::ParseCopyright(holdfast::AsText({data, size})))
    HF_ASSERT(!license.empty() && license.find('\n') == std::string::npos);
  return 0;
}
