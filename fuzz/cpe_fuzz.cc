// CPE names of both bindings: what is one has a part, and no value is empty.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/cpe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cpe = holdfast::model::ParseCpe({reinterpret_cast<const char*>(data), size});
  if (!cpe) return 0;
  for (const std::string* value : {&cpe->part, &cpe->vendor, &cpe->product, &cpe->version, &cpe->target_software})
    if (value->empty()) std::abort();
  return 0;
}
