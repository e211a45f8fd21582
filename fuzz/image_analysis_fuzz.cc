// What comes back from the worker is not trusted: an analysis that decodes encodes to one that decodes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "model/image_analysis_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto analysis = holdfast::model::DecodeImageAnalysis({reinterpret_cast<const char*>(data), size});
  if (!analysis) return 0;
  const auto again = holdfast::model::DecodeImageAnalysis(holdfast::model::EncodeImageAnalysis(*analysis));
  if (!again || !(*again == *analysis)) std::abort();
  return 0;
}
