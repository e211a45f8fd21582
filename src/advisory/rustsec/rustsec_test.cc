#include "advisory/rustsec/rustsec.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kName = "db/crates/hyper/RUSTSEC-2016-0002.md";
constexpr std::string_view kDocument = R"(```toml
[advisory]
id = "RUSTSEC-2016-0002"
package = "hyper"
date = "2016-05-09"
aliases = ["CVE-2016-10932", "GHSA-9xjr-m6f3-v5wm"]
cvss = "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N"
url = "https://github.com/hyperium/hyper/blob/master/CHANGELOG.md"
references = ["https://example.org/more"]

[affected]
arch = ["x86", "x86_64"]
functions = { "hyper::Client::get" = ["< 0.9.4"] }

[versions]
patched = [">= 0.10.2", "< 0.10.0, >= 0.9.18"]
unaffected = ["<= 0.3.0"]
```

# HTTPS MitM vulnerability

When used on Windows platforms, ...
)";

std::string With(std::string_view versions, std::string_view more = "", std::string_view id = "RUSTSEC-2020-0001") {
  return Format("```toml\n[advisory]\nid = \"{}\"\npackage = \"a-b_c\"\n{}\n[versions]\n{}\n```\n# Title\n", id, more,
                versions);
}

std::string Ranges(const model::Advisory& advisory) {
  std::string text;
  for (const model::Affected& row : advisory.affected)
    for (const model::VersionRange& range : row.ranges)
      text += Format("{}{}..{}{} ", model::FixStateName(row.fix_state), range.introduced,
                     range.last_affected ? "=" : "", range.fixed.value_or(range.last_affected.value_or("")));
  return text;
}

std::string RangesOf(std::string_view versions) { return Ranges(Value(ParseRustsec(kName, With(versions)))); }

std::string Requirement(std::string_view text) {
  const Interval interval = Value(ParseCargoRequirement(text));
  return Format("{}{},{}{}", interval.from && interval.from->inclusive ? '[' : '(',
                interval.from ? interval.from->version : "", interval.to ? interval.to->version : "",
                interval.to && interval.to->inclusive ? ']' : ')');
}

TEST(Rustsec, ReadsAnAdvisory) {
  ASSERT_TRUE(LooksLikeRustsec(kDocument));
  const model::Advisory advisory = Value(ParseRustsec(kName, kDocument));
  EXPECT_EQ(advisory.id, "RUSTSEC-2016-0002");
  EXPECT_EQ(advisory.aliases, (std::vector<std::string>{"CVE-2016-10932", "GHSA-9xjr-m6f3-v5wm"}));
  EXPECT_EQ(advisory.summary, "HTTPS MitM vulnerability");
  EXPECT_EQ(advisory.details, "When used on Windows platforms, ...");
  EXPECT_EQ(advisory.published, "2016-05-09T00:00:00Z");
  EXPECT_EQ(advisory.severity, model::Severity::kLow);
  ASSERT_EQ(advisory.cvss.size(), 1U);
  EXPECT_EQ(advisory.cvss[0].version, "3.0");
  ASSERT_EQ(advisory.references.size(), 3U);
  EXPECT_EQ(advisory.references[0].url, "https://rustsec.org/advisories/RUSTSEC-2016-0002.html");
  ASSERT_EQ(advisory.affected.size(), 2U);  // one for each architecture
  const model::Affected& row = advisory.affected[0];
  EXPECT_EQ(row.ecosystem, "crates.io");
  EXPECT_EQ(row.package, "hyper");
  EXPECT_EQ(row.release, "");
  EXPECT_EQ(row.architecture, "x86");
  EXPECT_EQ(row.symbols, std::vector<std::string>{"hyper::Client::get"});
  EXPECT_EQ(row.fix_state, model::FixState::kFixed);
  EXPECT_EQ(row.ranges, (std::vector<model::VersionRange>{{"0.3.1-0", "0.9.18", {}}, {"0.10.0", "0.10.2", {}}}));
}

TEST(Rustsec, ReadsCargosRequirements) {
  EXPECT_EQ(Requirement(">= 1.2"), "[1.2.0,)");
  EXPECT_EQ(Requirement("<=1-rc.1+build"), "(,1.0.0-rc.1]");
  EXPECT_EQ(Requirement("> 0"), "(0.0.0,)");
  EXPECT_EQ(Requirement("= 1.2.3"), "[1.2.3,1.2.3]");
  EXPECT_EQ(Requirement("< 2.0.0, >= 1.0.0"), "[1.0.0,2.0.0)");
  EXPECT_EQ(Requirement("1.2.3"), "[1.2.3,2.0.0-0)");
  EXPECT_EQ(Requirement("^ 1"), "[1.0.0,2.0.0-0)");
  EXPECT_EQ(Requirement("^0.2.3"), "[0.2.3,0.3.0-0)");
  EXPECT_EQ(Requirement("^0.0.3"), "[0.0.3,0.0.4-0)");
  EXPECT_EQ(Requirement("^0.0"), "[0.0.0,0.1.0-0)");
  EXPECT_EQ(Requirement("^0"), "[0.0.0,1.0.0-0)");
  EXPECT_EQ(Requirement("~1.2.3"), "[1.2.3,1.3.0-0)");
  EXPECT_EQ(Requirement("~1.2"), "[1.2.0,1.3.0-0)");
  EXPECT_EQ(Requirement("~1"), "[1.0.0,2.0.0-0)");
  for (const std::string_view bad : {"", ">=", "!= 1.0.0", ">= x", ">= 1.2.3.4", "1.x", "^18446744073709551615"})
    EXPECT_FALSE(ParseCargoRequirement(bad)) << bad;
}

TEST(Rustsec, AffectedIsWhatIsNotSafe) {
  EXPECT_EQ(RangesOf("patched = []"), "not-fixed0.. ");
  EXPECT_EQ(RangesOf(""), "not-fixed0.. ");
  EXPECT_EQ(RangesOf("patched = [\"> 1.2.3\"]"), "fixed0..=1.2.3 ");
  EXPECT_EQ(RangesOf("patched = [\"^0.2.5\"]"), "fixed0..0.2.5 not-fixed0.3.0-0.. ");
  EXPECT_EQ(RangesOf("patched = []\nunaffected = [\"<= 1.0.0-rc.1\"]"), "not-fixed1.0.0-rc.1.0.. ");
  EXPECT_EQ(RangesOf("patched = [\">= 0.0.0\"]"), "fixed0..0.0.0 ");
  EXPECT_EQ(RangesOf("patched = [\">= 1.0.0\"]\nunaffected = [\"< 1.0.0\"]"), "");
}

TEST(Rustsec, KeepsApartWhatIsNoVulnerability) {
  const auto release = [](std::string_view more) {
    return Value(ParseRustsec(kName, With("patched = []", more))).affected.at(0).release;
  };
  EXPECT_EQ(release("informational = \"unmaintained\""), "unmaintained");
  EXPECT_EQ(release("informational = \"notice\""), "notice");
  EXPECT_EQ(release("informational = \"unsound\""), "");
  EXPECT_EQ(release("withdrawn = \"2021-01-01\""), "");
  EXPECT_EQ(Value(ParseRustsec(kName, With("", "withdrawn = \"2021-01-01\""))).withdrawn, "2021-01-01T00:00:00Z");
}

TEST(Rustsec, ToolchainIsNoCrate) {
  for (const std::string_view name : {"db/rust/cargo/CVE-2019-16760.md", "db.tar:rust/cargo/CVE-2019-16760.md", "x"}) {
    const auto advisory = Value(ParseRustsec(name, With("patched = [\">= 1.26.0\"]", "", "CVE-2019-16760")));
    EXPECT_EQ(advisory.id, "rustsec/rust/a-b_c/CVE-2019-16760");
    EXPECT_EQ(advisory.aliases, std::vector<std::string>{"CVE-2019-16760"});
    EXPECT_EQ(advisory.affected.at(0).ecosystem, "Rust");
  }
}

TEST(Rustsec, RecognisesNothingElse) {
  EXPECT_TRUE(LooksLikeRustsec("```toml\r\n\r\n# licence\r\n[advisory]\r\n"));
  for (const std::string_view other :
       {"", "```", "```toml", "# README\n```toml\n[advisory]\n```", "```toml\n[package]\nname = \"a\"\n```\n",
        "```json\n[advisory]\n```", "[advisory]\nid = \"RUSTSEC-2020-0001\""})
    EXPECT_FALSE(LooksLikeRustsec(other)) << other;
}

TEST(Rustsec, RefusesBrokenDocuments) {
  for (std::size_t size = 0; size < kDocument.find("```\n\n#"); size += 7)
    EXPECT_FALSE(ParseRustsec(kName, kDocument.substr(0, size))) << size;
  ExpectError(ParseRustsec(kName, "```toml\n[advisory]\nid = \n```\n"), ErrorKind::kCorrupt, "not TOML");
  ExpectError(ParseRustsec(kName, With("", "", "")), ErrorKind::kCorrupt, "usable id");
  ExpectError(ParseRustsec(kName, With("", "", "a b")), ErrorKind::kCorrupt, "usable id");
  ExpectError(ParseRustsec(kName, "```toml\n[advisory]\nid = \"RUSTSEC-1-1\"\n```\n"), ErrorKind::kCorrupt, "package");
  ExpectError(ParseRustsec(kName, With("patched = \">= 1\"")), ErrorKind::kCorrupt, "no list");
  ExpectError(ParseRustsec(kName, With("patched = [[]]")), ErrorKind::kCorrupt);
  ExpectError(ParseRustsec(kName, With("patched = [\"!= 1.0.0\"]")), ErrorKind::kUnsupported);
  std::string many = "patched = [";
  for (std::size_t i = 0; i <= kRequirementsMax; ++i) many += "'<1',";
  ExpectError(ParseRustsec(kName, With(many + "]")), ErrorKind::kLimit);
  ExpectError(ParseRustsec(kName, "```toml\n" + std::string(2 * kRustsecFrontBytesMax, '\n') + "```\n"),
              ErrorKind::kCorrupt, "no end");
}

}  // namespace
}  // namespace holdfast::advisory
