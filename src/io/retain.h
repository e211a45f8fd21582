// Content kept for random access in little memory: cut into chunks, each compressed on its own with a
// fast zstd, so that a database of 300 MB is held in a third of that and read page by page.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

// Immutable; safe to share. Its readers are not: each belongs to one thread.
class ChunkedBlob {
 public:
  static constexpr std::uint32_t kChunkBytes = 128 * 1024;

  [[nodiscard]] std::uint64_t Size() const { return size_bytes_; }  // uncompressed
  [[nodiscard]] std::uint64_t StoredBytes() const { return stored_.size(); }
  // Decompresses chunks as they are touched, and remembers the last few. The blob must outlive it.
  [[nodiscard]] std::unique_ptr<RandomSource> Open() const;

  [[nodiscard]] std::string Encode() const;
  // kCorrupt when chunk sizes do not add up. Damage inside a chunk shows when it is read.
  [[nodiscard]] static Result<std::shared_ptr<const ChunkedBlob>> Decode(std::string_view bytes);

 private:
  friend class ChunkedBlobWriter;
  friend class ChunkedBlobReader;
  std::uint64_t size_bytes_ = 0;
  std::vector<std::uint64_t> ends_;  // of each chunk in stored_
  std::string stored_;               // a chunk as long as its content is stored as it is
};

class ChunkedBlobWriter final : public ByteSink {
 public:
  ChunkedBlobWriter();
  ~ChunkedBlobWriter() override;
  [[nodiscard]] Result<void> Write(Bytes bytes) override;
  [[nodiscard]] std::uint64_t Size() const;         // written so far, uncompressed
  [[nodiscard]] std::uint64_t StoredBytes() const;  // what is held for it
  // Once.
  [[nodiscard]] std::shared_ptr<const ChunkedBlob> Finish();

 private:
  void CloseChunk();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast::io
