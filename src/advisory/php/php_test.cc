#include "advisory/php/php.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

// twig/twig/CVE-2022-39261.yaml, and branches of the kind that has no fix.
constexpr std::string_view kDocument = R"(title:     Loading a template outside a configured directory
link:      https://symfony.com/blog/twig-security-release
cve:       CVE-2022-39261
branches:
    0.x:
        time:     ~
        versions: ['<=0.9.10']
    4.x:
        time:     ~
        versions: ['>=4.0.0', '<=4.0.2']
    1.x:
        time:     2022-09-28 10:36:08
        versions: ['>=1.0.0', '<1.44.7']
    2.x:
        time:     2022-09-27 10:36:08 +0000
        versions: ['>=2.0.0', '<2.15.3']
reference: composer://Twig/twig
)";

io::JsonDocument Yaml(std::string_view text) { return Value(io::JsonDocument::ParseYaml(text)); }

Result<model::Advisory> Parse(std::string_view text, std::string_view name = "x.tar.zst:db/a/b/2031-01-01-1.yaml") {
  return ParsePhp(name, Yaml(text).Root());
}

std::string With(std::string_view branches, std::string_view reference = "composer://a/b") {
  return Format("title: t\nbranches: {}\nreference: {}\n", branches, reference);
}

std::string RangesOf(std::string_view versions) {
  std::string text;
  for (const model::Affected& row : Value(Parse(With(Format("{{1.x: {{versions: {}}}}}", versions)))).affected)
    for (const model::VersionRange& range : row.ranges)
      text += Format("{}{}..{}{} ", model::FixStateName(row.fix_state), range.introduced,
                     range.last_affected ? "=" : "", range.fixed.value_or(range.last_affected.value_or("")));
  return text;
}

TEST(Php, ReadsAnAdvisory) {
  const auto document = Yaml(kDocument);
  ASSERT_TRUE(LooksLikePhp(document.Root()));
  const model::Advisory advisory = Value(ParsePhp("twig/twig/CVE-2022-39261.yaml", document.Root()));
  EXPECT_EQ(advisory.id, "FriendsOfPHP/twig/twig/CVE-2022-39261");
  EXPECT_EQ(advisory.aliases, std::vector<std::string>{"CVE-2022-39261"});
  EXPECT_EQ(advisory.summary, "Loading a template outside a configured directory");
  EXPECT_EQ(advisory.published, "2022-09-27T10:36:08Z");
  EXPECT_EQ(advisory.severity, model::Severity::kUnknown);
  ASSERT_EQ(advisory.references.size(), 1U);
  ASSERT_EQ(advisory.affected.size(), 2U);
  EXPECT_EQ(advisory.affected[0].ecosystem, "Packagist");
  EXPECT_EQ(advisory.affected[0].package, "twig/twig");
  EXPECT_EQ(advisory.affected[0].fix_state, model::FixState::kFixed);
  EXPECT_EQ(advisory.affected[0].ranges,
            (std::vector<model::VersionRange>{
                {"0", {}, "0.9.10"}, {"1.0.0-dev", "1.44.7", {}}, {"2.0.0-dev", "2.15.3", {}}}));
  EXPECT_EQ(advisory.affected[1].fix_state, model::FixState::kNotFixed);
  EXPECT_EQ(advisory.affected[1].ranges, (std::vector<model::VersionRange>{{"4.0.0-dev", {}, "4.0.2"}}));
}

TEST(Php, ReadsComparisons) {
  EXPECT_EQ(RangesOf("['<1.2']"), "fixed0..1.2 ");
  EXPECT_EQ(RangesOf("['>=0', '<1.2.3.4']"), "fixed0..1.2.3.4 ");
  EXPECT_EQ(RangesOf("['>=1.0.0-alpha1', '<1.0.0-p2']"), "fixed1.0.0-alpha1..1.0.0-p2 ");
  EXPECT_EQ(RangesOf("['>2.2', '<2.3']"), "fixed2.2-p..2.3 ");
  EXPECT_EQ(RangesOf("['>2.2-rc1']"), "not-fixed2.2-rc1.0.. ");
  EXPECT_EQ(RangesOf("['>=1.0,<1.1']"), "fixed1.0-dev..1.1 ");
  EXPECT_EQ(RangesOf("['=1.0']"), "not-fixed1.0..=1.0 ");
}

TEST(Php, RangesBeginRightAboveWhatTheyExclude) {
  const version::Scheme& composer = *version::FindScheme("composer");
  EXPECT_TRUE(*version::Compare(composer, "2.2-p", "2.2.0.0") > 0);
  for (const std::string_view above : {"2.2-p1", "2.2.0.1", "2.2.1-dev", "2.2.1"})
    EXPECT_TRUE(*version::Compare(composer, "2.2-p", above) < 0) << above;
  EXPECT_TRUE(*version::Compare(composer, "2.2-rc1.0", "2.2-RC1") > 0);
  EXPECT_TRUE(*version::Compare(composer, "2.2-rc1.0", "2.2-rc2") < 0);
}

TEST(Php, RecognisesNothingElse) {
  for (const std::string_view other :
       {"[]", "title: t", "title: t\nbranches: {}\nreference: https://a/b", "title: t\nreference: composer://a/b",
        "id: X\ntitle: t\nbranches: {}\nreference: composer://a/b"})
    EXPECT_FALSE(LooksLikePhp(Yaml(other).Root())) << other;
}

TEST(Php, RefusesBrokenDocuments) {
  ExpectError(Parse(With("{1.x: {versions: ['<1']}}", "composer://ab")), ErrorKind::kCorrupt, "package");
  ExpectError(Parse(With("{1.x: {versions: ['<1']}}", "composer://a/b/c")), ErrorKind::kCorrupt, "package");
  ExpectError(Parse(With("{1.x: {versions: ['<1']}}"), "db/.yaml"), ErrorKind::kCorrupt, "usable name");
  ExpectError(Parse(With("{}")), ErrorKind::kCorrupt, "without branches");
  ExpectError(Parse(With("[1]")), ErrorKind::kCorrupt, "without branches");
  ExpectError(Parse(With("{1.x: {versions: []}}")), ErrorKind::kCorrupt, "branch 1.x");
  ExpectError(Parse(With("{1.x: {versions: '<1'}}")), ErrorKind::kCorrupt, "branch 1.x");
  ExpectError(Parse(With("{1.x: {versions: ['<']}}")), ErrorKind::kCorrupt);
  ExpectError(Parse(With("{1.x: {versions: ['~1.0']}}")), ErrorKind::kUnsupported, "branch 1.x");
  std::string many = "{";
  for (std::size_t i = 0; i <= kPhpBranchesMax; ++i) many += Format("b{}: {{versions: ['<1']}}, ", i);
  ExpectError(Parse(With(many + "}")), ErrorKind::kLimit);
}

}  // namespace
}  // namespace holdfast::advisory
