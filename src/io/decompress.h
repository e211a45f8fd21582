// Decompressors. What a stream is compressed with is told by its first bytes, never by a name.
//
// gzip (RFC 1952) through ISA-L; zstd (RFC 8878), xz and bzip2 through their own libraries. All take
// several members or frames after one another. Zeros after the last one are padding; anything else there
// is trailing garbage, which gzip(1) and containerd ignore: so do these, and tell.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd, kXz, kBzip2 };

// At least the first 6 bytes of a stream, or all of a shorter one.
[[nodiscard]] Compression SniffCompression(Bytes head);
[[nodiscard]] std::string_view CompressionName(Compression compression);

// A source that can also fill a buffer of the caller's, so that its output need not be copied.
class Decompressor : public ByteSource {
 public:
  // As much as fits and is there: 0 only at the end.
  [[nodiscard]] virtual Result<std::size_t> Fill(MutableBytes into) = 0;
  [[nodiscard]] virtual Compression Kind() const = 0;
  // Was there something after the end that is not padding? Known at the end.
  [[nodiscard]] virtual bool HasTrailingGarbage() const = 0;

  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) final;

 private:
  std::unique_ptr<std::uint8_t[]> buffer_;
  Bytes rest_;
};

// Sniffs `inner` (which outlives the result) and wraps it; what is not compressed passes through.
// kCorrupt: damaged or truncated. kLimit: layer_bytes_max, decompression_ratio_max or
// decoder_window_bytes_max, named in the message.
[[nodiscard]] Result<std::unique_ptr<Decompressor>> OpenDecompressor(ByteSource& inner, const Limits& limits);

// zlib (RFC 1950) data in one piece. kLimit when it inflates to more than `bytes_max`.
[[nodiscard]] Result<std::string> InflateZlib(Bytes bytes, std::uint64_t bytes_max);

// One zstd frame, and back. A higher level takes longer and gives less; level and library decide the bytes.
inline constexpr int kZstdLevel = 3;
[[nodiscard]] std::string CompressZstd(Bytes bytes, int level = kZstdLevel);
[[nodiscard]] Result<std::string> DecompressZstd(Bytes bytes, std::uint64_t bytes_max);

// One gzip member, fast rather than small: for answers over a network.
[[nodiscard]] std::string CompressGzip(Bytes bytes);

}  // namespace holdfast::io
