#include "regex/pattern_set.h"

#include <gtest/gtest.h>

#include "regex/boundary.h"
#include "support/test_support.h"

namespace holdfast::regex {
namespace {

using test::ExpectError;
using test::Value;

bool Matches(const std::string& expression, std::string_view line) {
  const std::vector<std::string> expressions = {expression};
  const PatternSet set = Value(PatternSet::Make(expressions));
  const bool matches = set.Matches(0, line);
  // What the texts in front let through must hold all that matches.
  if (matches && !set.NeedsEveryLine(0)) {
    EXPECT_NE(set.FindHint(line), std::string_view::npos) << expression << " on " << line;
    std::vector<int> candidates;
    set.FindCandidates(line, candidates);
    EXPECT_EQ(candidates, std::vector<int>{0}) << expression << " on " << line;
  }
  return matches;
}

TEST(PatternSet, MatchesFromTheStartOfTheLine) {
  EXPECT_TRUE(Matches("secret", "secrets"));
  EXPECT_FALSE(Matches("secret", "a secret"));
  EXPECT_TRUE(Matches(".*secret", "a secret"));
  EXPECT_TRUE(Matches("(?i).*SECRET", "a secret"));
  EXPECT_TRUE(Matches("(?i).*api(-|_)key", "my API-Key"));
  EXPECT_TRUE(Matches(".*a[0-9]$", "a1"));
  EXPECT_FALSE(Matches(".*a[0-9]$", "a1\r"));
  EXPECT_TRUE(Matches("", ""));
}

TEST(PatternSet, SeesBytes) {
  EXPECT_TRUE(Matches(".*caf\xc3\xa9", "un caf\xc3\xa9"));
  EXPECT_TRUE(Matches("a.b...key",
                      "a\xff"
                      "b\x80\x81\x82key"));
}

TEST(PatternSet, TellsWhatNeedsEveryLine) {
  const std::vector<std::string> expressions = {".*password", ".*[0-9]{16}", "(?:.*x)?word"};
  const PatternSet set = Value(PatternSet::Make(expressions));
  EXPECT_FALSE(set.NeedsEveryLine(0));
  EXPECT_TRUE(set.NeedsEveryLine(1));
  EXPECT_FALSE(set.NeedsEveryLine(2));
  EXPECT_TRUE(set.StartsFreely(0));
  EXPECT_TRUE(set.StartsFreely(2));
  EXPECT_EQ(set.FindHint("1234567812345678"), std::string_view::npos);
  std::vector<int> candidates;
  set.FindCandidates("the password 1234567812345678", candidates);
  EXPECT_EQ(candidates, (std::vector<int>{0, 2}));
}

TEST(PatternSet, RefusesWhatCostsTooMuchOrIsWrong) {
  const auto make = [](const std::string& expression) {
    const std::vector<std::string> expressions = {"fine", expression};
    return PatternSet::Make(expressions);
  };
  ExpectError(make("(a{1000}){1000}"), ErrorKind::kInvalidInput, "1:");
  ExpectError(make("((a{100}){10}){10}"), ErrorKind::kInvalidInput, "1:");
  std::string large;
  for (int i = 0; i < 100; ++i) large += "(?:[^x]{1000})";
  ExpectError(make(large), ErrorKind::kLimit, "1:");
  ExpectError(make(std::string(5000, 'a')), ErrorKind::kLimit, "5000 bytes");
  ExpectError(make("(unclosed"), ErrorKind::kInvalidInput, "1: not a usable");
  ExpectError(make("(a)\\1"), ErrorKind::kInvalidInput, "1:");
  ExpectError(make("(?=look)ahead"), ErrorKind::kInvalidInput, "1:");
  ExpectError(PatternSet::Make(std::vector<std::string>(600, "a")), ErrorKind::kLimit, "600");
  EXPECT_EQ(Value(PatternSet::Make({})).Size(), 0U);
}

TEST(PatternSet, BacktrackersNightmareIsLinear) {
  const std::string line(200'000, 'a');
  EXPECT_FALSE(Matches("(a*)*b", line));
  EXPECT_FALSE(Matches("(?:a?){30}a{30}b", line));
}

TEST(Boundary, TranslatesWhatAnchoreShips) {
  EXPECT_EQ(TranslateBoundaries("(?i).*aws_access_key_id( *=+ *).*(?<![A-Z0-9])[A-Z0-9]{20}(?![A-Z0-9]).*"),
            "(?i).*aws_access_key_id( *=+ *)(?:.*[^A-Z0-9])?[A-Z0-9]{20}(?:[^A-Z0-9]|$)");
  const std::string secret =
      "(?i).*aws_secret_access_key( *=+ *).*(?<![A-Za-z0-9/+=])[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=]).*";
  const std::string forty(40, 'k');
  EXPECT_TRUE(Matches(secret, "aws_secret_access_key = " + forty));
  EXPECT_TRUE(Matches(secret, "export AWS_SECRET_ACCESS_KEY = '" + forty + "' # mine"));
  EXPECT_FALSE(Matches(secret, "aws_secret_access_key = " + forty + "k"));
  EXPECT_FALSE(Matches(secret, "aws_secret_access_key = k" + forty));
  const std::string id = "(?i).*aws_access_key_id( *=+ *).*(?<![A-Z0-9])[A-Z0-9]{20}(?![A-Z0-9]).*";
  EXPECT_TRUE(Matches(id, "aws_access_key_id=" + std::string(20, 'A')));
  EXPECT_FALSE(Matches(id, "aws_access_key_id=" + std::string(21, 'A')));
}

TEST(Boundary, LeavesTheRestAlone) {
  EXPECT_EQ(TranslateBoundaries("(?<!\\w)token(?!\\d)"), "token(?:\\D|$)");
  EXPECT_EQ(TranslateBoundaries("(?i)(?<![]a])x"), "(?i)x");
  EXPECT_EQ(TranslateBoundaries(".*(?<![^a])x"), "(?:.*[a])?x");
  for (const std::string same : {"", "a", "\\(?!x", "a(?<![b])c", "(?<!abc)d", "a(?![b])c", "(?<![", "(?<![a", "(?!",
                                 "\\", "(?<!\\", "\\.*(?<![a])b"})
    EXPECT_EQ(TranslateBoundaries(same), same);
}

}  // namespace
}  // namespace holdfast::regex
