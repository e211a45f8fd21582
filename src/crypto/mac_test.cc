#include "crypto/mac.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "support/test_support.h"

namespace holdfast::crypto {
namespace {

std::string Repeat(int byte, std::size_t count) { return std::string(count, static_cast<char>(byte)); }

struct Vector {
  std::string key, message, hex;
};

// RFC 4231 sections 4.2 to 4.8.
std::vector<Vector> Rfc4231() {
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  return {
      {Repeat(0x0b, 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Repeat(0xaa, 20), Repeat(0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, Repeat(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Repeat(0x0c, 20), "Test With Truncation", "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5"},
      {Repeat(0xaa, 131), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Repeat(0xaa, 131),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
}

TEST(HmacSha256, AnswersAsRfc4231) {
  for (const Vector& vector : Rfc4231()) EXPECT_EQ(HmacSha256(Secret(vector.key), vector.message).Hex(), vector.hex);
}

TEST(HmacSha256, TakesNothingAsKeyAndMessage) {
  EXPECT_EQ(HmacSha256(Secret(), {}).Hex(), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTimeEquals, ComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("bbc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
  EXPECT_FALSE(ConstantTimeEquals("", "a"));
}

TEST(DeriveKey, DependsOnSecretAndPurpose) {
  const Secret secret("supersharedsecret");
  EXPECT_EQ(DeriveKey(secret, "a").Size(), 32U);
  EXPECT_TRUE(DeriveKey(secret, "a") == DeriveKey(secret, "a"));
  EXPECT_FALSE(DeriveKey(secret, "a") == DeriveKey(secret, "b"));
  EXPECT_FALSE(DeriveKey(secret, "a") == DeriveKey(Secret("other"), "a"));
}

TEST(Secret, HoldsCopiesAndMoves) {
  std::string text = "hunter2";
  Secret a = Secret::Take(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(a.Reveal(), "hunter2");
  Secret b = a;
  EXPECT_TRUE(a == b);
  Secret c = std::move(a);
  EXPECT_EQ(c.Reveal(), "hunter2");
  b = Secret("else");
  EXPECT_FALSE(b == c);
  c = b;
  EXPECT_EQ(c.Reveal(), "else");
  const Secret& self = c;
  c = self;
  EXPECT_EQ(c.Reveal(), "else");
  EXPECT_TRUE(Secret().Empty());
  EXPECT_EQ(Secret().Reveal(), "");
}

TEST(Secret, HasNoWayIntoText) {
  static_assert(!fmt::is_formattable<Secret>::value);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  // What a failed expectation would print: the object's own bytes.
  EXPECT_EQ(testing::PrintToString(Secret("hunter2")).find("68-75-6E"), std::string::npos);
}

TEST(WipeText, LeavesNothing) {
  std::string text = "a password of some length, beyond the small string";
  WipeText(text);
  EXPECT_EQ(text, std::string(text.size(), '\0'));
}

TEST(Random, TokensAreUrlSafeAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const Secret token = RandomToken();
    EXPECT_EQ(token.Size(), 43U);
    EXPECT_EQ(token.Reveal().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string_view::npos);
    seen.emplace(token.Reveal());
  }
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(RandomToken(1).Size(), 2U);
  EXPECT_TRUE(RandomToken(0).Empty());
}

TEST(Random, BytesFillWhole) {
  // 64 bytes that are 0 in each of ten draws do not happen.
  std::string touched(64, '\0');
  for (int i = 0; i < 10; ++i) {
    const auto bytes = RandomBytes(64);
    ASSERT_EQ(bytes.size(), 64U);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      if (bytes[at] != 0) touched[at] = 1;
  }
  EXPECT_EQ(touched, std::string(64, '\1'));
}

TEST(Random, UuidsAreOfVersion4) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = Uuid4();
    ASSERT_EQ(uuid.size(), 36U);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) EXPECT_EQ(uuid[at], '-');
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace holdfast::crypto
