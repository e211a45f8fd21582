#include "store/storable_text.h"

#include <gtest/gtest.h>

#include "io/json.h"

namespace holdfast::store {
namespace {

using namespace std::literals;

TEST(StorableTextTest, GoodTextIsItself) {
  for (const std::string_view text : {""sv, "openssl"sv, "größe 漢字 \U0001f600"sv, "tab\tline\n"sv, "\x01\x7f"sv}) {
    EXPECT_EQ(StorableText(text), text);
    EXPECT_EQ(IndexedText(text), text);
  }
}

TEST(StorableTextTest, ZeroBytesGoAndBrokenCharactersAreReplaced) {
  EXPECT_EQ(StorableText("a\0b\0"sv), "ab");
  EXPECT_EQ(StorableText("\0"sv), "");
  EXPECT_EQ(StorableText("a\xff\xc3z"sv), "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(StorableText("\xed\xa0\x80"sv), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // half a surrogate pair
  EXPECT_EQ(IndexedText("a\0\xff"sv), "a\xef\xbf\xbd");
  // A zero byte between the bytes of a character does not make one.
  EXPECT_TRUE(io::IsUtf8(StorableText("\xc3\0\xa4"sv)));
}

TEST(StorableTextTest, IsCutBetweenCharacters) {
  EXPECT_EQ(StorableText("abcdef", 4), "abcd");
  EXPECT_EQ(StorableText("abcdef", 6), "abcdef");
  EXPECT_EQ(StorableText("ab\xc3\xa4", 3), "ab");
  EXPECT_EQ(StorableText("\xf0\x9f\x98\x80", 3), "");
  EXPECT_EQ(StorableText("abc", 0), "");
}

TEST(StorableTextTest, LongTextsInIndexesAreCutAndStayDifferent) {
  const std::string fits(kIndexedBytesMax, 'x');
  EXPECT_EQ(IndexedText(fits), fits);
  const std::string one = IndexedText(fits + "1");
  const std::string two = IndexedText(fits + "2");
  EXPECT_EQ(one.size(), kIndexedBytesMax);
  EXPECT_TRUE(one.starts_with(std::string(kIndexedBytesMax - 33, 'x') + "~"));
  EXPECT_NE(one, two);
  EXPECT_EQ(IndexedText(fits + "1"), one);
  EXPECT_EQ(IndexedText(one), one);  // what was cut once is not cut again
  std::string wide;
  while (wide.size() < 10'000) wide += "漢";
  EXPECT_LE(IndexedText(wide).size(), kIndexedBytesMax);
  EXPECT_TRUE(io::IsUtf8(IndexedText(wide)));
}

}  // namespace
}  // namespace holdfast::store
