// Each codec is a class that turns its library's "here is some input, there is room for output" into
// Fill. Counting and limits are in one place, Limited, around all of them.

#include "io/decompress.h"

#include <bzlib.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

// The input of a codec: views of the source, and the zeros or garbage after the last member.
class Input {
 public:
  explicit Input(ByteSource& source) : source_(source) {}

  // More input, when there is none left; false at the end of the source.
  Result<bool> Refill() {
    if (!view_.empty()) return true;
    HF_TRY(view_, source_.Next());
    total_ += view_.size();
    return !view_.empty();
  }
  [[nodiscard]] Bytes View() const { return view_; }
  void Consume(std::size_t size) { view_ = view_.subspan(size); }
  [[nodiscard]] std::uint64_t Total() const { return total_; }

  // Skips zeros; true when something else follows.
  Result<bool> SkipPadding() {
    while (true) {
      HF_TRY(const bool more, Refill());
      if (!more) return false;
      const auto other = std::find_if(view_.begin(), view_.end(), [](std::uint8_t byte) { return byte != 0; });
      Consume(static_cast<std::size_t>(other - view_.begin()));
      if (!view_.empty()) return true;
    }
  }
  // Gathers `size` bytes without consuming them, fewer only at the end. Views only die with the next
  // refill, so what is gathered is kept here.
  Result<Bytes> Peek(std::size_t size) {
    if (view_.size() >= size) return view_.first(size);
    gathered_.assign(view_.begin(), view_.end());
    while (gathered_.size() < size) {
      HF_TRY(const Bytes more, source_.Next());
      if (more.empty()) break;
      total_ += more.size();
      gathered_.insert(gathered_.end(), more.begin(), more.end());
    }
    view_ = gathered_;
    return view_.first(std::min(size, view_.size()));
  }
  Result<void> Drain() {
    view_ = {};
    HF_TRY(const std::uint64_t rest, source_.Drain());
    total_ += rest;
    return {};
  }

 private:
  ByteSource& source_;
  Bytes view_;
  std::vector<std::uint8_t> gathered_;
  std::uint64_t total_ = 0;
};

std::unexpected<Error> Truncated(std::string_view format) {
  return Fail(ErrorKind::kCorrupt, Format("truncated {} data", format));
}
std::unexpected<Error> Damaged(std::string_view format, std::string_view how) {
  return Fail(ErrorKind::kCorrupt, Format("damaged {} data: {}", format, how));
}

class Codec {
 public:
  virtual ~Codec() = default;
  // As much output as fits; 0 only at the end. Sets `garbage` when something follows the last member.
  virtual Result<std::size_t> Fill(Input& input, MutableBytes into, bool& garbage) = 0;
};

class PlainCodec final : public Codec {
 public:
  Result<std::size_t> Fill(Input& input, MutableBytes into, bool&) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      HF_TRY(const bool more, input.Refill());
      if (!more) break;
      const Bytes part = input.View().first(std::min(input.View().size(), into.size() - filled));
      std::copy(part.begin(), part.end(), into.begin() + static_cast<std::ptrdiff_t>(filled));
      input.Consume(part.size());
      filled += part.size();
    }
    return filled;
  }
};

// The header of a gzip member (RFC 1952 section 2.3), which ISA-L must see in one piece: where its input ends inside
// the header, it forgets which optional fields there are.
class GzipHeader {
 public:
  static Result<void> Read(Input& input) { return GzipHeader(input).ReadFields(); }

 private:
  explicit GzipHeader(Input& input) : input_(input) {}

  Result<void> ReadFields() {
    constexpr std::size_t kFixedBytes = 10, kFlags = 3;
    enum : std::uint8_t { kChecksum = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0 };
    HF_CHECK_OK(Take(kFixedBytes));
    const std::uint8_t flags = taken_[kFlags];
    if (SniffCompression(taken_) != Compression::kGzip || (flags & kReserved) != 0)
      return Damaged("gzip", "an invalid header");
    if ((flags & kExtra) != 0) {
      HF_CHECK_OK(Take(2));
      HF_CHECK_OK(Take(LoadLittle<std::uint16_t>(taken_, kFixedBytes)));
    }
    for (const std::uint8_t text : {kName, kComment})
      if ((flags & text) != 0) HF_CHECK_OK(TakeText());
    if ((flags & kChecksum) == 0) return {};
    const std::uint32_t sum = crc32_gzip_refl(0, taken_.data(), taken_.size());
    HF_CHECK_OK(Take(2));
    if (LoadLittle<std::uint16_t>(taken_, taken_.size() - 2) != (sum & 0xffff))
      return Damaged("gzip", "the header's checksum does not match");
    return {};
  }

  Result<void> Take(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      HF_TRY(const bool more, input_.Refill());
      if (!more) return Truncated("gzip");
      taken_.push_back(input_.View().front());
      input_.Consume(1);
    }
    return {};
  }
  Result<void> TakeText() {
    constexpr std::size_t kBytesMax = 256 * kKiB;  // of the header so far; an extra field has up to 64 KiB
    do {
      if (taken_.size() >= kBytesMax) return Damaged("gzip", "a header without end");
      HF_CHECK_OK(Take(1));
    } while (taken_.back() != 0);
    return {};
  }

  Input& input_;
  std::vector<std::uint8_t> taken_;
};

class GzipCodec final : public Codec {
 public:
  GzipCodec() { Reset(); }

  Result<std::size_t> Fill(Input& input, MutableBytes into, bool& garbage) override {
    std::size_t filled = 0;
    while (filled == 0 && !done_) {
      if (!std::exchange(in_member_, true)) HF_CHECK_OK(GzipHeader::Read(input));
      HF_TRY(const bool more, input.Refill());
      if (!more && !InflateHasOutput()) return Truncated("gzip");
      state_.next_in = const_cast<std::uint8_t*>(input.View().data());
      state_.avail_in = static_cast<std::uint32_t>(std::min<std::size_t>(input.View().size(), kInputMax));
      const std::uint32_t offered = state_.avail_in;
      state_.next_out = into.data();
      state_.avail_out = static_cast<std::uint32_t>(std::min<std::size_t>(into.size(), kInputMax));
      const std::uint32_t room = state_.avail_out;
      const int status = isal_inflate(&state_);
      if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) return Damaged("gzip", Describe(status));
      input.Consume(offered - state_.avail_in);
      filled = room - state_.avail_out;
      if (state_.block_state == ISAL_BLOCK_FINISH) {
        HF_CHECK_OK(NextMember(input, garbage));
      } else if (!more && filled == 0) {
        return Truncated("gzip");
      }
    }
    return filled;
  }

 private:
  static constexpr std::size_t kInputMax = 1U << 30;

  void Reset() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;
    in_member_ = false;
  }
  [[nodiscard]] bool InflateHasOutput() const { return state_.tmp_out_valid != state_.tmp_out_processed; }

  Result<void> NextMember(Input& input, bool& garbage) {
    HF_TRY(const bool more, input.SkipPadding());
    done_ = true;
    if (!more) return {};
    HF_TRY(const Bytes head, input.Peek(3));
    if (SniffCompression(head) != Compression::kGzip) {
      garbage = true;
      return input.Drain();
    }
    done_ = false;
    Reset();
    return {};
  }

  static std::string_view Describe(int status) {
    switch (status) {
      case ISAL_INVALID_BLOCK: return "an invalid block";
      case ISAL_INVALID_SYMBOL: return "an invalid symbol";
      case ISAL_INVALID_LOOKBACK: return "a match before the beginning";
      case ISAL_INCORRECT_CHECKSUM: return "the checksum does not match";
      default: return "invalid";
    }
  }

  inflate_state state_{};
  bool in_member_ = false;  // behind its header
  bool done_ = false;
};

class ZstdCodec final : public Codec {
 public:
  explicit ZstdCodec(const Limits& limits) : stream_(ZSTD_createDStream(), &ZSTD_freeDStream), limits_(limits) {
    int log = 10;
    while (log < 31 && (std::uint64_t{1} << (log + 1)) <= limits.decoder_window_bytes_max) ++log;
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, log);
  }

  Result<std::size_t> Fill(Input& input, MutableBytes into, bool& garbage) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0 && !done_) {
      HF_TRY(const bool more, input.Refill());
      if (!more && in_frame_ == 0) return std::size_t{0};
      // The library decodes a frame that it sees whole by other code, which finds other damage. Fed with its
      // header byte by byte, each frame goes the streaming way, however the input is cut.
      const std::size_t offered =
          frame_bytes_ < kFrameHeaderMax ? std::min<std::size_t>(1, input.View().size()) : input.View().size();
      ZSTD_inBuffer in{input.View().data(), offered, 0};
      const std::size_t before = out.pos;
      const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
      input.Consume(in.pos);
      frame_bytes_ += in.pos;
      if (ZSTD_isError(status)) {
        if (ZSTD_getErrorCode_(status) == kWindowTooLarge)
          return Fail(ErrorKind::kLimit,
                      Format("zstd data needs a window of more than {} bytes", limits_.decoder_window_bytes_max));
        return Damaged("zstd", ZSTD_getErrorName(status));
      }
      in_frame_ = status;
      if (status == 0) {
        HF_CHECK_OK(NextFrame(input, garbage));
      } else if (!more && out.pos == before) {
        return Truncated("zstd");
      }
    }
    return out.pos;
  }

 private:
  static constexpr int kWindowTooLarge = 16;  // ZSTD_error_frameParameter_windowTooLarge, stable since 1.3.1
  static int ZSTD_getErrorCode_(std::size_t status) { return static_cast<int>(std::size_t{0} - status); }

  Result<void> NextFrame(Input& input, bool& garbage) {
    HF_TRY(const bool more, input.SkipPadding());
    done_ = true;
    if (!more) return {};
    HF_TRY(const Bytes head, input.Peek(4));
    const bool skippable = head.size() == 4 && (LoadLittle<std::uint32_t>(head) & 0xfffffff0U) == 0x184d2a50U;
    if (SniffCompression(head) != Compression::kZstd && !skippable) {
      garbage = true;
      return input.Drain();
    }
    done_ = false;
    frame_bytes_ = 0;
    return {};
  }

  static constexpr std::size_t kFrameHeaderMax = 18;  // RFC 8878 section 3.1.1.1

  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  const Limits& limits_;
  std::size_t frame_bytes_ = 0;  // consumed of the current frame
  std::size_t in_frame_ = 1;     // what the library still expects; 0 between frames
  bool done_ = false;
};

class XzCodec final : public Codec {
 public:
  explicit XzCodec(const Limits& limits) : limits_(limits) {
    // A preset 9 stream needs its 64 MiB dictionary and a little more.
    const std::uint64_t memory = 3 * limits.decoder_window_bytes_max;
    ok_ = lzma_stream_decoder(&stream_, memory, LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK) == LZMA_OK;
  }
  ~XzCodec() override { lzma_end(&stream_); }

  Result<std::size_t> Fill(Input& input, MutableBytes into, bool& garbage) override {
    if (!ok_) return Fail(ErrorKind::kInternal, "cannot make an xz decoder");
    stream_.next_out = into.data();
    stream_.avail_out = into.size();
    while (stream_.avail_out == into.size() && !done_) {
      HF_TRY(const bool more, input.Refill());
      stream_.next_in = input.View().data();
      stream_.avail_in = input.View().size();
      const lzma_ret status = lzma_code(&stream_, more ? LZMA_RUN : LZMA_FINISH);
      input.Consume(input.View().size() - stream_.avail_in);
      if (status == LZMA_STREAM_END) {
        done_ = true;
      } else if (status == LZMA_MEMLIMIT_ERROR) {
        return Fail(ErrorKind::kLimit,
                    Format("xz data needs more than {} bytes of memory", 3 * limits_.decoder_window_bytes_max));
      } else if (status == LZMA_FORMAT_ERROR && stream_.total_out > 0) {
        garbage = done_ = true;
        HF_CHECK_OK(input.Drain());
      } else if (status == LZMA_BUF_ERROR && !more) {
        return Truncated("xz");
      } else if (status != LZMA_OK && status != LZMA_BUF_ERROR) {
        return Damaged("xz", status == LZMA_DATA_ERROR ? "the data is corrupt" : "invalid");
      }
    }
    return into.size() - stream_.avail_out;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  const Limits& limits_;
  bool ok_ = false;
  bool done_ = false;
};

class Bzip2Codec final : public Codec {
 public:
  Bzip2Codec() { ok_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  ~Bzip2Codec() override { BZ2_bzDecompressEnd(&stream_); }

  Result<std::size_t> Fill(Input& input, MutableBytes into, bool& garbage) override {
    if (!ok_) return Fail(ErrorKind::kInternal, "cannot make a bzip2 decoder");
    const auto room = static_cast<unsigned>(std::min<std::size_t>(into.size(), 1U << 30));
    stream_.next_out = reinterpret_cast<char*>(into.data());
    stream_.avail_out = room;
    while (stream_.avail_out == room && !done_) {
      HF_TRY(const bool more, input.Refill());
      if (!more) return Truncated("bzip2");
      const auto offered = static_cast<unsigned>(std::min<std::size_t>(input.View().size(), 1U << 30));
      stream_.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(input.View().data()));
      stream_.avail_in = offered;
      const int status = BZ2_bzDecompress(&stream_);
      input.Consume(offered - stream_.avail_in);
      if (status == BZ_STREAM_END)
        HF_CHECK_OK(NextStream(input, garbage));
      else if (status != BZ_OK)
        return Damaged("bzip2", status == BZ_DATA_ERROR ? "the data is corrupt" : "invalid");
    }
    return room - stream_.avail_out;
  }

 private:
  Result<void> NextStream(Input& input, bool& garbage) {
    HF_TRY(const bool more, input.SkipPadding());
    done_ = true;
    if (!more) return {};
    HF_TRY(const Bytes head, input.Peek(4));
    if (SniffCompression(head) != Compression::kBzip2) {
      garbage = true;
      return input.Drain();
    }
    char* const out = stream_.next_out;
    const unsigned room = stream_.avail_out;
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    ok_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    if (!ok_) return Fail(ErrorKind::kInternal, "cannot make a bzip2 decoder");
    stream_.next_out = out;
    stream_.avail_out = room;
    done_ = false;
    return {};
  }

  bz_stream stream_{};
  bool ok_ = false;
  bool done_ = false;
};

std::unique_ptr<Codec> MakeCodec(Compression compression, const Limits& limits) {
  switch (compression) {
    case Compression::kNone: break;
    case Compression::kGzip: return std::make_unique<GzipCodec>();
    case Compression::kZstd: return std::make_unique<ZstdCodec>(limits);
    case Compression::kXz: return std::make_unique<XzCodec>(limits);
    case Compression::kBzip2: return std::make_unique<Bzip2Codec>();
  }
  return std::make_unique<PlainCodec>();
}

class LimitedDecompressor final : public Decompressor {
 public:
  LimitedDecompressor(ByteSource& source, const Limits& limits) : input_(source), limits_(limits) {}

  Result<void> Start() {
    HF_TRY(const Bytes head, input_.Peek(6));
    kind_ = SniffCompression(head);
    codec_ = MakeCodec(kind_, limits_);
    return {};
  }

  Result<std::size_t> Fill(MutableBytes into) override {
    if (error_) return std::unexpected(*error_);
    auto filled = codec_->Fill(input_, into, garbage_);
    if (filled) {
      produced_ += *filled;
      if (auto within = CheckLimits(); !within) filled = std::unexpected(within.error());
    }
    if (!filled) error_ = filled.error();
    return filled;
  }

  Compression Kind() const override { return kind_; }
  bool HasTrailingGarbage() const override { return garbage_; }

 private:
  Result<void> CheckLimits() const {
    if (produced_ > limits_.layer_bytes_max)
      return Fail(ErrorKind::kLimit, Format("more than {} bytes uncompressed", limits_.layer_bytes_max));
    if (input_.Total() > limits_.layer_compressed_bytes_max)
      return Fail(ErrorKind::kLimit, Format("more than {} bytes compressed", limits_.layer_compressed_bytes_max));
    if (kind_ != Compression::kNone && produced_ > limits_.decompression_ratio_floor_bytes &&
        produced_ / limits_.decompression_ratio_max > input_.Total())
      return Fail(ErrorKind::kLimit,
                  Format("inflates to more than {} times its size", limits_.decompression_ratio_max));
    return {};
  }

  Input input_;
  const Limits limits_;
  std::unique_ptr<Codec> codec_;
  Compression kind_ = Compression::kNone;
  std::uint64_t produced_ = 0;
  bool garbage_ = false;
  std::optional<Error> error_;
};

}  // namespace

Compression SniffCompression(Bytes head) {
  const auto starts = [&](std::initializer_list<std::uint8_t> magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin());
  };
  if (starts({0x1f, 0x8b, 0x08})) return Compression::kGzip;
  if (starts({0x28, 0xb5, 0x2f, 0xfd})) return Compression::kZstd;
  if (starts({0xfd, '7', 'z', 'X', 'Z', 0x00})) return Compression::kXz;
  if (starts({'B', 'Z', 'h'}) && head.size() >= 4 && head[3] >= '1' && head[3] <= '9') return Compression::kBzip2;
  return Compression::kNone;
}

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone: return "none";
    case Compression::kGzip: return "gzip";
    case Compression::kZstd: return "zstd";
    case Compression::kXz: return "xz";
    case Compression::kBzip2: return "bzip2";
  }
  return "none";
}

Result<Bytes> Decompressor::Next(std::size_t max) {
  if (rest_.empty()) {
    if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes);
    HF_TRY(const std::size_t filled, Fill({buffer_.get(), kBufferBytes}));
    rest_ = Bytes(buffer_.get(), filled);
  }
  const Bytes view = rest_.first(std::min(max, rest_.size()));
  rest_ = rest_.subspan(view.size());
  return view;
}

Result<std::unique_ptr<Decompressor>> OpenDecompressor(ByteSource& inner, const Limits& limits) {
  auto decompressor = std::make_unique<LimitedDecompressor>(inner, limits);
  HF_CHECK_OK(decompressor->Start());
  return decompressor;
}

Result<std::string> InflateZlib(Bytes bytes, std::uint64_t bytes_max) {
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max())
    return Fail(ErrorKind::kLimit, "zlib data of more than 4 GiB");
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_ZLIB;
  state->next_in = const_cast<std::uint8_t*>(bytes.data());
  state->avail_in = static_cast<std::uint32_t>(bytes.size());
  std::string out;
  std::array<std::uint8_t, 16384> buffer{};
  while (state->block_state != ISAL_BLOCK_FINISH) {
    state->next_out = buffer.data();
    state->avail_out = buffer.size();
    const int status = isal_inflate(state.get());
    if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) return Damaged("zlib", "invalid");
    const std::size_t filled = buffer.size() - state->avail_out;
    if (filled > bytes_max - out.size())
      return Fail(ErrorKind::kLimit, Format("zlib data inflates to more than {} bytes", bytes_max));
    out.append(reinterpret_cast<const char*>(buffer.data()), filled);
    if (filled == 0 && state->avail_in == 0 && state->block_state != ISAL_BLOCK_FINISH) return Truncated("zlib");
  }
  return out;
}

std::string CompressGzip(Bytes bytes) {
  const auto scratch = std::make_unique_for_overwrite<std::uint8_t[]>(ISAL_DEF_LVL1_DEFAULT);
  const auto whole_state = std::make_unique<isal_zstream>();  // too large for a stack
  isal_zstream& stream = *whole_state;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = scratch.get();
  stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream.gzip_flag = IGZIP_GZIP;
  std::string out;
  std::size_t filled = 0;
  while (stream.internal_state.state != ZSTATE_END) {
    if (stream.avail_in == 0) {  // its counters have 32 bits
      const Bytes piece = bytes.first(std::min<std::size_t>(bytes.size(), std::numeric_limits<std::int32_t>::max()));
      bytes = bytes.subspan(piece.size());
      stream.next_in = const_cast<std::uint8_t*>(piece.data());  // only read
      stream.avail_in = static_cast<std::uint32_t>(piece.size());
      stream.end_of_stream = bytes.empty() ? 1 : 0;
    }
    out.resize(filled + std::max<std::size_t>(4096, out.size() / 2));
    const std::size_t room = std::min<std::size_t>(out.size() - filled, std::numeric_limits<std::int32_t>::max());
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + filled);
    stream.avail_out = static_cast<std::uint32_t>(room);
    HF_ASSERT(isal_deflate(&stream) == COMP_OK);
    filled += room - stream.avail_out;
  }
  out.resize(filled);
  return out;
}

std::string CompressZstd(Bytes bytes, int level) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level));
  return out;
}

Result<std::string> DecompressZstd(Bytes bytes, std::uint64_t bytes_max) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return Damaged("zstd", "no content size");
  if (size > bytes_max) return Fail(ErrorKind::kLimit, Format("zstd data inflates to more than {} bytes", bytes_max));
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t filled = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(filled) || filled != size) return Damaged("zstd", "invalid");
  return out;
}

}  // namespace holdfast::io
