#include "base/text.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(CleanText, IsOneHarmlessLine) {
  EXPECT_EQ(CleanText(" a\t\n b\x1b[0m\x7f "), "a b [0m");
  EXPECT_EQ(CleanText("abcdef", 3), "abc");
  EXPECT_EQ(CleanText("ab cd", 3), "ab");
  EXPECT_EQ(CleanText("a\u00e9\u00e9", 4), "a\u00e9");
  EXPECT_EQ(CleanText("\u00e9x", 2), "\u00e9");
}

TEST(IsHex, KnowsTheDigits) {
  EXPECT_TRUE(IsHex("0123456789abcdefABCDEF"));
  for (const char c : std::string_view("/:@Gg`{ \x80\x10")) EXPECT_FALSE(IsHex(std::string(1, c))) << c;
}

TEST(ResolvePath, StaysInTheImage) {
  EXPECT_EQ(ResolvePath("", "/usr/./bin//x/"), "usr/bin/x");
  EXPECT_EQ(ResolvePath("usr/lib/python3", "../../bin/pip"), "usr/bin/pip");
  EXPECT_EQ(ResolvePath("usr", "../../../etc/passwd"), "etc/passwd");
  EXPECT_EQ(ResolvePath("", ".."), "");
  EXPECT_EQ(ResolvePath("a", "."), "a");
}

}  // namespace
}  // namespace holdfast
