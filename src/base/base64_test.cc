#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace holdfast {
namespace {

std::optional<std::string> Decoded(std::string_view text) {
  const auto bytes = DecodeBase64(text);
  if (!bytes) return std::nullopt;
  return std::string(AsText(*bytes));
}

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  EXPECT_EQ(Decoded(""), "");
  EXPECT_EQ(Decoded("Zg=="), "f");
  EXPECT_EQ(Decoded("Zm8="), "fo");
  EXPECT_EQ(Decoded("Zm9v"), "foo");
  EXPECT_EQ(Decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(Decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(Decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, TakesBothAlphabetsAndMissingPadding) {
  EXPECT_EQ(Decoded("-_-_"), Decoded("+/+/"));
  EXPECT_EQ(Decoded("Zm9vYg"), "foob");
}

TEST(Base64, RefusesForeignCharactersAndImpossibleLengths) {
  EXPECT_EQ(Decoded("Zm9v\n"), std::nullopt);
  EXPECT_EQ(Decoded("Z"), std::nullopt);
  EXPECT_EQ(Decoded("Z==="), std::nullopt);
  EXPECT_EQ(Decoded("Zg==Zg=="), std::nullopt);
}

// RFC 4648 section 10.
TEST(Base64, Encodes) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(EncodeBase64("\xff\xfe"), "//4=");
}

}  // namespace
}  // namespace holdfast
