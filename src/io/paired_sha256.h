// Two SHA-256 over bytes that are mostly the same: the whole stream of a tar, and each file in it.
//
// Files lie in a tar at offsets that are multiples of 512, so their 64-byte blocks are blocks of the
// stream too. Such a block is scheduled once and run through both states, whose rounds then overlap in
// the processor: with the SHA extensions of x86 that costs little more than one hash (see bench/io).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/digest.h"
#include "io/byte_source.h"
#include "io/sha256.h"

namespace holdfast::io {

// One running SHA-256 (FIPS 180-4, section 6.2) on the SHA extensions, or on OpenSSL where they are missing.
class BlockSha256 {
 public:
  BlockSha256();
  ~BlockSha256();
  BlockSha256(const BlockSha256&) = delete;
  BlockSha256& operator=(const BlockSha256&) = delete;

  void Update(Bytes bytes);
  // The digest of all since the last Finish; starts afresh.
  [[nodiscard]] Sha256Value Finish();
  // The same as a.Update(bytes) and b.Update(bytes).
  static void UpdateBoth(BlockSha256& a, BlockSha256& b, Bytes bytes);

 private:
  void Reset();

  std::array<std::uint32_t, 8> state_{};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;  // bytes waiting in block_
  std::uint64_t length_ = 0;
  std::unique_ptr<Sha256> fallback_;
};

// Hashes a whole stream on its way. A view is hashed when the next one is asked for, so that whoever
// holds it can have it hashed for himself at the same time.
class PairingSource final : public ByteSource {
 public:
  explicit PairingSource(ByteSource& inner) : inner_(inner) {}
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;

  // Hashes `view` into `other`; in one go with the stream's own hash when it is the view that Next gave last.
  void HashInto(BlockSha256& other, Bytes view);
  // Of all that Next gave. Once, after the last call of Next.
  [[nodiscard]] Sha256Value Finish();

 private:
  ByteSource& inner_;
  BlockSha256 hash_;
  Bytes pending_;
};

}  // namespace holdfast::io
