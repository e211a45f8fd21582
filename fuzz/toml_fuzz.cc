// TOML: every view of the tree is asked every question.

#include <cstddef>
#include <cstdint>

#include "io/json.h"
#include "support/ask_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::io::JsonLimits limits{.bytes_max = 1 << 16, .depth_max = 32, .nodes_max = 10'000};
  const auto document = holdfast::io::JsonDocument::ParseToml(text, limits);
  if (document) holdfast::test::AskEverything(document->Root());
  return 0;
}
