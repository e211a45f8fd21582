#include "advisory/intervals.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

const version::Scheme& Semver() { return *version::FindScheme("semver"); }

Interval Make(std::string_view requirement) {
  Interval interval;
  for (const Comparator& comparator : Value(SplitRequirement(requirement)))
    Value(Narrow(interval, Value(FromOperator(comparator)), Semver()));
  return interval;
}

std::string Text(const std::vector<Interval>& intervals) {
  std::string text;
  for (const Interval& interval : intervals)
    text += Format("{}{},{}{}", interval.from && interval.from->inclusive ? '[' : '(',
                   interval.from ? interval.from->version : "", interval.to ? interval.to->version : "",
                   interval.to && interval.to->inclusive ? ']' : ')');
  return text;
}

std::string ComplementOf(const std::vector<std::string_view>& requirements) {
  std::vector<Interval> covered;
  for (const std::string_view requirement : requirements) covered.push_back(Make(requirement));
  return Text(Value(Complement(covered, Semver())));
}

TEST(Intervals, Complement) {
  EXPECT_EQ(ComplementOf({}), "(,)");
  EXPECT_EQ(ComplementOf({">= 1.0.0"}), "(,1.0.0)");
  EXPECT_EQ(ComplementOf({"> 1.0.0"}), "(,1.0.0]");
  EXPECT_EQ(ComplementOf({"< 1.0.0"}), "[1.0.0,)");
  EXPECT_EQ(ComplementOf({"<= 1.0.0"}), "(1.0.0,)");
  EXPECT_EQ(ComplementOf({"= 1.0.0"}), "(,1.0.0)(1.0.0,)");
  EXPECT_EQ(ComplementOf({">= 2.0.0", ">= 1.1.0, < 1.2.0", "< 0.5.0"}), "[0.5.0,1.1.0)[1.2.0,2.0.0)");
}

TEST(Intervals, OverlapsTouchesAndEmptyOnes) {
  EXPECT_EQ(ComplementOf({"< 2.0.0", ">= 1.0.0"}), "");
  EXPECT_EQ(ComplementOf({"< 1.0.0", ">= 1.0.0"}), "");
  EXPECT_EQ(ComplementOf({"< 1.0.0", "> 1.0.0"}), "[1.0.0,1.0.0]");
  EXPECT_EQ(ComplementOf({">= 1.0.0, < 5.0.0", ">= 2.0.0, < 3.0.0"}), "(,1.0.0)[5.0.0,)");
  EXPECT_EQ(ComplementOf({">= 3.0.0, < 2.0.0"}), "(,)");
  EXPECT_EQ(ComplementOf({">= 1.0.0, < 2.0.0", ">= 1.0.0, <= 2.0.0"}), "(,1.0.0)(2.0.0,)");
}

TEST(Intervals, RowsSayWhetherThereIsAFix) {
  model::Affected package;
  package.version_scheme = "semver";
  const Successor successor = [](std::string_view version) { return Format("{}+", version); };
  const auto rows = Value(AffectedBesides({Make(">= 1.0.0, <= 2.0.0"), Make("= 0.5.0")}, package, successor));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].fix_state, model::FixState::kFixed);
  EXPECT_EQ(rows[0].ranges, (std::vector<model::VersionRange>{{"0", "0.5.0", {}}, {"0.5.0+", "1.0.0", {}}}));
  EXPECT_EQ(rows[1].fix_state, model::FixState::kNotFixed);
  EXPECT_EQ(rows[1].ranges, (std::vector<model::VersionRange>{{"2.0.0+", {}, {}}}));
}

TEST(Intervals, RefusesWhatIsNoRequirement) {
  ExpectError(SplitRequirement(""), ErrorKind::kCorrupt);
  ExpectError(SplitRequirement(">="), ErrorKind::kCorrupt);
  ExpectError(SplitRequirement(">= 1, , < 2"), ErrorKind::kCorrupt);
  ExpectError(SplitRequirement(">= 1 < 2"), ErrorKind::kCorrupt);
  ExpectError(SplitRequirement(std::string(1000, '1')), ErrorKind::kCorrupt);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "<1,";
  ExpectError(SplitRequirement(many), ErrorKind::kLimit);
  ExpectError(FromOperator({"!=", "1.0.0"}), ErrorKind::kUnsupported);
  ExpectError(Complement({{.from = Bound{"x", true}, .to = {}}}, Semver()), ErrorKind::kCorrupt, "no version");
}

}  // namespace
}  // namespace holdfast::advisory
