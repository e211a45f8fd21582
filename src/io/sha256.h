// Hashers over OpenSSL, each reusable: Finish gives the digest and starts afresh.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"

namespace holdfast::io {

enum class HashAlgorithm : unsigned char { kMd5, kSha1, kSha256 };

class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void Update(Bytes bytes);
  // Lower-case hex of all that was updated since the last Finish.
  [[nodiscard]] std::string FinishHex();

 private:
  friend class Sha256;
  void Finish(std::uint8_t* digest);

  struct State;
  std::unique_ptr<State> state_;
};

class Sha256 {
 public:
  Sha256() : hasher_(HashAlgorithm::kSha256) {}
  void Update(Bytes bytes) { hasher_.Update(bytes); }
  [[nodiscard]] Sha256Value Finish() {
    Sha256Value value;
    hasher_.Finish(value.bytes.data());
    return value;
  }

 private:
  Hasher hasher_;
};

// Of text or bytes that are in memory.
[[nodiscard]] inline Sha256Value Sha256Of(Bytes bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Finish();
}
[[nodiscard]] inline Sha256Value Sha256Of(std::string_view text) { return Sha256Of(AsBytes(text)); }

}  // namespace holdfast::io
