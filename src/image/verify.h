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

 private:
  Result<void> CheckEnd();

  io::ByteSource& inner_;
  std::optional<Digest> digest_;
  std::optional<std::uint64_t> size_bytes_;
  io::Sha256 sha256_;
  std::uint64_t seen_ = 0;
  bool ended_ = false;
  std::optional<Error> error_;
};

// Hands a layer to the sink, verified against its descriptor; what the sink leaves unread is verified too.
[[nodiscard]] Result<void> DeliverLayer(LayerSink& sink, const LayerDescriptor& layer, io::ByteSource& bytes);

}  // namespace holdfast::image
