// ChunkRing: one producer thread and up to two consumer threads that read the same bytes, without copies.
//
// The producer fills chunks of a fixed pool; every consumer sees every chunk in order as a ByteSource,
// and a chunk is filled again when all of them have moved past it. So a slow consumer slows the
// producer, and memory is bounded by the pool.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

class ChunkRing {
 public:
  ChunkRing(std::size_t consumers, std::size_t chunks, std::size_t chunk_bytes);
  ~ChunkRing();

  // Producer. A free chunk to fill; empty when every consumer has left.
  [[nodiscard]] MutableBytes Acquire();
  // Publishes the first `size` bytes of the chunk acquired last.
  void Publish(std::size_t size);
  // No more chunks: consumers see the end, or this error.
  void Close(std::optional<Error> error);

  // Consumer `index`, on its own thread. Destroying it (or calling Leave) lets the others go on without it.
  class Consumer final : public ByteSource {
   public:
    Consumer(ChunkRing& ring, std::size_t index) : ring_(ring), index_(index) {}
    ~Consumer() override { Leave(); }
    [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;
    void Leave();

   private:
    ChunkRing& ring_;
    std::size_t index_;
    Bytes rest_;
    bool holding_ = false;
    bool left_ = false;
  };

 private:
  [[nodiscard]] std::uint64_t SlowestConsumer() const;

  std::size_t chunk_bytes_;
  std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
  std::vector<std::size_t> sizes_;
  std::mutex mutex_;
  std::condition_variable produced_, consumed_;
  std::uint64_t published_ = 0;             // chunks ever
  std::vector<std::uint64_t> consumed_by_;  // chunks ever, by consumer; the maximum when it has left
  bool closed_ = false;
  std::optional<Error> error_;
};

}  // namespace holdfast::io
