// Image references: each one that parses must survive a round trip through both of its written forms.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "image/reference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::image::Reference;
  const auto reference = Reference::Parse({reinterpret_cast<const char*>(data), size});
  if (!reference) return 0;
  const auto canonical = Reference::Parse(reference->Text());
  const auto familiar = Reference::Parse(reference->FamiliarText());
  if (!canonical || *canonical != *reference || !familiar || *familiar != *reference) __builtin_trap();
  return 0;
}
