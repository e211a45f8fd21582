#include "io/compress.h"

#include <zstd.h>

#include <algorithm>
#include <optional>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr int kLevel = 3;

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(ByteSource& inner)
      : inner_(inner),
        stream_(ZSTD_createCCtx(), &ZSTD_freeCCtx),
        size_(ZSTD_CStreamOutSize()),
        buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(size_)) {
    HF_ASSERT(stream_ != nullptr);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  Result<Bytes> Next(std::size_t max) override {
    if (failure_) return std::unexpected(*failure_);
    while (rest_.empty() && !done_) {
      if (auto filled = Fill(); !filled) {
        failure_ = filled.error();
        return std::unexpected(std::move(filled).error());
      }
    }
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }

 private:
  // One step of the compressor; it may give nothing yet.
  Result<void> Fill() {
    if (pending_.empty() && !ended_) {
      HF_TRY(pending_, inner_.Next());
      ended_ = pending_.empty();
    }
    ZSTD_inBuffer in{pending_.data(), pending_.size(), 0};
    ZSTD_outBuffer out{buffer_.get(), size_, 0};
    const std::size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, ended_ ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return Fail(ErrorKind::kInternal, Format("zstd: {}", ZSTD_getErrorName(left)));
    pending_ = pending_.subspan(in.pos);
    rest_ = Bytes(buffer_.get(), out.pos);
    done_ = ended_ && left == 0;
    return {};
  }

  ByteSource& inner_;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> stream_;
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  Bytes pending_, rest_;  // of inner_, of buffer_
  bool ended_ = false;    // inner_ is
  bool done_ = false;     // the frame is
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<ByteSource> CompressedWithZstd(ByteSource& inner) { return std::make_unique<ZstdSource>(inner); }

}  // namespace holdfast::io
