#include "blob/envelope_store.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <optional>

#include "base/format.h"
#include "io/compress.h"
#include "io/decompress.h"
#include "io/sha256.h"

namespace holdfast::blob {
namespace {

constexpr std::string_view kMagic = "HFOB\x01";
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kTrailerBytes = 32 + 8;
constexpr std::uint8_t kCompressed = 1;
constexpr std::size_t kSampleBytes = 64 * 1024;
constexpr std::uint64_t kHeadBytesMax = kMiB;

// Counts and hashes what passes.
class MeasuredSource final : public io::ByteSource {
 public:
  explicit MeasuredSource(io::ByteSource& inner) : inner_(inner) {}
  Result<Bytes> Next(std::size_t max) override {
    HF_TRY(const Bytes view, inner_.Next(max));
    hash_.Update(view);
    size_bytes_ += view.size();
    return view;
  }
  // Once, at the end.
  [[nodiscard]] std::string Trailer() {
    std::string trailer(AsText(hash_.Finish().bytes));
    for (int i = 0; i < 8; ++i) trailer += static_cast<char>(static_cast<unsigned char>(size_bytes_ >> (8 * i) & 0xff));
    return trailer;
  }

 private:
  io::ByteSource& inner_;
  io::Sha256 hash_;
  std::uint64_t size_bytes_ = 0;
};

// What was read of a source already, then its rest.
class RejoinedSource final : public io::ByteSource {
 public:
  RejoinedSource(std::string_view head, io::ByteSource& rest) : head_(head), rest_(rest) {}
  Result<Bytes> Next(std::size_t max) override {
    HF_TRY(const Bytes view, head_.Next(max));
    if (!view.empty()) return view;
    return rest_.Next(max);
  }

 private:
  io::MemorySource head_;
  io::ByteSource& rest_;
};

// Header, content, trailer.
class WrappedSource final : public io::ByteSource {
 public:
  WrappedSource(std::uint8_t flags, io::ByteSource& content, MeasuredSource& measured)
      : header_(kMagic), content_(content), measured_(measured) {
    header_ += static_cast<char>(flags);
    header_.resize(kHeaderBytes, '\0');
    text_.emplace(std::string_view(header_));
  }
  Result<Bytes> Next(std::size_t max) override {
    HF_TRY(const Bytes front, text_->Next(max));
    if (!front.empty() || closed_) return front;
    HF_TRY(const Bytes view, content_.Next(max));
    if (!view.empty()) return view;
    closed_ = true;
    trailer_ = measured_.Trailer();
    text_.emplace(std::string_view(trailer_));
    return text_->Next(max);
  }

 private:
  std::string header_, trailer_;
  std::optional<io::MemorySource> text_;  // of either
  io::ByteSource& content_;
  MeasuredSource& measured_;
  bool closed_ = false;
};

// All of a source but its last bytes, which are kept as the trailer.
class FrontSource final : public io::ByteSource {
 public:
  explicit FrontSource(io::ByteSource& inner) : inner_(inner) {}
  Result<Bytes> Next(std::size_t max) override {
    while (rest_.empty() && !ended_) HF_CHECK_OK(Refill());
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }
  // At the end. Empty: the source was too short to have one.
  [[nodiscard]] std::string_view Trailer() const { return held_.size() == kTrailerBytes ? held_ : std::string_view(); }

 private:
  // Requires: rest_ was used up. held_ always is the last bytes that came.
  Result<void> Refill() {
    HF_TRY(const Bytes view, inner_.Next());
    if (view.empty()) {
      ended_ = true;
      return {};
    }
    buffer_ = held_;
    buffer_ += AsText(view);
    const std::size_t give = buffer_.size() - std::min(buffer_.size(), kTrailerBytes);
    held_.assign(buffer_, give);
    rest_ = AsBytes(buffer_).first(give);
    return {};
  }

  io::ByteSource& inner_;
  std::string buffer_, held_;
  Bytes rest_;  // of buffer_
  bool ended_ = false;
};

class VerifiedSource final : public io::ByteSource {
 public:
  VerifiedSource(std::string key, std::unique_ptr<io::ByteSource> stored)
      : key_(std::move(key)), stored_(std::move(stored)), front_(*stored_) {}

  Result<void> Open() {
    std::array<std::uint8_t, kHeaderBytes> header{};
    HF_TRY(const std::size_t size, front_.ReadSome(header));
    if (size != header.size() || !AsText(header).starts_with(kMagic) || header[5] > kCompressed || header[6] != 0 ||
        header[7] != 0)
      return Damaged("not in an envelope");
    if (header[5] == kCompressed) {
      Limits limits;
      limits.decompression_ratio_max = std::numeric_limits<std::uint64_t>::max();  // these are our own values
      HF_TRY(decompressor_, io::OpenDecompressor(front_, limits));
    }
    measured_.emplace(decompressor_ ? static_cast<io::ByteSource&>(*decompressor_) : front_);
    return {};
  }

  Result<Bytes> Next(std::size_t max) override {
    if (failure_) return std::unexpected(*failure_);
    if (verified_) return Bytes{};
    auto view = NextUnlessBroken(max);
    if (!view) failure_ = view.error();
    return view;
  }

 private:
  Result<Bytes> NextUnlessBroken(std::size_t max) {
    auto view = measured_->Next(max);
    // What a damaged frame demands may be beyond a limit, too.
    if (!view && (view.error().Kind() == ErrorKind::kCorrupt || view.error().Kind() == ErrorKind::kLimit))
      return Damaged(view.error().Message());
    if (!view || !view->empty()) return view;
    HF_TRY(const std::uint64_t unread, front_.Drain());
    if (unread != 0 || (decompressor_ && (decompressor_->HasTrailingGarbage() || IsNotZstd())))
      return Damaged("something after its end");
    if (front_.Trailer() != measured_->Trailer()) return Damaged("it is not what was stored");
    verified_ = true;
    return Bytes{};
  }
  [[nodiscard]] bool IsNotZstd() const { return decompressor_->Kind() != io::Compression::kZstd; }
  [[nodiscard]] std::unexpected<Error> Damaged(std::string_view what) const {
    return Fail(ErrorKind::kCorrupt, Format("object {}: damaged: {}", key_, what));
  }

  std::string key_;
  std::unique_ptr<io::ByteSource> stored_;
  FrontSource front_;
  std::unique_ptr<io::Decompressor> decompressor_;
  std::optional<MeasuredSource> measured_;
  bool verified_ = false;
  std::optional<Error> failure_;
};

class EnvelopeStore final : public ObjectStore {
 public:
  EnvelopeStore(std::unique_ptr<ObjectStore> inner, const EnvelopeOptions& options)
      : inner_(std::move(inner)), options_(options) {
    options_.compress_bytes_min = std::min(options.compress_bytes_min, kHeadBytesMax);
  }

  Result<void> Put(std::string_view key, io::ByteSource& value) override {
    HF_CHECK_OK(CheckKey(key));
    return Wrap(value, [&](io::ByteSource& wrapped) { return inner_->Put(key, wrapped); });
  }

  Result<void> PutAll(std::span<const NewObject> objects, IfThere if_there) override {
    std::vector<std::string> wrapped;
    wrapped.reserve(objects.size());
    std::vector<NewObject> stored;
    for (const NewObject& object : objects) {
      io::MemorySource value(object.value);
      HF_CHECK_OK(Wrap(value, [&](io::ByteSource& source) -> Result<void> {
        HF_TRY(wrapped.emplace_back(), source.ReadText(std::numeric_limits<std::uint64_t>::max()));
        return {};
      }));
      stored.push_back({object.key, wrapped.back()});
    }
    return inner_->PutAll(stored, if_there);
  }

  Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) override {
    HF_TRY(auto stored, inner_->Get(key));
    auto source = std::make_unique<VerifiedSource>(std::string(key), std::move(stored));
    HF_CHECK_OK(source->Open());
    return source;
  }

  Result<void> Delete(std::string_view key) override { return inner_->Delete(key); }
  Result<bool> Exists(std::string_view key) override { return inner_->Exists(key); }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after,
                                       std::size_t count_max) override {
    return inner_->List(prefix, after, count_max);
  }

 private:
  // Gives `take` the value in its envelope.
  Result<void> Wrap(io::ByteSource& value, const std::function<Result<void>(io::ByteSource&)>& take) {
    MeasuredSource measured(value);
    std::string head;
    if (options_.compress) {
      head.resize(std::max(static_cast<std::size_t>(options_.compress_bytes_min), kSampleBytes));
      HF_TRY(const std::size_t size, measured.ReadSome({reinterpret_cast<std::uint8_t*>(head.data()), head.size()}));
      head.resize(size);
    }
    RejoinedSource whole(head, measured);
    const bool compress =
        options_.compress && head.size() >= options_.compress_bytes_min && IsWorthCompressing(AsBytes(head));
    const auto compressed = compress ? io::CompressedWithZstd(whole) : nullptr;
    io::ByteSource& content = compressed ? *compressed : static_cast<io::ByteSource&>(whole);
    WrappedSource wrapped(compress ? kCompressed : 0, content, measured);
    return take(wrapped);
  }

  static bool IsWorthCompressing(Bytes head) {
    const Bytes sample = head.first(std::min(head.size(), kSampleBytes));
    return io::CompressZstd(sample).size() < sample.size() - sample.size() / 10;
  }

  std::unique_ptr<ObjectStore> inner_;
  EnvelopeOptions options_;
};

}  // namespace

std::unique_ptr<ObjectStore> MakeEnvelopeStore(std::unique_ptr<ObjectStore> inner, const EnvelopeOptions& options) {
  return std::make_unique<EnvelopeStore>(std::move(inner), options);
}

}  // namespace holdfast::blob
