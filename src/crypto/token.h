// Bearer tokens: JSON Web Tokens (RFC 7519) in compact form, signed with HMAC-SHA256 ("HS256", RFC 7518 section 3.2).
//
// One algorithm, fixed by the code: a token that says "none", RS256 or anything else in its header is refused before
// its signature is looked at. Signatures with private keys (RS256) are not done.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace holdfast::crypto {

inline constexpr std::size_t kTokenBytesMax = 8 * 1024;

// Times are seconds since 1970 UTC. What is empty or zero is left out of a token, and was absent from one.
struct TokenClaims {
  std::string issuer;           // iss
  std::string subject;          // sub
  std::string audience;         // aud
  std::string id;               // jti
  std::int64_t issued_at = 0;   // iat
  std::int64_t not_before = 0;  // nbf
  std::int64_t expires_at = 0;  // exp
  friend bool operator==(const TokenClaims&, const TokenClaims&) = default;
};

struct TokenRules {
  std::string issuer;          // that the token must name; empty: any
  std::string audience;        // likewise; empty: a token that names one is refused (RFC 7519 section 4.1.3)
  std::int64_t now = 0;        // seconds since 1970 UTC
  std::int64_t leeway_s = 30;  // by which clocks may differ
};

// kInvalidInput for a key of less than 32 bytes (see DeriveKey), claims without an end, texts that are not UTF-8, or a
// token of more than kTokenBytesMax.
[[nodiscard]] Result<std::string> SignToken(const TokenClaims& claims, const Secret& key);

// kDenied with the reason, for people with a log: malformed, other algorithm, wrong signature, expired or without an
// end, from the future, not ours. Claims that are not in TokenClaims are ignored.
[[nodiscard]] Result<TokenClaims> VerifyToken(std::string_view token, const Secret& key, const TokenRules& rules);

}  // namespace holdfast::crypto
