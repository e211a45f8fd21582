// Message authentication, and comparing what must not be guessed byte by byte.
#pragma once

#include <string_view>

#include "base/digest.h"
#include "crypto/secret.h"

namespace holdfast::crypto {

// RFC 2104 with SHA-256; keys of any length.
[[nodiscard]] Sha256Value HmacSha256(const Secret& key, std::string_view message);

// Takes the same time wherever they differ. Different lengths are told apart at once.
[[nodiscard]] bool ConstantTimeEquals(std::string_view a, std::string_view b);

// 32 bytes for one purpose ("session-token") out of a secret that somebody chose: different purposes give unrelated
// keys. It does not make a weak secret strong.
[[nodiscard]] Secret DeriveKey(const Secret& secret, std::string_view purpose);

}  // namespace holdfast::crypto
