#include "advisory/rubysec/rubysec.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

// The form is the database's; the flaw is made up.
constexpr std::string_view kDocument = R"(---
gem: sample-gem
cve: 2031-10001
ghsa: aaaa-bbbb-cccc
osvdb: 12345
framework: rails
url: https://example.org/flaw
title: A flaw of a sample
date: 2031-06-27
description: |
  What it does.
cvss_v2: 4.3
cvss_v3: 7.5
unaffected_versions:
  - "< 1.2"
patched_versions:
  - "~> 2.0.9, >= 2.0.9.1"
  - "~> 2.1.4, >= 2.1.4.1"
  - ">= 2.2.3.1"
related:
  cve: [2031-10002]
  url:
    - https://example.org/flaw
    - https://example.org/more
)";

io::JsonDocument Yaml(std::string_view text) { return Value(io::JsonDocument::ParseYaml(text)); }

Result<model::Advisory> Parse(std::string_view text, std::string_view name = "db/gems/x/CVE-2031-10001.yml") {
  return ParseRubysec(name, Yaml(text).Root());
}

std::string With(std::string_view more) {
  return Format("gem: a\ncve: 2031-1\nurl: u\ntitle: t\ndate: 2031-01-01\n{}\n", more);
}

std::string RangesOf(std::string_view more) {
  std::string text;
  for (const model::Affected& row : Value(Parse(With(more))).affected)
    for (const model::VersionRange& range : row.ranges)
      text += Format("{}{}..{}{} ", model::FixStateName(row.fix_state), range.introduced,
                     range.last_affected ? "=" : "", range.fixed.value_or(range.last_affected.value_or("")));
  return text;
}

std::string EndOf(std::string_view requirement) {
  return Value(ParseGemRequirement(requirement)).to.value_or(Bound{}).version;
}

TEST(Rubysec, ReadsAnAdvisory) {
  const auto document = Yaml(kDocument);
  ASSERT_TRUE(LooksLikeRubysec(document.Root()));
  const model::Advisory advisory = Value(ParseRubysec("x.tar:db/gems/sample-gem/GHSA-1.yml", document.Root()));
  EXPECT_EQ(advisory.id, "rubysec/gems/sample-gem/GHSA-1");
  EXPECT_EQ(advisory.aliases, (std::vector<std::string>{"CVE-2031-10001", "GHSA-aaaa-bbbb-cccc", "OSVDB-12345"}));
  EXPECT_EQ(advisory.related, std::vector<std::string>{"CVE-2031-10002"});
  EXPECT_EQ(advisory.summary, "A flaw of a sample");
  EXPECT_EQ(advisory.details, "What it does.");
  EXPECT_EQ(advisory.published, "2031-06-27T00:00:00Z");
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  ASSERT_EQ(advisory.references.size(), 2U);
  EXPECT_EQ(advisory.references[1].url, "https://example.org/more");
  ASSERT_EQ(advisory.affected.size(), 1U);
  EXPECT_EQ(advisory.affected[0].ecosystem, "RubyGems");
  EXPECT_EQ(advisory.affected[0].package, "sample-gem");
  EXPECT_EQ(advisory.affected[0].fix_state, model::FixState::kFixed);
  EXPECT_EQ(
      advisory.affected[0].ranges,
      (std::vector<model::VersionRange>{{"1.2", "2.0.9.1", {}}, {"2.1.A", "2.1.4.1", {}}, {"2.2.A", "2.2.3.1", {}}}));
}

TEST(Rubysec, ReadsGemsRequirements) {
  EXPECT_EQ(EndOf("~> 2"), "3.A");
  EXPECT_EQ(EndOf("~> 2.0"), "3.A");
  EXPECT_EQ(EndOf("~> 2.0.9"), "2.1.A");
  EXPECT_EQ(EndOf("~> 2.0.9.1"), "2.0.10.A");
  EXPECT_EQ(EndOf("~> 3.0.0.rc1"), "3.1.A");
  EXPECT_EQ(EndOf("~> 3.0.0-rc"), "3.1.A");
  EXPECT_EQ(EndOf("= 1.2"), "1.2");
  EXPECT_EQ(EndOf("1.2"), "1.2");
  for (const std::string_view bad : {"", "~>", "~> x", "!= 1.0", "~> 99999999999999999999.1", ">= 1 || < 2"})
    EXPECT_FALSE(ParseGemRequirement(bad)) << bad;
}

TEST(Rubysec, BoundOfPessimisticIsBelowPreReleases) {
  const version::Scheme& gem = *version::FindScheme("gem");
  for (const std::string_view above : {"2.1.0.RC1", "2.1.a", "2.1.0-alpha", "2.1.0.0.pre", "2.1", "2.1.0"})
    EXPECT_TRUE(*version::Compare(gem, "2.1.A", above) < 0) << above;
  EXPECT_TRUE(*version::Compare(gem, "2.1.A", "2.0.99") > 0);
}

TEST(Rubysec, RangesBeginRightAboveWhatTheyExclude) {
  const version::Scheme& gem = *version::FindScheme("gem");
  for (const std::string_view version : {"1.2.3", "1.2", "1.2.3.rc1"})
    EXPECT_TRUE(*version::Compare(gem, Format("{}.0.0.1", version), version) > 0) << version;
  for (const std::string_view above : {"1.2.3.1", "1.2.3.0.1", "1.2.4.pre", "1.2.4"})
    EXPECT_TRUE(*version::Compare(gem, "1.2.3.0.0.1", above) < 0) << above;
}

TEST(Rubysec, AffectedIsWhatIsNotSafe) {
  EXPECT_EQ(RangesOf(""), "not-fixed0.. ");
  EXPECT_EQ(RangesOf("patched_versions: []"), "not-fixed0.. ");
  EXPECT_EQ(RangesOf("patched_versions: [\"> 1.2.3\"]"), "fixed0..=1.2.3 ");
  EXPECT_EQ(RangesOf("unaffected_versions: [\"<= 1.2.3\"]"), "not-fixed1.2.3.0.0.1.. ");
  EXPECT_EQ(RangesOf("patched_versions: [2]"), "fixed0..2 not-fixed2.0.0.1.. ");
  EXPECT_EQ(RangesOf("patched_versions: [\">= 2\"]\nunaffected_versions: [\"< 2\"]"), "");
}

TEST(Rubysec, InterpretersAreNoGems) {
  const auto advisory = Value(Parse("engine: jruby\ncve: 2031-1\nurl: u\ntitle: t\ndate: d\n"));
  EXPECT_EQ(advisory.id, "rubysec/rubies/jruby/CVE-2031-10001");
  EXPECT_EQ(advisory.affected.at(0).ecosystem, "Ruby");
  EXPECT_EQ(advisory.affected.at(0).package, "jruby");
}

TEST(Rubysec, TakesTheScoreOfTheHighestVersion) {
  const auto severity = [](std::string_view more) { return Value(Parse(With(more))).severity; };
  EXPECT_EQ(severity("cvss_v2: 10.0\ncvss_v3: 3\ncvss_v4: 9.5"), model::Severity::kCritical);
  EXPECT_EQ(severity("cvss_v2: 10.0\ncvss_v3: 3"), model::Severity::kLow);
  EXPECT_EQ(severity("cvss_v2: 10.0"), model::Severity::kHigh);
  EXPECT_EQ(severity("cvss_v3: 11\ncvss_v4: high"), model::Severity::kUnknown);
}

TEST(Rubysec, RecognisesNothingElse) {
  EXPECT_TRUE(LooksLikeRubysec(Yaml(With("")).Root()));
  for (const std::string_view other :
       {"[]", "gem: a", "gem: a\ntitle: t\nurl: u\ndate: d", "title: t\nurl: u\ndate: d\ncve: 2031-1",
        "id: X\ngem: a\ncve: 2031-1\nurl: u\ntitle: t\ndate: d", "gem: [a]\ncve: 2031-1\nurl: u\ntitle: t\ndate: d"})
    EXPECT_FALSE(LooksLikeRubysec(Yaml(other).Root())) << other;
}

TEST(Rubysec, RefusesBrokenDocuments) {
  ExpectError(Parse("title: t"), ErrorKind::kCorrupt, "without a gem");
  ExpectError(Parse("gem: a b\ncve: 2031-1"), ErrorKind::kCorrupt, "without a gem");
  ExpectError(Parse("gem: a"), ErrorKind::kCorrupt, "without cve");
  ExpectError(Parse(With(""), "db/.yml"), ErrorKind::kCorrupt, "usable name");
  ExpectError(Parse(With("patched_versions: 1")), ErrorKind::kCorrupt, "no list");
  ExpectError(Parse(With("patched_versions: [{}]")), ErrorKind::kCorrupt);
  ExpectError(Parse(With("patched_versions: [\">= 1.0.é\"]")), ErrorKind::kCorrupt);
  ExpectError(Parse(With("patched_versions: [\"!= 1.0\"]")), ErrorKind::kUnsupported);
  std::string many = "patched_versions: [";
  for (std::size_t i = 0; i <= kRequirementsMax; ++i) many += "'<1',";
  ExpectError(Parse(With(many + "'<1']")), ErrorKind::kLimit);
  // Cut anywhere, it is either no YAML, or nothing that lies about its versions in silence.
  for (std::size_t size = 0; size < kDocument.size(); size += 5) {
    const auto cut = io::JsonDocument::ParseYaml(kDocument.substr(0, size));
    if (cut && LooksLikeRubysec(cut->Root())) (void)ParseRubysec("a/CVE-1.yml", cut->Root());
  }
}

}  // namespace
}  // namespace holdfast::advisory
