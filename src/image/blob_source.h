// A blob as a stream that survives broken connections: it goes on with a Range request from where it was
// cut, or, where the server knows no ranges, reads again and drops what was delivered.
#pragma once

#include <cstdint>
#include <memory>

#include "base/digest.h"
#include "http/retry.h"
#include "image/registry_client.h"
#include "io/byte_source.h"

namespace holdfast::image {

// Digest and size are not verified here: a VerifyingSource around it sees all bytes in order, once.
class BlobSource final : public io::ByteSource {
 public:
  // `registry` outlives it.
  BlobSource(RegistryClient& registry, const Digest& digest, std::uint64_t size_bytes);
  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override;

 private:
  Result<void> Connect(std::optional<std::int64_t>& retry_after_ms);
  Result<Bytes> Read(std::size_t max);

  RegistryClient& registry_;
  Digest digest_;
  std::uint64_t size_bytes_;
  std::uint64_t at_ = 0;    // delivered
  std::uint64_t skip_ = 0;  // to be dropped, after a restart from the beginning
  std::unique_ptr<io::ByteSource> body_;
  http::Retries retries_;
  std::optional<Error> error_;
};

}  // namespace holdfast::image
