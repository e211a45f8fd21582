#include "policy/params.h"

#include <gtest/gtest.h>

#include "policy/words.h"

namespace holdfast::policy {
namespace {

TEST(Validator, AcceptsWhatItSays) {
  EXPECT_TRUE(kAnyText.Accepts("anything"));
  EXPECT_TRUE(kTextList.Accepts(" a, b,"));
  EXPECT_FALSE(kTextList.Accepts(" , ,"));
  EXPECT_TRUE(kIntegerList.Accepts("22, 443"));
  EXPECT_FALSE(kIntegerList.Accepts("22,,443"));
  EXPECT_FALSE(kIntegerList.Accepts("22/tcp"));
  EXPECT_TRUE(kBoolText.Accepts("True"));
  EXPECT_FALSE(kBoolText.Accepts("yes"));
  EXPECT_TRUE(kWholeNumber.Accepts(" 30 "));
  EXPECT_FALSE(kWholeNumber.Accepts("-1"));
  EXPECT_FALSE(kWholeNumber.Accepts("1234567890"));
  EXPECT_TRUE(kDecimalNumber.Accepts("7"));
  EXPECT_TRUE(kDecimalNumber.Accepts("-1.0"));
  EXPECT_FALSE(kDecimalNumber.Accepts("7."));
  EXPECT_FALSE(kDecimalNumber.Accepts("1e3"));
  EXPECT_FALSE(kDecimalNumber.Accepts("nan"));
  EXPECT_TRUE(kRegexText.Accepts("^a+$"));
  EXPECT_FALSE(kRegexText.Accepts("a{2,1}"));
  EXPECT_EQ(kBoolText.Schema(), R"({"type":"string","enum":["true","false"]})");
  EXPECT_EQ(kBoolText.Wanted(), "one of true, false");
}

TEST(Params, AreReadAsTheirTypes) {
  static constexpr ParamSpec kSpecs[] = {
      {.name = "list"}, {.name = "flag", .fallback = "true"}, {.name = "whole"}, {.name = "decimal"}, {.name = "none"}};
  const Params params(kSpecs, {{"list", " 3,1 ,,"}, {"whole", " 30"}, {"decimal", "-1.5"}});
  EXPECT_EQ(params.List("list"), (std::vector<std::string>{"3", "1"}));
  EXPECT_EQ(params.WholeList("list"), (std::vector<std::int64_t>{3, 1}));
  EXPECT_TRUE(params.Flag("flag"));
  EXPECT_EQ(params.Whole("whole"), 30);
  EXPECT_EQ(params.Decimal("decimal"), -1.5);
  EXPECT_EQ(params.Whole("none"), std::nullopt);
  EXPECT_EQ(params.Find("none"), std::nullopt);
  EXPECT_EQ(params.Text("none"), "");
  EXPECT_FALSE(params.Flag("none"));
  EXPECT_DEATH((void)params.Find("other"), "");
}

TEST(Words, SplitAndTrim) {
  EXPECT_EQ(SplitList(" a , b,,\tc\n"), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_TRUE(SplitList("").empty());
  EXPECT_EQ(Trimmed(" \t "), "");
  EXPECT_EQ(LowerCase("AbÄ"), "abÄ");
  EXPECT_TRUE(SameIgnoringCase("STOP", "stop"));
  EXPECT_FALSE(SameIgnoringCase("STOP", "stops"));
}

}  // namespace
}  // namespace holdfast::policy
