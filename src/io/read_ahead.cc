#include "io/read_ahead.h"

#include <algorithm>
#include <optional>

namespace holdfast::io {
namespace {

constexpr std::size_t kChunks = 8;
constexpr std::size_t kChunkBytes = 128 * 1024;

// Everything from `source` into the ring, until nobody listens any more.
void Read(ByteSource& source, ChunkRing& ring) {
  while (true) {
    const MutableBytes chunk = ring.Acquire();
    if (chunk.empty()) return;
    const auto bytes = source.Next(chunk.size());
    if (!bytes) return ring.Close(bytes.error());
    if (bytes->empty()) return ring.Close(std::nullopt);
    std::copy(bytes->begin(), bytes->end(), chunk.begin());
    ring.Publish(bytes->size());
  }
}

}  // namespace

ReadAheadSource::ReadAheadSource(ByteSource& inner)
    : ring_(1, kChunks, kChunkBytes), consumer_(ring_, 0), reader_([this, &inner] { Read(inner, ring_); }) {}

ReadAheadSource::~ReadAheadSource() {
  consumer_.Leave();
  reader_.join();
}

}  // namespace holdfast::io
