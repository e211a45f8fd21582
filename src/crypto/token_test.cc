#include "crypto/token.h"

#include <gtest/gtest.h>

#include "crypto/internal/flat_json.h"
#include "crypto/internal/sodium.h"
#include "crypto/mac.h"
#include "support/test_support.h"

namespace holdfast::crypto {
namespace {

using internal::EncodeUrlBase64;
using test::ExpectError;
using test::Value;

Secret TestKey() { return DeriveKey(Secret("secret"), "test"); }

std::string Signed(std::string_view header, std::string_view payload, const Secret& key = TestKey()) {
  const std::string front = EncodeUrlBase64(AsBytes(header)) + "." + EncodeUrlBase64(AsBytes(payload));
  return front + "." + EncodeUrlBase64(HmacSha256(key, front).bytes);
}
std::string SignedPayload(std::string_view payload) { return Signed(R"({"alg":"HS256"})", payload); }

// RFC 7515 appendix A.1.
constexpr std::string_view kRfcToken =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

Secret RfcKey() {
  std::string bytes;
  EXPECT_TRUE(internal::DecodeUrlBase64(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", bytes));
  return Secret(bytes);
}

TEST(Token, VerifiesTheExampleOfRfc7515) {
  const TokenClaims claims = Value(VerifyToken(kRfcToken, RfcKey(), {.issuer = "joe", .now = 1300819380 - 1}));
  EXPECT_EQ(claims, (TokenClaims{.issuer = "joe", .expires_at = 1300819380}));
  ExpectError(VerifyToken(kRfcToken, TestKey(), {.now = 1300819379}), ErrorKind::kDenied, "wrong signature");
}

TEST(Token, ComesBackAsItWent) {
  const TokenClaims claims{.issuer = "holdfast",
                           .subject = "adm\"in\\\n\x01 \xc3\xa9",
                           .audience = "api",
                           .id = "1b4e28ba",
                           .issued_at = 1000,
                           .not_before = 1000,
                           .expires_at = 4600};
  const std::string token = Value(SignToken(claims, TestKey()));
  EXPECT_EQ(Value(VerifyToken(token, TestKey(), {.issuer = "holdfast", .audience = "api", .now = 2000})), claims);
}

TEST(Token, IsMadeOfTheSegmentsOfTheStandard) {
  const std::string token = Value(SignToken({.issuer = "joe", .expires_at = 1300819380}, TestKey()));
  EXPECT_EQ(token, Signed(R"({"alg":"HS256","typ":"JWT"})", R"({"iss":"joe","exp":1300819380})"));
}

TEST(Token, EndsWithItsLeeway) {
  const std::string token = Value(SignToken({.issued_at = 1000, .expires_at = 2000}, TestKey()));
  const auto verify = [&](std::int64_t now, std::int64_t leeway) {
    return VerifyToken(token, TestKey(), {.now = now, .leeway_s = leeway});
  };
  EXPECT_TRUE(verify(1999, 0).has_value());
  ExpectError(verify(2000, 0), ErrorKind::kDenied, "expired");
  EXPECT_TRUE(verify(2009, 10).has_value());
  ExpectError(verify(2010, 10), ErrorKind::kDenied, "expired");
  EXPECT_TRUE(verify(1000, 0).has_value());
  ExpectError(verify(999, 0), ErrorKind::kDenied, "future");
  EXPECT_TRUE(verify(990, 10).has_value());
  const std::string later = Value(SignToken({.not_before = 1500, .expires_at = 2000}, TestKey()));
  ExpectError(VerifyToken(later, TestKey(), {.now = 1499, .leeway_s = 0}), ErrorKind::kDenied, "not valid yet");
  EXPECT_TRUE(VerifyToken(later, TestKey(), {.now = 1500, .leeway_s = 0}).has_value());
}

TEST(Token, OtherAlgorithmsAreRefusedWhateverTheSignature) {
  const std::string payload = R"({"exp":2000})";
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"nOnE"})", R"({"alg":""})", R"({})", R"({"alg":null})",
        R"({"alg":["HS256"]})", R"({"alg":"hs256"})", R"({"alg":"HS384"})", R"({"alg":"HS512"})", R"({"alg":"RS256"})",
        R"({"alg":"ES256"})", R"({"alg":"PS256"})", R"({"alg":"HS256 "})"}) {
    const std::string token = Signed(header, payload);
    ExpectError(VerifyToken(token, TestKey(), {.now = 1000}), ErrorKind::kDenied, "HS256");
    ExpectError(VerifyToken(token.substr(0, token.rfind('.') + 1), TestKey(), {.now = 1000}), ErrorKind::kDenied,
                "HS256");
  }
  ExpectError(VerifyToken(Signed(R"({"alg":"HS256","crit":["b64"],"b64":false})", payload), TestKey(), {.now = 1000}),
              ErrorKind::kDenied, "extension");
  ExpectError(VerifyToken(Signed(R"({"alg":"none","alg":"HS256"})", payload), TestKey(), {.now = 1000}),
              ErrorKind::kDenied, "twice");
}

TEST(Token, EachChangedCharacterIsNoticed) {
  const std::string token = Value(SignToken({.subject = "admin", .expires_at = 2000}, TestKey()));
  for (std::size_t at = 0; at < token.size(); ++at)
    for (const char c : {'A', 'B', '_', '.', '=', '+'}) {
      std::string changed = token;
      changed[at] = c;
      EXPECT_EQ(VerifyToken(changed, TestKey(), {.now = 1000}).has_value(), changed == token) << at << c;
    }
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(VerifyToken(token.substr(0, size), TestKey(), {.now = 1000}).has_value());
  for (const std::string_view tail : {"=", "A", ".", ".x", "\n"})
    EXPECT_FALSE(VerifyToken(token + std::string(tail), TestKey(), {.now = 1000}).has_value());
}

TEST(Token, IssuerAndAudienceMustBeOurs) {
  const std::string token = SignedPayload(R"({"iss":"a","aud":"x","exp":2000})");
  EXPECT_TRUE(VerifyToken(token, TestKey(), {.issuer = "a", .audience = "x", .now = 1}).has_value());
  EXPECT_TRUE(VerifyToken(token, TestKey(), {.audience = "x", .now = 1}).has_value());
  ExpectError(VerifyToken(token, TestKey(), {.issuer = "b", .audience = "x", .now = 1}), ErrorKind::kDenied, "issuer");
  ExpectError(VerifyToken(token, TestKey(), {.issuer = "a", .now = 1}), ErrorKind::kDenied, "audience");
  ExpectError(VerifyToken(SignedPayload(R"({"exp":2000})"), TestKey(), {.issuer = "a", .now = 1}), ErrorKind::kDenied);
  ExpectError(VerifyToken(SignedPayload(R"({"exp":2000,"aud":["x"]})"), TestKey(), {.audience = "x", .now = 1}),
              ErrorKind::kDenied, "aud");
}

TEST(Token, PayloadsThatLie) {
  for (const std::string_view payload : {"",
                                         "null",
                                         "[]",
                                         "{",
                                         R"({"exp":2000)",
                                         R"({"exp":2000}x)",
                                         R"({"exp":"2000"})",
                                         R"({"exp":-1})",
                                         R"({"exp":1e300})",
                                         R"({"exp":1e30})",
                                         R"({"exp":null})",
                                         R"({"exp":true})",
                                         R"({"exp":02000})",
                                         R"({"exp":2000,"exp":9000})",
                                         R"({"exp":2000,"sub":7})",
                                         R"({"exp":2000,"sub":"\ud800"})",
                                         R"({"exp":2000,"x":[[[[[[[[[[]]]]]]]]]]})",
                                         R"({"sub":"endless"})",
                                         "{\"exp\":2000,\"sub\":\"\xff\"}",
                                         "{\"exp\":2000,\"sub\":\"a\nb\"}",
                                         R"({"exp":2000,})",
                                         R"({"exp":2000,"x":[1,]})",
                                         R"({"exp":.5})",
                                         R"({"exp":5.})",
                                         R"({'exp':2000})"})
    ExpectError(VerifyToken(SignedPayload(payload), TestKey(), {.now = 1}), ErrorKind::kDenied, "token");
}

TEST(Token, UnknownClaimsOfEveryTypePass) {
  const std::string token = SignedPayload(
      R"( { "exp" : 2000.75 , "a" : [ 1 , {"b":[]} , "]" ] , "c" : {} , "d" : null , "e" : true , "f" : -1.5e-3 ,)"
      R"( "sub" : "\u0041\u00e9\ud83d\ude00\/" } )");
  const TokenClaims claims = Value(VerifyToken(token, TestKey(), {.now = 1}));
  EXPECT_EQ(claims, (TokenClaims{.subject = "A\xc3\xa9\xf0\x9f\x98\x80/", .expires_at = 2000}));
}

TEST(Token, RefusesWeakKeysAndBadClaims) {
  ExpectError(SignToken({.expires_at = 1}, Secret(std::string(31, 'k'))), ErrorKind::kInvalidInput, "32");
  ExpectError(VerifyToken("a.b.c", Secret("short"), {}), ErrorKind::kInvalidInput, "32");
  ExpectError(SignToken({}, TestKey()), ErrorKind::kInvalidInput, "end");
  ExpectError(SignToken({.subject = "\xff", .expires_at = 1}, TestKey()), ErrorKind::kInvalidInput, "UTF-8");
  ExpectError(SignToken({.subject = std::string(9000, 'x'), .expires_at = 1}, TestKey()), ErrorKind::kInvalidInput);
  ExpectError(VerifyToken(std::string(9000, 'x'), TestKey(), {}), ErrorKind::kDenied, "too long");
}

TEST(IsUtf8, KnowsTheBorders) {
  for (const std::string_view good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(internal::IsUtf8(good));
  for (const std::string_view bad : {"\x80", "\xc1\x81", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                     "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff"})
    EXPECT_FALSE(internal::IsUtf8(bad));
}

}  // namespace
}  // namespace holdfast::crypto
