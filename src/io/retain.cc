#include "io/retain.h"

#include <zstd.h>

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/wire.h"

namespace holdfast::io {
namespace {

// Level 1 keeps up with a hashing pipeline: about 500 MB/s a core on text, more on what does not compress.
constexpr int kLevel = 1;
constexpr std::size_t kCachedChunks = 16;

}  // namespace

class ChunkedBlobReader final : public RandomSource {
 public:
  explicit ChunkedBlobReader(const ChunkedBlob& blob) : blob_(blob), context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {}

  std::uint64_t Size() const override { return blob_.size_bytes_; }

  Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override {
    if (offset > Size() || into.size() > Size() - offset)
      return Fail(ErrorKind::kCorrupt, "points outside of the file");
    while (!into.empty()) {
      HF_TRY(const std::string* chunk, Chunk(offset / ChunkedBlob::kChunkBytes));
      const auto within = static_cast<std::size_t>(offset % ChunkedBlob::kChunkBytes);
      const std::size_t part = std::min(into.size(), chunk->size() - within);
      std::copy_n(chunk->begin() + static_cast<std::ptrdiff_t>(within), part, into.begin());
      into = into.subspan(part);
      offset += part;
    }
    return {};
  }

 private:
  struct Cached {
    std::uint64_t index = ~std::uint64_t{0};
    std::uint64_t used = 0;
    std::string content;
  };

  Result<const std::string*> Chunk(std::uint64_t index) const {
    Cached* oldest = &cache_[0];
    for (Cached& cached : cache_) {
      if (cached.index == index) {
        cached.used = ++clock_;
        return &cached.content;
      }
      if (cached.used < oldest->used) oldest = &cached;
    }
    HF_CHECK_OK(Load(index, oldest->content));
    oldest->index = index;
    oldest->used = ++clock_;
    return &oldest->content;
  }

  Result<void> Load(std::uint64_t index, std::string& content) const {
    const auto i = static_cast<std::size_t>(index);
    const std::uint64_t begin = i == 0 ? 0 : blob_.ends_[i - 1];
    const std::string_view stored = std::string_view(blob_.stored_).substr(begin, blob_.ends_[i] - begin);
    const std::uint64_t size =
        std::min<std::uint64_t>(ChunkedBlob::kChunkBytes, Size() - index * ChunkedBlob::kChunkBytes);
    if (stored.size() == size) {
      content = stored;
      return {};
    }
    content.resize(static_cast<std::size_t>(size));
    const std::size_t filled =
        ZSTD_decompressDCtx(context_.get(), content.data(), content.size(), stored.data(), stored.size());
    if (ZSTD_isError(filled) || filled != size) return Fail(ErrorKind::kCorrupt, "damaged evidence");
    return {};
  }

  const ChunkedBlob& blob_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
  mutable std::array<Cached, kCachedChunks> cache_;
  mutable std::uint64_t clock_ = 0;
};

std::unique_ptr<RandomSource> ChunkedBlob::Open() const { return std::make_unique<ChunkedBlobReader>(*this); }

std::string ChunkedBlob::Encode() const {
  WireWriter writer;
  writer.Unsigned(size_bytes_).Unsigned(ends_.size());
  std::uint64_t before = 0;
  for (const std::uint64_t end : ends_) {
    writer.Unsigned(end - before);
    before = end;
  }
  writer.Raw(AsBytes(stored_));
  return writer.Take();
}

Result<std::shared_ptr<const ChunkedBlob>> ChunkedBlob::Decode(std::string_view bytes) {
  WireReader reader(bytes);
  auto blob = std::make_shared<ChunkedBlob>();
  blob->size_bytes_ = reader.Unsigned();
  const std::uint64_t chunks = reader.Count(1);
  const std::uint64_t expected = blob->size_bytes_ / kChunkBytes + (blob->size_bytes_ % kChunkBytes != 0 ? 1 : 0);
  if (!reader.Ok() || chunks != expected) return Fail(ErrorKind::kCorrupt, "damaged evidence: the number of chunks");
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const std::uint64_t size = reader.Unsigned();
    if (size == 0 || size > kChunkBytes) return Fail(ErrorKind::kCorrupt, "damaged evidence: the size of a chunk");
    blob->ends_.push_back(end += size);
  }
  if (!reader.Ok() || reader.Rest().size() != end) return Fail(ErrorKind::kCorrupt, "damaged evidence: its size");
  blob->stored_ = reader.Rest();
  return blob;
}

struct ChunkedBlobWriter::State {
  std::shared_ptr<ChunkedBlob> blob = std::make_shared<ChunkedBlob>();
  std::string chunk;
  std::string packed;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

ChunkedBlobWriter::ChunkedBlobWriter() : state_(std::make_unique<State>()) {}
ChunkedBlobWriter::~ChunkedBlobWriter() = default;

Result<void> ChunkedBlobWriter::Write(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), ChunkedBlob::kChunkBytes - state_->chunk.size());
    state_->chunk.append(AsText(bytes.first(part)));
    bytes = bytes.subspan(part);
    state_->blob->size_bytes_ += part;
    if (state_->chunk.size() == ChunkedBlob::kChunkBytes) CloseChunk();
  }
  return {};
}

void ChunkedBlobWriter::CloseChunk() {
  if (state_->chunk.empty()) return;
  state_->packed.resize(ZSTD_compressBound(state_->chunk.size()));
  const std::size_t size = ZSTD_compressCCtx(state_->context.get(), state_->packed.data(), state_->packed.size(),
                                             state_->chunk.data(), state_->chunk.size(), kLevel);
  const bool smaller = !ZSTD_isError(size) && size < state_->chunk.size();
  state_->blob->stored_.append(smaller ? std::string_view(state_->packed).substr(0, size)
                                       : std::string_view(state_->chunk));
  state_->blob->ends_.push_back(state_->blob->stored_.size());
  state_->chunk.clear();
}

std::uint64_t ChunkedBlobWriter::Size() const { return state_->blob->size_bytes_; }
std::uint64_t ChunkedBlobWriter::StoredBytes() const { return state_->blob->stored_.size() + state_->chunk.size(); }

std::shared_ptr<const ChunkedBlob> ChunkedBlobWriter::Finish() {
  CloseChunk();
  return std::move(state_->blob);
}

}  // namespace holdfast::io
