// Two threads on one layer: this one inflates it, the other walks the tar, hashing each file and the whole. Inflating
// is the bottleneck, so somebody else should have read the bytes ahead: the parent of a worker, or io/read_ahead.

#include <optional>
#include <thread>

#include "base/format.h"
#include "catalog/walk.h"
#include "io/decompress.h"
#include "io/ring.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kChunks = 16;
constexpr std::size_t kChunkBytes = 256 * 1024;

// Everything from the decompressor into the ring; gives the number of bytes.
std::uint64_t Inflate(io::Decompressor& decompressor, io::ChunkRing& ring) {
  std::uint64_t total = 0;
  while (true) {
    const MutableBytes chunk = ring.Acquire();
    if (chunk.empty()) break;  // nobody listens any more
    // Codecs return when they have something; a full chunk means fewer hand-overs.
    std::size_t size = 0;
    Result<std::size_t> filled = std::size_t{0};
    do {
      filled = decompressor.Fill(chunk.subspan(size));
      size += filled.value_or(0);
    } while (filled && *filled > 0 && size < chunk.size());
    total += size;
    if (size > 0) ring.Publish(size);
    if (!filled || *filled == 0) {
      ring.Close(filled ? std::nullopt : std::optional(filled.error()));
      return total;
    }
  }
  ring.Close(std::nullopt);
  return total;
}

}  // namespace

Result<LayerRecord> AnalyzeLayer(io::ByteSource& layer, const ClaimIndex& claims, const Limits& limits,
                                 const SearchPlan* search) {
  HF_TRY(const auto decompressor, io::OpenDecompressor(layer, limits));
  io::ChunkRing ring(1, kChunks, kChunkBytes);
  LayerRecord record;
  std::thread walker([&] {
    io::ChunkRing::Consumer tar(ring, 0);
    record = WalkTar(tar, claims, limits, search);
  });
  const std::uint64_t bytes = Inflate(*decompressor, ring);
  walker.join();
  if (IsNoLayer(record))
    return Fail(record.problems.front().kind, Format("not a layer: {}", record.problems.front().message));
  record.bytes = bytes;
  return record;
}

}  // namespace holdfast::catalog
