// The reader must not depend on how the bytes are cut: each input is read twice, whole and in small pieces.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "io/tar.h"

namespace {

std::string Read(holdfast::Bytes bytes, std::size_t chunk, const holdfast::Limits& limits) {
  holdfast::io::MemorySource source(bytes, chunk);
  holdfast::io::TarReader reader(source, limits);
  std::string seen, clean;
  while (true) {
    const auto entry = reader.Next();
    if (!entry) return seen + entry.error().Message();
    if (*entry == nullptr) return seen + (reader.EndedCleanly() ? "end" : "open end");
    seen += (*entry)->path + "\n" + (*entry)->link_target + "\n" + std::to_string((*entry)->size) + "\n";
    (void)holdfast::io::CleanPath((*entry)->path, clean, limits);
    // A sparse file may be larger than anybody wants to read here.
    std::uint64_t left = 1 << 20;
    while (left > 0) {
      const auto view = reader.Content().Next(left);
      if (!view || view->empty()) break;
      left -= view->size();
    }
    seen += std::to_string(left) + "\n";
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::Limits limits;
  limits.tar_header_bytes_max = 1 << 16;
  if (Read({data, size}, holdfast::io::kAnySize, limits) != Read({data, size}, 7, limits)) std::abort();
  return 0;
}
