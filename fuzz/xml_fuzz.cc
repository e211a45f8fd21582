// XML documents; every view of the tree is asked every question.

#include <cstddef>
#include <cstdint>

#include "io/xml.h"

namespace {

void Ask(const holdfast::io::XmlView& view) {
  (void)view.Name();
  (void)view.Text();
  (void)view.Attribute("id");
  (void)view["name"];
  for (const holdfast::io::XmlView child : view.Children()) Ask(child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::io::XmlLimits limits{.bytes_max = 1 << 16, .depth_max = 32, .nodes_max = 10'000};
  if (const auto document = holdfast::io::XmlDocument::Parse(text, limits)) Ask(document->Root());
  return 0;
}
