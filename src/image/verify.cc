#include "image/verify.h"

#include "base/format.h"

namespace holdfast::image {

Result<void> VerifyingSource::CheckEnd() {
  ended_ = true;
  if (size_bytes_ && seen_ != *size_bytes_)
    return Fail(ErrorKind::kCorrupt, Format("{} bytes, but {} are stated", seen_, *size_bytes_));
  if (!digest_) return {};
  const Digest digest(sha256_.Finish());
  if (digest != *digest_)
    return Fail(ErrorKind::kCorrupt,
                Format("the content has digest {}, but {} is stated", digest.Text(), digest_->Text()));
  return {};
}

Result<Bytes> VerifyingSource::Next(std::size_t max) {
  if (error_) return std::unexpected(*error_);
  if (ended_) return Bytes{};
  auto view = inner_.Next(max);
  if (view && !view->empty()) {
    seen_ += view->size();
    if (digest_) sha256_.Update(*view);
    mismatch_ = size_bytes_ && seen_ > *size_bytes_;
    if (mismatch_) view = Fail(ErrorKind::kCorrupt, Format("more than the {} bytes that are stated", *size_bytes_));
  } else if (view) {
    const auto checked = CheckEnd();
    mismatch_ = !checked;
    if (mismatch_) view = std::unexpected(checked.error());
  }
  if (!view) error_ = view.error();
  return view;
}

Result<void> DeliverLayer(LayerSink& sink, const LayerDescriptor& layer, io::ByteSource& bytes, bool* other_bytes) {
  const bool stated = layer.size_bytes > 0 || layer.digest.has_value();
  const auto size = stated ? std::optional(layer.size_bytes) : std::nullopt;
  VerifyingSource verified(bytes, layer.digest, size);
  const auto in_frame = [&](const Error& error) {
    return std::unexpected(error.In(Format("layer {}", layer.digest ? layer.digest->Short() : layer.key)));
  };
  if (const auto taken = sink.Layer(layer, verified); !taken) {
    if (other_bytes != nullptr) *other_bytes = !verified.Drain() && verified.Mismatch();
    return in_frame(taken.error());
  }
  if (const auto rest = verified.Drain(); !rest) return in_frame(rest.error());
  return {};
}

}  // namespace holdfast::image
