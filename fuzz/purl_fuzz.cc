// Whatever parses prints as text that parses to the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/purl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto purl = holdfast::model::Purl::Parse({reinterpret_cast<const char*>(data), size});
  if (!purl) return 0;
  const auto again = holdfast::model::Purl::Parse(purl->Text());
  if (!again || again->Text() != purl->Text()) std::abort();
  return 0;
}
