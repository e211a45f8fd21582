// JSON and YAML by their first byte: 'y' for YAML. Every view of the tree is asked every question.

#include <cstddef>
#include <cstdint>

#include "io/json.h"
#include "support/ask_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const holdfast::io::JsonLimits limits{.bytes_max = 1 << 16, .depth_max = 32, .nodes_max = 10'000};
  const auto document = data[0] == 'y' ? holdfast::io::JsonDocument::ParseYaml(text, limits)
                                       : holdfast::io::JsonDocument::Parse(text, limits);
  if (document) holdfast::test::AskEverything(document->Root());
  return 0;
}
