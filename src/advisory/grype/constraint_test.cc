#include "advisory/grype/constraint.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

// Ranges "[1.0,2.0)", single versions as they are.
std::string Told(std::string_view constraint, std::string_view scheme_id) {
  const version::Scheme& scheme = *version::FindScheme(scheme_id);
  const auto intervals = ParseGrypeConstraint(constraint, scheme);
  if (!intervals) return std::string(ErrorKindName(intervals.error().Kind()));
  model::Affected row;
  for (const Interval& interval : *intervals) AddInterval(interval, scheme, row);
  std::string text;
  for (const model::VersionRange& range : row.ranges) {
    text += Format("{}[{},", text.empty() ? "" : " ", range.introduced);
    if (range.fixed) text += Format("{})", *range.fixed);
    if (range.last_affected) text += Format("{}]", *range.last_affected);
  }
  for (const std::string& version : row.versions) text += Format("{}{}", text.empty() ? "" : " ", version);
  return text;
}

struct Row {
  std::string_view scheme, constraint, expected;
};
constexpr auto kRows = std::to_array<Row>({
    {"dpkg", "", "[0,"},
    {"dpkg", "  ", "[0,"},
    {"dpkg", "< 1:3.0.7-27", "[0,1:3.0.7-27)"},
    {"rpm", "<= 0:1.2~rc1-3.el9", "[0,0:1.2~rc1-3.el9]"},
    {"semver", ">=1.0.0,<1.2.3", "[1.0.0,1.2.3)"},
    {"semver", "< 1.2.3 , >= 1.0.0 || >= 2.0.0, < 2.0.1", "[1.0.0,1.2.3) [2.0.0,2.0.1)"},
    {"semver", "= 1.2.3||1.2.5 || = 1.2.7", "1.2.3 1.2.5 1.2.7"},
    {"semver", ">= 1.2.3, <= 1.2.3", "1.2.3"},
    {"semver", ">= 1.0.0, >= 1.1.0, < 3.0.0, < 2.0.0", "[1.1.0,2.0.0)"},
    // What begins behind a version begins right above it.
    {"semver", "> 1.2.3", "[1.2.4-0,"},
    {"semver", "> 1.2, < 2", "[1.2.1-0,2)"},
    {"npm", "> 1.2.3-rc", "[1.2.3-rc.0,"},
    {"go", "> 1.20", "[1.20.1-0,"},
    {"nuget", "> 1.2.3", "[1.2.3.1-0,"},
    {"maven", "> 1.0, <= 1.5", "[1.0-sp,1.5]"},
    {"pep440", "> 1.0", "[1.0.post0.dev0,"},
    {"gem", "> 1.0", "[1.0.0.0.1,"},
    {"composer", "> 1.0.0", "[1.0.0-p,"},
    {"apk", "> 1.2.3-r4", "[1.2.3-r5,"},
    {"apk", "> 1.2.3", "[1.2.3-r0,"},
    {"dpkg", "> 1.2-3", "[1.2-3A~,"},
    {"rpm", "> 1.2-3.el9", "[1.2-3.el9^,"},
    {"calver", "> 1.2", "[1.2+,"},
    // No such place is known: the version itself counts too.
    {"pep440", "> 1.0.post1", "[1.0.post1,"},
    {"kb", "> 5001", "[5001,"},
    {"semver", "< 1.0 ||", "corrupt"},
    {"semver", "|| < 1.0", "corrupt"},
    {"semver", "< 1.0,,", "corrupt"},
    {"semver", "< ", "corrupt"},
    {"semver", "<", "corrupt"},
    {"semver", "< 1 2", "corrupt"},
    {"semver", "< 1.0 > 2", "corrupt"},
    {"semver", "< 1.0 | > 2", "corrupt"},
    {"semver", "!= 1.0", "unsupported"},
    {"semver", "=> 1.0", "unsupported"},
    {"pep440", "< 1.0, < nonsense!", "corrupt"},
});

TEST(GrypeConstraint, BecomesRanges) {
  for (const Row& row : kRows) EXPECT_EQ(Told(row.constraint, row.scheme), row.expected) << row.constraint;
}

// The place above is above, and below what is published next.
TEST(GrypeConstraint, NothingIsPublishedBetween) {
  struct Next {
    std::string_view scheme, version, next;
  };
  constexpr auto kNext = std::to_array<Next>({
      {"semver", "1.2.3", "1.2.4-alpha"},
      {"semver", "1.2.3-rc", "1.2.3-rc.1"},
      {"nuget", "1.2.3", "1.2.3.1"},
      {"nuget", "1.2.3.4", "1.2.3.5"},
      {"maven", "1.0", "1.0.1"},
      {"pep440", "1.0", "1.0.post1"},
      {"gem", "1.0", "1.0.1"},
      {"composer", "1.0.0", "1.0.0.1"},
      {"apk", "1.2.3-r4", "1.2.3-r5"},
      {"dpkg", "1.2-3", "1.2-3+deb12u1"},
      {"dpkg", "1.2-3", "1.2-3.1"},
      {"rpm", "1.2-3.el9", "1.2-3.el9_1"},
      {"rpm", "1.2-3.el9", "1.2-3.el9.1"},
      {"calver", "1.2", "1.2.1"},
      {"go", "v1.2.3", "v1.2.4-0.2024010101"},
      {"pub", "1.2.3", "1.2.4-dev"},
  });
  for (const Next& row : kNext) {
    const version::Scheme& scheme = *version::FindScheme(row.scheme);
    model::Affected affected;
    AddInterval({.from = Bound{std::string(row.version), false}, .to = {}}, scheme, affected);
    const std::string& from = affected.ranges.at(0).introduced;
    EXPECT_EQ(version::Compare(scheme, row.version, from), std::strong_ordering::less) << row.version << " " << from;
    EXPECT_NE(version::Compare(scheme, row.next, from), std::strong_ordering::less) << row.next << " " << from;
  }
}

TEST(GrypeConstraint, IsBounded) {
  const version::Scheme& scheme = *version::FindScheme("semver");
  std::string many, deep = "< 9";
  for (std::size_t i = 0; i <= kGrypeAlternativesMax; ++i) many += "= 1 || ";
  test::ExpectError(ParseGrypeConstraint(many + "= 1", scheme), ErrorKind::kLimit);
  for (std::size_t i = 0; i <= kComparatorsMax; ++i) deep += ", < 9";
  test::ExpectError(ParseGrypeConstraint(deep, scheme), ErrorKind::kLimit);
  test::ExpectError(ParseGrypeConstraint(std::string(kGrypeConstraintBytesMax + 1, ' '), scheme), ErrorKind::kLimit);
  test::ExpectError(ParseGrypeConstraint("< " + std::string(kVersionBytesMax + 1, '1'), scheme), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::advisory
