#include "catalog/control_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::catalog {
namespace {

std::vector<ControlParagraph> All(std::string_view text) {
  std::vector<ControlParagraph> paragraphs;
  ControlReader reader(text);
  for (ControlParagraph paragraph; reader.Next(paragraph);) paragraphs.push_back(paragraph);
  return paragraphs;
}

TEST(ControlReader, SplitsParagraphsAtBlankLines) {
  const auto paragraphs = All("\n\nA: 1\nB: 2\n \t\n\nA: 3\r\n\r\nA: 4");
  ASSERT_EQ(paragraphs.size(), 3u);
  EXPECT_EQ(paragraphs[0].Find("b"), "2");
  EXPECT_EQ(paragraphs[1].Find("A"), "3");
  EXPECT_EQ(paragraphs[2].Find("A"), "4");
  EXPECT_EQ(paragraphs[2].Find("C"), "");
}

TEST(ControlReader, KeepsContinuationLinesWithTheirField) {
  const auto paragraphs = All("Conffiles:\n /etc/a 1\n /etc/b 2\nB: x\n\ty\n");
  ASSERT_EQ(paragraphs.size(), 1u);
  EXPECT_EQ(paragraphs[0].Find("Conffiles"), "\n /etc/a 1\n /etc/b 2");
  EXPECT_EQ(paragraphs[0].FindLine("Conffiles"), "");
  EXPECT_EQ(paragraphs[0].Find("B"), "x\n\ty");
  EXPECT_EQ(paragraphs[0].FindLine("B"), "x");
}

TEST(ControlReader, CountsBadLinesAndGoesOn) {
  const auto paragraphs = All(" stray\n stray\nA: 1\nprose without the mark\n more\nsome words: x\nB: 2\n");
  ASSERT_EQ(paragraphs.size(), 1u);
  EXPECT_EQ(paragraphs[0].fields.size(), 2u);
  EXPECT_EQ(paragraphs[0].Find("A"), "1");
  EXPECT_EQ(paragraphs[0].bad_lines, 3u);
  EXPECT_EQ(paragraphs[0].first_bad_line, " stray");
}

TEST(ControlReader, KeepsBlankLinesInMessageHeaders) {
  ControlReader reader("License: a\n  \n b\nB: 1\n\nC: 2\n", BlankLine::kContinues);
  ControlParagraph paragraph;
  ASSERT_TRUE(reader.Next(paragraph));
  EXPECT_EQ(paragraph.Find("License"), "a\n  \n b");
  EXPECT_EQ(paragraph.Find("B"), "1");
  EXPECT_EQ(paragraph.Find("C"), "");
}

TEST(ControlReader, LeavesTheBodyAfterTheParagraph) {
  ControlReader reader("A: 1\n\nbody: x\n");
  ControlParagraph paragraph;
  ASSERT_TRUE(reader.Next(paragraph));
  EXPECT_EQ(reader.Rest(), "body: x\n");
}

TEST(ControlReader, BoundsTheFieldsOfAParagraph) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "a:\n";
  const auto paragraphs = All(text);
  ASSERT_EQ(paragraphs.size(), 1u);
  EXPECT_EQ(paragraphs[0].fields.size(), ControlReader::kFieldsMax);
  EXPECT_EQ(paragraphs[0].bad_lines, 10'000u);
}

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
}  // namespace holdfast::catalog
