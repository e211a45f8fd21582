// Syft documents: whatever is read can be written, and what was written reads back as the same packages.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "io/byte_source.h"
#include "sbom/syft_json.h"

namespace sbom = holdfast::sbom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::Limits limits;
  limits.problems_max = 100;
  const auto analysis = sbom::ParseSyftJson({reinterpret_cast<const char*>(data), size}, limits);
  if (!analysis) return 0;
  for (const auto& relation : analysis->relations)
    if (relation.from >= analysis->packages.size() || relation.to >= analysis->packages.size()) std::abort();
  for (const auto& package : analysis->packages)
    if (package.name.empty()) std::abort();
  holdfast::io::StringSink sink;
  if (!sbom::WriteSyftJson(*analysis, {.tool_version = "1"}, sink)) std::abort();
  const auto again = sbom::ParseSyftJson(sink.Text(), limits);
  if (!again || again->packages.size() != analysis->packages.size()) std::abort();
  return 0;
}
