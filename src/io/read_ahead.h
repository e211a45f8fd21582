// A source that is read ahead of its reader, on a thread of its own: for one that waits for a disk or a network.
#pragma once

#include <thread>

#include "base/result.h"
#include "io/byte_source.h"
#include "io/ring.h"

namespace holdfast::io {

// Up to 1 MiB of `inner`, which outlives it and belongs to its thread meanwhile. At its end it waits for the read that
// is under way.
class ReadAheadSource final : public ByteSource {
 public:
  explicit ReadAheadSource(ByteSource& inner);
  ~ReadAheadSource() override;
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override { return consumer_.Next(max); }

 private:
  ChunkRing ring_;
  ChunkRing::Consumer consumer_;
  std::thread reader_;
};

}  // namespace holdfast::io
