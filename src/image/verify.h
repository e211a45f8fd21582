// Layers are verified while they stream by.
#pragma once

#include <cstdint>
#include <optional>

#include "base/digest.h"
#include "base/result.h"
#include "image/source.h"
#include "io/byte_source.h"
#include "io/sha256.h"

namespace holdfast::image {

// Passes on `inner` (which outlives it). kCorrupt as soon as there are more bytes than stated, and in place of
// the end when there are fewer or the digest is another. What is not stated is not checked.
class VerifyingSource final : public io::ByteSource {
 public:
  VerifyingSource(io::ByteSource& inner, std::optional<Digest> digest, std::optional<std::uint64_t> size_bytes)
      : inner_(inner), digest_(digest), size_bytes_(size_bytes) {}
  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override;
  // Was the content found to be another than is stated? False for an error of `inner`.
  [[nodiscard]] bool Mismatch() const { return mismatch_; }

 private:
  Result<void> CheckEnd();

  io::ByteSource& inner_;
  std::optional<Digest> digest_;
  std::optional<std::uint64_t> size_bytes_;
  io::Sha256 sha256_;
  std::uint64_t seen_ = 0;
  bool ended_ = false, mismatch_ = false;
  std::optional<Error> error_;
};

// Hands a layer to the sink, verified against its descriptor; what the sink leaves unread is verified too.
// With `other_bytes` it also tells whether the sink failed on bytes that are not the layer's: then the rest is
// read even after an error of the sink, and the layer may be delivered again.
[[nodiscard]] Result<void> DeliverLayer(LayerSink& sink, const LayerDescriptor& layer, io::ByteSource& bytes,
                                        bool* other_bytes = nullptr);

}  // namespace holdfast::image
