// A blob as a stream that survives broken connections and broken hosts: it goes on with a Range request from
// where it was cut, or, where the server knows no ranges, reads again and drops what was delivered. When a host
// fails for good, the next one goes on from the same byte.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/digest.h"
#include "http/retry.h"
#include "image/registry_client.h"
#include "io/byte_source.h"

namespace holdfast::image {

// Digest and size are not verified here: a VerifyingSource around it sees all bytes in order, once.
class BlobSource final : public io::ByteSource {
 public:
  // Requires: at least one host; they outlive it, and are asked in this order. One that fails after all its
  // retries is given up (RegistryClient::GiveUp), one that only lacks the blob is not.
  BlobSource(std::vector<RegistryClient*> hosts, const Digest& digest, std::uint64_t size_bytes);
  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override;

  // Who sent the first byte; nobody yet: null.
  [[nodiscard]] RegistryClient* FirstServer() const { return first_server_; }

 private:
  Result<void> Connect(std::optional<std::int64_t>& retry_after_ms);
  Result<Bytes> Read(std::size_t max);
  Result<Bytes> ReadFromHost(std::size_t max);
  bool GoToNextHost(const Error& error);
  [[nodiscard]] RegistryClient& Here() const { return *hosts_[host_]; }

  std::vector<RegistryClient*> hosts_;
  std::size_t host_ = 0;
  RegistryClient* first_server_ = nullptr;
  Digest digest_;
  std::uint64_t size_bytes_;
  std::uint64_t at_ = 0;    // delivered
  std::uint64_t skip_ = 0;  // to be dropped, after a restart from the beginning
  std::unique_ptr<io::ByteSource> body_;
  std::optional<http::Retries> retries_;  // at this host
  std::optional<Error> error_;
};

}  // namespace holdfast::image
