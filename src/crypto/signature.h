// Signatures over documents that travel: who has the signing key says "this is mine"; everybody who trusts its public
// half can tell whether that is so, and that not a byte was changed. Ed25519 (RFC 8032).
//
// All three are texts, one item a line, numbers in Base64url; '#' begins a comment:
//   ed25519-secret <seed>                 a signing key: its owner's alone
//   ed25519 <key id> <public key>         a trusted key; a file may hold several
//   ed25519 <key id> <signature>          a signature; a document may have several, by different keys
// The key id is the first 8 bytes of the public key's SHA-256, in hexadecimal. It only says which key to try.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace holdfast::crypto {

// Immutable; safe to share.
class SigningKey {
 public:
  // Makes a new key and its file, and beside it the file of its public half, "<path>.pub". kConflict when one of the
  // two is there: no key is ever replaced.
  [[nodiscard]] static Result<SigningKey> CreateFile(const std::filesystem::path& path);
  // kNotFound; kDenied when others may read or write the file; kCorrupt when it holds no signing key.
  [[nodiscard]] static Result<SigningKey> Load(const std::filesystem::path& path);

  [[nodiscard]] const std::string& Id() const { return id_; }
  // A line each, with its end.
  [[nodiscard]] const std::string& PublicText() const { return public_text_; }
  [[nodiscard]] std::string Sign(std::string_view document) const;

 private:
  SigningKey() = default;
  static SigningKey FromSeed(const Secret& seed);

  Secret secret_;
  std::string id_, public_text_;
};

// Immutable; safe to share.
class TrustedKeys {
 public:
  static constexpr std::size_t kKeysMax = 64;
  static constexpr std::size_t kSignaturesMax = 16;  // that are looked at

  // None: nothing is trusted.
  TrustedKeys() = default;
  // kCorrupt with the line, kLimit for more than kKeysMax.
  [[nodiscard]] static Result<TrustedKeys> Parse(std::string_view text);
  // All of several files. kNotFound, kDenied.
  [[nodiscard]] static Result<TrustedKeys> Load(const std::vector<std::filesystem::path>& paths);

  [[nodiscard]] bool Empty() const { return keys_.empty(); }
  // The id of a key that is trusted and did sign the document. kDenied when there is none, saying which keys signed it;
  // one signature that is good is enough, whatever stands beside it.
  [[nodiscard]] Result<std::string> Verify(std::string_view document, std::string_view signatures) const;

 private:
  struct Key {
    std::string id;
    std::array<std::uint8_t, 32> bytes{};
  };
  std::vector<Key> keys_;
};

}  // namespace holdfast::crypto
