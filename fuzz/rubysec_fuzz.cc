// Advisories of the Ruby database: what is recognised is read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/rubysec/rubysec.h"
#include "io/json.h"

namespace advisory = holdfast::advisory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)advisory::ParseGemRequirement(text);
  const auto document = holdfast::io::JsonDocument::ParseYaml(text);
  if (!document || !advisory::LooksLikeRubysec(document->Root())) return 0;
  const auto parsed = advisory::ParseRubysec("gems/a/CVE-2031-1.yml", document->Root());
  if (!parsed) return 0;
  for (const auto& affected : parsed->affected)
    for (const auto& range : affected.ranges)
      if (range.introduced.empty()) std::abort();
  return 0;
}
