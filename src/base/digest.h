// Digest: the SHA-256 of some content, as OCI writes it ("sha256:" and 64 lower-case hex digits; OCI
// image-spec, descriptor.md, "Digests"). Other algorithms are refused as kUnsupported: no registry in
// use serves them, and a second algorithm would give one content two names.
//
// DiffId is the digest of a layer's *uncompressed* tar. It is a type of its own, since mixing the two
// up is the classic mistake of this field.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

struct Sha256Value {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] std::string Hex() const { return ToHex(bytes); }
  // 64 hexadecimal digits of either case.
  [[nodiscard]] static Result<Sha256Value> FromHex(std::string_view hex);
  friend auto operator<=>(const Sha256Value&, const Sha256Value&) = default;
};

class Digest {
 public:
  Digest() = default;
  explicit Digest(Sha256Value value) : value_(value) {}

  // "sha256:<64 lower-case hex digits>". kInvalidInput if malformed, kUnsupported for other algorithms.
  [[nodiscard]] static Result<Digest> Parse(std::string_view text);
  [[nodiscard]] std::string Text() const { return "sha256:" + value_.Hex(); }
  [[nodiscard]] std::string Hex() const { return value_.Hex(); }
  // "sha256:" and the first 12 digits, for people.
  [[nodiscard]] std::string Short() const { return "sha256:" + value_.Hex().substr(0, 12); }
  [[nodiscard]] const Sha256Value& Value() const { return value_; }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  Sha256Value value_;
};

class DiffId {
 public:
  DiffId() = default;
  explicit DiffId(Digest digest) : digest_(digest) {}
  [[nodiscard]] const Digest& AsDigest() const { return digest_; }
  [[nodiscard]] std::string Text() const { return digest_.Text(); }
  friend auto operator<=>(const DiffId&, const DiffId&) = default;

 private:
  Digest digest_;
};

}  // namespace holdfast

template <>
struct std::hash<holdfast::Digest> {
  std::size_t operator()(const holdfast::Digest& digest) const noexcept {
    return holdfast::LoadLittle<std::size_t>(digest.Value().bytes);
  }
};
