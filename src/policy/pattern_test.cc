#include "policy/pattern.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <random>

#include "support/test_support.h"

namespace holdfast::policy {
namespace {

using test::ExpectError;
using test::Value;

bool Matches(std::string_view pattern, std::string_view text) {
  StepBudget budget{.left = 1'000'000};
  return Value(Pattern::Make(pattern)).Matches(text, budget);
}

TEST(Pattern, StarsStandForAnyRun) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("*", "anything/at:all"));
  EXPECT_TRUE(Matches("library/*", "library/debian"));
  EXPECT_TRUE(Matches("*.io", "quay.io"));
  EXPECT_TRUE(Matches("CVE-2020-1*+*", "CVE-2020-1001+curl"));
  EXPECT_TRUE(Matches("a**b", "ab"));
  EXPECT_FALSE(Matches("library/*", "xlibrary/debian"));
  EXPECT_FALSE(Matches("*.io", "quay.io.evil"));
  EXPECT_FALSE(Matches("", "a"));
  EXPECT_FALSE(Matches("a", ""));
  EXPECT_FALSE(Matches("A", "a"));
}

TEST(Pattern, NothingElseIsSpecial) {
  EXPECT_TRUE(Matches("a.b[c]?(d)\\", "a.b[c]?(d)\\"));
  EXPECT_FALSE(Matches("a.b", "axb"));
  EXPECT_FALSE(Matches("a?b", "axb"));
}

TEST(Pattern, AgreesWithFnmatchOnRandomTexts) {
  std::mt19937 random(7);
  const auto text_of = [&](std::string_view letters, std::size_t length_max) {
    std::string text(random() % (length_max + 1), ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  int matched = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string pattern = text_of("ab*", 8);
    const std::string text = text_of("ab", 10);
    const bool expected = fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
    ASSERT_EQ(Matches(pattern, text), expected) << pattern << " " << text;
    matched += expected ? 1 : 0;
  }
  EXPECT_GT(matched, 1000);
}

TEST(Pattern, RegularExpressionsAreAnchoredAtBothEnds) {
  EXPECT_TRUE(Matches("regexp:v[0-9]+", "v12"));
  EXPECT_FALSE(Matches("regexp:v[0-9]+", "v12-rc"));
  EXPECT_FALSE(Matches("regexp:v[0-9]+", "xv12"));
  EXPECT_TRUE(Matches("regexp:a|bc", "bc"));
  EXPECT_FALSE(Matches("regexp:a|bc", "abc"));
  EXPECT_TRUE(Matches("regexp:", ""));
  EXPECT_TRUE(Matches("Regexp:v*", "Regexp:v2"));  // the mark is in lower case
}

TEST(Pattern, UnusableExpressionsAreErrors) {
  ExpectError(Pattern::Make("regexp:("), ErrorKind::kInvalidInput, "regular expression");
  ExpectError(Pattern::Make("regexp:(?=look)"), ErrorKind::kInvalidInput);
  ExpectError(Pattern::Make("regexp:(a)\\1"), ErrorKind::kInvalidInput);
  ExpectError(Pattern::Make("regexp:((a{100}){100}){100}"), ErrorKind::kInvalidInput);
  ExpectError(Pattern::Make("regexp:([^a]{999}[^b]{999}){1}"), ErrorKind::kLimit);
  ExpectError(Pattern::Make("regexp:" + std::string(5000, 'a')), ErrorKind::kLimit, "4096");
}

TEST(Pattern, BytesThatAreNotUtf8HideNothing) {
  EXPECT_TRUE(Matches("regexp:a.*b", "a\xff\xfe b"));
  EXPECT_TRUE(Matches("regexp:k.se", "käse"));
}

TEST(Pattern, HostilePatternsCostAtMostTheBudget) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*aaaaaaaaab";
  const std::string text(100'000, 'a');
  StepBudget budget{.left = 100'000};
  EXPECT_FALSE(WildcardMatches(pattern, text, budget));
  EXPECT_TRUE(budget.spent);
  EXPECT_FALSE(WildcardMatches("a", "a", budget)) << "nothing matches when the budget is spent";
  StepBudget small{.left = 10};
  EXPECT_FALSE(Value(Pattern::Make("regexp:.*")).Matches(text, small));
  EXPECT_TRUE(small.spent);
}

}  // namespace
}  // namespace holdfast::policy
