// Alpine security databases: first byte even → JSON, odd → YAML; the rest is the document.
#include <cstdint>
#include <string_view>

#include "advisory/secdb/secdb.h"
#include "io/json.h"

namespace advisory = holdfast::advisory;
namespace io = holdfast::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto document = data[0] % 2 == 0 ? io::JsonDocument::Parse(text) : io::JsonDocument::ParseYaml(text);
  if (!document) return 0;
  (void)advisory::LooksLikeSecdb(document->Root());
  advisory::SecdbCollector collector;
  if (collector.Add(document->Root()) && collector.Add(document->Root())) (void)collector.Take();
  return 0;
}
