#include "crypto/token.h"

#include <array>
#include <optional>

#include "base/format.h"
#include "crypto/internal/flat_json.h"
#include "crypto/internal/sodium.h"
#include "crypto/mac.h"

namespace holdfast::crypto {
namespace {

constexpr std::size_t kKeyBytesMin = 32;  // RFC 7518 section 3.2
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

using internal::FlatObject;
using internal::FlatValue;

struct TextClaim {
  std::string_view name;
  std::string TokenClaims::* field;
};
struct TimeClaim {
  std::string_view name;
  std::int64_t TokenClaims::* field;
};
constexpr std::array kTexts = {TextClaim{"iss", &TokenClaims::issuer}, TextClaim{"sub", &TokenClaims::subject},
                               TextClaim{"aud", &TokenClaims::audience}, TextClaim{"jti", &TokenClaims::id}};
constexpr std::array kTimes = {TimeClaim{"iat", &TokenClaims::issued_at}, TimeClaim{"nbf", &TokenClaims::not_before},
                               TimeClaim{"exp", &TokenClaims::expires_at}};

std::unexpected<Error> Denied(std::string_view why) { return Fail(ErrorKind::kDenied, Format("token: {}", why)); }

Result<FlatObject> DecodePart(std::string_view part) {
  std::string text;
  if (!internal::DecodeUrlBase64(part, text)) return Denied("not Base64url");
  auto object = internal::ParseFlatJson(text);
  if (!object) return Denied(object.error().Message());
  return object;
}

Result<void> CheckHeader(std::string_view part) {
  HF_TRY(const FlatObject header, DecodePart(part));
  const auto algorithm = header.find("alg");
  const auto* name = algorithm == header.end() ? nullptr : std::get_if<std::string>(&algorithm->second);
  if (name == nullptr || *name != "HS256") return Denied("not signed with HS256");
  if (header.contains("crit")) return Denied("its header asks for an extension");
  return {};
}

Result<TokenClaims> ReadClaims(std::string_view part) {
  HF_TRY(FlatObject payload, DecodePart(part));
  TokenClaims claims;
  for (const TextClaim& claim : kTexts) {
    const auto found = payload.find(claim.name);
    if (found == payload.end()) continue;
    auto* text = std::get_if<std::string>(&found->second);
    if (text == nullptr) return Denied(Format("its {} is not a text", claim.name));
    claims.*claim.field = std::move(*text);
  }
  for (const TimeClaim& claim : kTimes) {
    const auto found = payload.find(claim.name);
    if (found == payload.end()) continue;
    const auto* seconds = std::get_if<std::int64_t>(&found->second);
    if (seconds == nullptr || *seconds < 0) return Denied(Format("its {} is not a time", claim.name));
    claims.*claim.field = *seconds;
  }
  if (!payload.contains("exp")) return Denied("it has no end");
  return claims;
}

// Times come from numbers below 2^53, so that adding a leeway cannot overflow.
Result<void> CheckClaims(const TokenClaims& claims, const TokenRules& rules) {
  if (claims.expires_at + rules.leeway_s <= rules.now) return Denied("expired");
  if (claims.not_before > rules.now + rules.leeway_s) return Denied("not valid yet");
  if (claims.issued_at > rules.now + rules.leeway_s) return Denied("issued in the future");
  if (!rules.issuer.empty() && claims.issuer != rules.issuer) return Denied("of another issuer");
  if (claims.audience != rules.audience) return Denied("for another audience");
  return {};
}

}  // namespace

Result<std::string> SignToken(const TokenClaims& claims, const Secret& key) {
  if (key.Size() < kKeyBytesMin)
    return Fail(ErrorKind::kInvalidInput, Format("a token key of less than {} bytes", kKeyBytesMin));
  if (claims.expires_at <= 0) return Fail(ErrorKind::kInvalidInput, "a token without an end");
  std::string payload;
  const auto add = [&](std::string_view name, std::string_view value) {
    payload += Format("{}\"{}\":{}", payload.empty() ? "{" : ",", name, value);
  };
  for (const TextClaim& claim : kTexts) {
    const std::string& text = claims.*claim.field;
    if (!internal::IsUtf8(text)) return Fail(ErrorKind::kInvalidInput, "a token with text that is not UTF-8");
    if (!text.empty()) add(claim.name, internal::QuoteJson(text));
  }
  for (const TimeClaim& claim : kTimes)
    if (claims.*claim.field != 0) add(claim.name, Format("{}", claims.*claim.field));
  payload += '}';
  std::string token = internal::EncodeUrlBase64(AsBytes(kHeader)) + "." + internal::EncodeUrlBase64(AsBytes(payload));
  token += "." + internal::EncodeUrlBase64(HmacSha256(key, token).bytes);
  if (token.size() > kTokenBytesMax)
    return Fail(ErrorKind::kInvalidInput, Format("a token of more than {} bytes", kTokenBytesMax));
  return token;
}

Result<TokenClaims> VerifyToken(std::string_view token, const Secret& key, const TokenRules& rules) {
  if (key.Size() < kKeyBytesMin)
    return Fail(ErrorKind::kInvalidInput, Format("a token key of less than {} bytes", kKeyBytesMin));
  if (token.size() > kTokenBytesMax) return Denied("too long");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return Denied("not three parts");
  HF_CHECK_OK(CheckHeader(token.substr(0, first)));
  std::string signature;
  if (!internal::DecodeUrlBase64(token.substr(second + 1), signature) ||
      !ConstantTimeEquals(signature, AsText(HmacSha256(key, token.substr(0, second)).bytes)))
    return Denied("wrong signature");
  HF_TRY(TokenClaims claims, ReadClaims(token.substr(first + 1, second - first - 1)));
  HF_CHECK_OK(CheckClaims(claims, rules));
  return claims;
}

}  // namespace holdfast::crypto
