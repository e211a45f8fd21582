// Three threads on one layer: one reads its compressed bytes, one inflates them, one walks the tar, hashing each file
// and the whole. Inflating is the bottleneck: that thread does nothing else, and on two cores the others fit beside it.

#include <algorithm>
#include <optional>
#include <thread>

#include "base/format.h"
#include "catalog/walk.h"
#include "io/decompress.h"
#include "io/ring.h"

namespace holdfast::catalog {
namespace {

struct RingSize {
  std::size_t chunks, chunk_bytes;
};
constexpr RingSize kCompressed = {8, 128 * 1024};
constexpr RingSize kInflated = {16, 256 * 1024};

// Everything from `layer` into the ring, until nobody listens any more.
void Read(io::ByteSource& layer, io::ChunkRing& ring) {
  while (true) {
    const MutableBytes chunk = ring.Acquire();
    if (chunk.empty()) return;
    const auto bytes = layer.Next(chunk.size());
    if (!bytes) return ring.Close(bytes.error());
    if (bytes->empty()) return ring.Close(std::nullopt);
    std::copy(bytes->begin(), bytes->end(), chunk.begin());
    ring.Publish(bytes->size());
  }
}

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

Result<LayerRecord> Analyze(io::ByteSource& compressed, const ClaimIndex& claims, const Limits& limits,
                            const SearchPlan* search) {
  HF_TRY(const auto decompressor, io::OpenDecompressor(compressed, limits));
  io::ChunkRing ring(1, kInflated.chunks, kInflated.chunk_bytes);
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

}  // namespace

Result<LayerRecord> AnalyzeLayer(io::ByteSource& layer, const ClaimIndex& claims, const Limits& limits,
                                 const SearchPlan* search) {
  io::ChunkRing ring(1, kCompressed.chunks, kCompressed.chunk_bytes);
  std::thread reader([&] { Read(layer, ring); });
  io::ChunkRing::Consumer compressed(ring, 0);
  auto record = Analyze(compressed, claims, limits, search);
  compressed.Leave();
  reader.join();
  return record;
}

}  // namespace holdfast::catalog
