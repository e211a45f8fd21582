// A configuration of searches: what is accepted can be used, and survives its own encoding; and what came over the
// pipe is encoded as it was.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "catalog/content_search.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::catalog::SearchConfig;
  if (size > 1 << 14) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = SearchConfig::Decode(text)) {
    const auto again = SearchConfig::Decode(decoded->Encode());
    if (!again || !(*again == *decoded)) std::abort();
  }
  const auto parsed = holdfast::catalog::ParseSearchConfig(text);
  if (!parsed) return 0;
  const auto again = SearchConfig::Decode(parsed->config.Encode());
  if (!again || !(*again == parsed->config)) std::abort();
  if (!holdfast::catalog::SearchPlan::Make(parsed->config)) std::abort();
  return 0;
}
