#include "io/safe_text.h"

#include <gtest/gtest.h>

namespace holdfast::io {
namespace {

TEST(SafeText, NeutralisesWhatMovesTheCursor) {
  EXPECT_EQ(SafeText("a\x1b[2Jb"), "a\xef\xbf\xbd[2Jb");
  EXPECT_EQ(SafeText("one\ntwo\r"), "one\xef\xbf\xbdtwo\xef\xbf\xbd");
  EXPECT_EQ(SafeText("\xe2\x80\xae"
                     "evil"),
            "\xef\xbf\xbd"
            "evil");
  EXPECT_EQ(SafeText("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(SafeText("käse"), "käse");
}

}  // namespace
}  // namespace holdfast::io
