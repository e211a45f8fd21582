#include "io/ring.h"

#include <algorithm>
#include <limits>

namespace holdfast::io {
namespace {

constexpr std::uint64_t kLeft = std::numeric_limits<std::uint64_t>::max();

}  // namespace

ChunkRing::ChunkRing(std::size_t consumers, std::size_t chunks, std::size_t chunk_bytes)
    : chunk_bytes_(chunk_bytes), sizes_(chunks), consumed_by_(consumers) {
  for (std::size_t i = 0; i < chunks; ++i)
    chunks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(chunk_bytes));
}

ChunkRing::~ChunkRing() = default;

std::uint64_t ChunkRing::SlowestConsumer() const { return *std::min_element(consumed_by_.begin(), consumed_by_.end()); }

MutableBytes ChunkRing::Acquire() {
  std::unique_lock lock(mutex_);
  consumed_.wait(lock, [&] { return SlowestConsumer() == kLeft || published_ - SlowestConsumer() < chunks_.size(); });
  if (SlowestConsumer() == kLeft) return {};
  return {chunks_[published_ % chunks_.size()].get(), chunk_bytes_};
}

void ChunkRing::Publish(std::size_t size) {
  {
    const std::lock_guard lock(mutex_);
    sizes_[published_ % chunks_.size()] = size;
    ++published_;
  }
  produced_.notify_all();
}

void ChunkRing::Close(std::optional<Error> error) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    error_ = std::move(error);
  }
  produced_.notify_all();
}

Result<Bytes> ChunkRing::Consumer::Next(std::size_t max) {
  if (rest_.empty()) {
    std::unique_lock lock(ring_.mutex_);
    std::uint64_t& mine = ring_.consumed_by_[index_];
    if (holding_) {
      ++mine;
      holding_ = false;
      ring_.consumed_.notify_one();
    }
    ring_.produced_.wait(lock, [&] { return mine < ring_.published_ || ring_.closed_; });
    if (mine == ring_.published_) {
      if (ring_.error_) return std::unexpected(*ring_.error_);
      return Bytes{};
    }
    const std::size_t slot = mine % ring_.chunks_.size();
    rest_ = Bytes(ring_.chunks_[slot].get(), ring_.sizes_[slot]);
    holding_ = true;
  }
  const Bytes view = rest_.first(std::min(max, rest_.size()));
  rest_ = rest_.subspan(view.size());
  return view;
}

void ChunkRing::Consumer::Leave() {
  if (left_) return;
  left_ = true;
  {
    const std::lock_guard lock(ring_.mutex_);
    ring_.consumed_by_[index_] = kLeft;
  }
  ring_.consumed_.notify_one();
}

}  // namespace holdfast::io
