// The one door to libsodium: initialised once, before its first use.
#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::crypto::internal {

// Chooses implementations for this processor and opens the source of randomness; safe from any thread.
inline void UseSodium() {
  static const bool ready = sodium_init() >= 0;
  HF_ASSERT(ready);
}

// Base64url without padding (RFC 7515 section 2).
[[nodiscard]] inline std::string EncodeUrlBase64(Bytes bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the zero byte
  return text;
}

// Strict: other characters, padding, impossible lengths and stray last bits are refused, so that one value has one
// text. False then.
[[nodiscard]] inline bool DecodeUrlBase64(std::string_view text, std::string& bytes) {
  bytes.resize(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &size, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return false;
  bytes.resize(size);
  return true;
}

}  // namespace holdfast::crypto::internal
