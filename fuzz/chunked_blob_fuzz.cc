// Bytes that claim to be a store of evidence; and what is written must be read back. The first byte chooses.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "io/retain.h"

namespace {

using holdfast::io::ChunkedBlob;

void ReadAll(const ChunkedBlob& blob, std::string* into) {
  const auto reader = blob.Open();
  std::vector<std::uint8_t> buffer(70'000);
  for (std::uint64_t at = 0; at < blob.Size(); at += buffer.size()) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), blob.Size() - at));
    if (!reader->ReadAt(at, {buffer.data(), part})) return;
    if (into != nullptr) into->append(reinterpret_cast<const char*>(buffer.data()), part);
  }
  if (reader->ReadAt(blob.Size(), {buffer.data(), 1}) || reader->ReadAt(~std::uint64_t{0}, {buffer.data(), 2}))
    std::abort();
}

void RoundTrip(std::string_view text) {
  // Long enough for several chunks.
  std::string all;
  while (!text.empty() && all.size() < 300'000) all.append(text);
  holdfast::io::ChunkedBlobWriter writer;
  if (!writer.Write(holdfast::AsBytes(all))) std::abort();
  const auto decoded = ChunkedBlob::Decode(writer.Finish()->Encode());
  if (!decoded || (*decoded)->Size() != all.size()) std::abort();
  std::string again;
  ReadAll(**decoded, &again);
  if (again != all) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'w') {
    RoundTrip(text);
  } else if (const auto blob = ChunkedBlob::Decode(text)) {
    ReadAll(**blob, nullptr);
  }
  return 0;
}
