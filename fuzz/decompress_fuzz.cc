// All four codecs, by their first bytes; the result must not depend on how the input is cut.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "io/decompress.h"

namespace {

std::string Read(holdfast::Bytes bytes, std::size_t chunk) {
  holdfast::Limits limits;
  limits.layer_bytes_max = 1 << 22;
  limits.decoder_window_bytes_max = 1 << 20;
  holdfast::io::MemorySource source(bytes, chunk);
  const auto decompressor = holdfast::io::OpenDecompressor(source, limits);
  if (!decompressor) return decompressor.error().Message();
  const auto text = (*decompressor)->ReadText(1 << 22);
  // How much came out before an error is a matter of buffers; that there is one is not.
  return text ? *text : "error";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (Read({data, size}, holdfast::io::kAnySize) != Read({data, size}, 5)) std::abort();
  return 0;
}
