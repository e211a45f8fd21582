#include "crypto/mac.h"

#include "base/bytes.h"
#include "crypto/internal/sodium.h"

namespace holdfast::crypto {

Sha256Value HmacSha256(const Secret& key, std::string_view message) {
  internal::UseSodium();
  Sha256Value value;
  crypto_auth_hmacsha256_state state;
  const Bytes key_bytes = AsBytes(key.Reveal());
  const Bytes bytes = AsBytes(message);
  crypto_auth_hmacsha256_init(&state, key_bytes.data(), key_bytes.size());
  if (!bytes.empty()) crypto_auth_hmacsha256_update(&state, bytes.data(), bytes.size());
  crypto_auth_hmacsha256_final(&state, value.bytes.data());
  sodium_memzero(&state, sizeof(state));
  return value;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

Secret DeriveKey(const Secret& secret, std::string_view purpose) {
  Sha256Value derived = HmacSha256(secret, purpose);
  Secret key(AsText(derived.bytes));
  sodium_memzero(derived.bytes.data(), derived.bytes.size());
  return key;
}

}  // namespace holdfast::crypto
