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

}  // namespace
}  // namespace holdfast::catalog
