// Sealer: secrets at rest. Registry passwords and the like are stored sealed under a key that is not in the database
// but in a file beside it.
//
// A sealed value is: one byte of version (1), 8 bytes of key id, 24 random bytes of nonce, then the value under
// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with its tag. All that stands in front and the context ("registry:17")
// are authenticated with it, so that a value moved to another row does not open.
//
// Keys rotate: the newest of the file seals, each of them opens.
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
class Sealer {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kKeysMax = 64;

  // The last key is the newest. kInvalidInput for none, more than kKeysMax, or one of another length.
  [[nodiscard]] static Result<Sealer> FromKeys(const std::vector<Secret>& keys);

  // Bytes, not text.
  [[nodiscard]] std::string Seal(const Secret& value, std::string_view context) const;
  // kDenied when it was sealed under a key that is not here, kCorrupt when it is damaged or of another context.
  [[nodiscard]] Result<Secret> Open(std::string_view sealed, std::string_view context) const;
  // Sealed under an older key, or not by a Sealer.
  [[nodiscard]] bool NeedsReseal(std::string_view sealed) const;

 private:
  using KeyId = std::array<std::uint8_t, 8>;
  struct Key {
    KeyId id;  // a hash of the key
    Secret bytes;
  };
  explicit Sealer(std::vector<Key> keys) : keys_(std::move(keys)) {}
  [[nodiscard]] const Key* FindKey(std::string_view sealed) const;

  std::vector<Key> keys_;
};

// The file holds one key a line, in Base64url, the newest last; '#' begins a comment. It is a regular file that belongs
// to this user or to root and that nobody else may read or write, else kDenied. When it is absent, it is made with one
// new key: whole or not at all, and only one of several processes that try makes it. kCorrupt when it is no key file.
[[nodiscard]] Result<Sealer> LoadOrCreateKeyFile(const std::filesystem::path& path);

// Adds a new key to an existing file, which from then on seals in every process that loads it.
[[nodiscard]] Result<void> AddKeyToFile(const std::filesystem::path& path);

}  // namespace holdfast::crypto
