// TOML: every view of the tree is asked every question.

#include <cstddef>
#include <cstdint>

#include "io/json.h"

namespace {

void Ask(const holdfast::io::JsonView& view) {
  (void)view.String();
  (void)view.Integer();
  (void)view.Double();
  (void)view.Bool();
  (void)view["key"];
  for (std::size_t i = 0; i < view.Size(); ++i) {
    (void)view.KeyAt(i);
    Ask(view.At(i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::io::JsonLimits limits{.bytes_max = 1 << 16, .depth_max = 32, .nodes_max = 10'000};
  const auto document = holdfast::io::JsonDocument::ParseToml(text, limits);
  if (document) Ask(document->Root());
  return 0;
}
