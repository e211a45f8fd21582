// RustSec advisories: what is recognised is read, and each range that comes out has a version to begin with.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/rustsec/rustsec.h"

namespace advisory = holdfast::advisory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)advisory::ParseCargoRequirement(text);
  if (!advisory::LooksLikeRustsec(text)) return 0;
  const auto parsed = advisory::ParseRustsec("crates/a/RUSTSEC-2020-0001.md", text);
  if (!parsed) return 0;
  for (const auto& affected : parsed->affected)
    for (const auto& range : affected.ranges)
      if (range.introduced.empty()) std::abort();
  return 0;
}
