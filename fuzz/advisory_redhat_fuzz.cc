// Red Hat's CSAF documents, as JSON.
#include <cstdint>
#include <string_view>

#include "advisory/redhat/redhat.h"
#include "io/json.h"

namespace advisory = holdfast::advisory;
namespace io = holdfast::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = io::JsonDocument::Parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  (void)advisory::LooksLikeRedHatCsaf(document->Root());
  (void)advisory::ParseRedHatCsaf(document->Root());
  return 0;
}
