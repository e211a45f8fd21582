#include "advisory/grype/blob.h"

#include <gtest/gtest.h>

#include "advisory/grype/constraint.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

const version::Scheme& Semver() { return *version::FindScheme("semver"); }

TEST(GrypeBlob, OfAPackage) {
  const auto package = test::Value(ParseGrypePackage(R"({
      "cves": ["CVE-2024-1", 7, ""], "future": {},
      "qualifiers": {"rpm_modularity": "nodejs:18", "architecture": "src", "rootio": true,
          "platform_cpes": ["cpe:2.3:o:Microsoft:windows\\:10:-:*:*:*:*:*:*:*", "nonsense", "cpe:2.3:o:::", 5],
          "go_imports": [{"path": "a/b", "symbols": ["F", "T.G"]}, {"path": "c"}, {"symbols": ["X"]}]},
      "ranges": [
          {"version": {"type": "semver", "constraint": "< 1.2"}, "fix": {"version": "1.2", "state": "fixed",
              "detail": {"available": {"date": "2024-01-01", "kind": "advisory"}}}},
          {"version": {"constraint": ">= 2"}, "fix": {"state": "wont-fix"}},
          {"version": {"constraint": ">= 3"}, "fix": {"state": "not-fixed"}},
          {"version": {"constraint": ">= 4"}, "fix": {"state": "not-affected"}},
          {}]})",
                                                     Semver()));
  EXPECT_EQ(package.cves, std::vector<std::string>{"CVE-2024-1"});
  EXPECT_EQ(package.module_label, "nodejs:18");
  EXPECT_EQ(package.architecture, "src");
  EXPECT_TRUE(package.rootio);
  EXPECT_EQ(package.platforms, std::vector<std::string>{"microsoft:windows:10"});
  EXPECT_EQ(package.symbols, (std::vector<std::string>{"a/b.F", "a/b.T.G", "c"}));
  ASSERT_EQ(package.ranges.size(), 5U);
  using enum model::FixState;
  for (std::size_t i = 0; const auto state : {kFixed, kWontFix, kNotFixed, kNotAffected, kUnknown})
    EXPECT_EQ(package.ranges[i++].state, state) << i;
  EXPECT_FALSE(package.ranges[4].intervals.at(0).to);
}

TEST(GrypeBlob, AFixEndsARangeThatGoesUpToAVersion) {
  const auto end = [](std::string_view constraint, std::string_view fix) {
    const auto package = test::Value(ParseGrypePackage(
        Format(R"({{"ranges": [{{"version": {{"constraint": "{}"}}, "fix": {{"state": "fixed", "version": "{}"}}}}]}})",
               constraint, fix),
        Semver()));
    const auto& to = package.ranges.at(0).intervals.back().to;
    return to ? Format("{} {}", to->inclusive ? "<=" : "<", to->version) : std::string("none");
  };
  EXPECT_EQ(end("<= 1.2.2", "1.2.3"), "< 1.2.3");
  EXPECT_EQ(end("<= 1.2.2", "1.2.1"), "<= 1.2.2");
  EXPECT_EQ(end("<= 1.2.2", ""), "<= 1.2.2");
  EXPECT_EQ(end("<= 1.2.2", "no version"), "<= 1.2.2");
  EXPECT_EQ(end("< 1.2.2", "1.2.3"), "< 1.2.2");
  EXPECT_EQ(end("= 1.2.2", "1.2.3"), "<= 1.2.2");
  EXPECT_EQ(end(">= 1.2.2", "1.2.3"), "none");
  EXPECT_EQ(end("<= 1.0 || <= 1.2.2", "1.2.3"), "<= 1.2.2");
}

TEST(GrypeBlob, OfAVulnerability) {
  const auto said = test::Value(ParseGrypeVulnerability(R"({"id": "cve-2024-1", "description": "What it is.",
      "refs": [{"url": "https://a.example"}, {"url": ""}, {"id": "x"}, {"url": "https://b.example", "tags": ["t"]}],
      "aliases": ["CVE-2024-1", null],
      "severities": [
          {"scheme": "CVSS", "value": {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "version": "3.1"},
              "source": "nvd@nist.gov", "rank": 2},
          {"scheme": "CVSS", "value": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "source": "somebody", "rank": 3},
          {"scheme": "CVSS", "value": "CVSS:9.9/X:Y", "rank": 1}, {"value": 5, "rank": 1},
          {"scheme": "CHMLN", "value": "low", "rank": 1}]})"));
  EXPECT_EQ(said.description, "What it is.");
  EXPECT_EQ(said.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://a.example"}, {"WEB", "https://b.example"}}));
  EXPECT_EQ(said.aliases, std::vector<std::string>{"CVE-2024-1"});
  EXPECT_EQ(said.severity, model::Severity::kLow);
  ASSERT_EQ(said.cvss.size(), 2U);
  EXPECT_EQ(said.cvss[0].version + said.cvss[0].source, "3.1nvd");
  EXPECT_EQ(said.cvss[1].version + said.cvss[1].source, "2.0somebody");
  // Without a word the score says it.
  EXPECT_EQ(
      test::Value(ParseGrypeVulnerability(
                      R"({"severities": [{"value": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "rank": 1}]})"))
          .severity,
      model::Severity::kCritical);
}

TEST(GrypeBlob, OfAKnownExploitedVulnerability) {
  const auto facts =
      test::Value(ParseGrypeKnownExploited(R"({"cve": "CVE-2024-1234", "date_added": "2024-05-30T00:00:00Z",
      "due_date": "soon", "required_action": " Apply\nit. ", "known_ransomware_campaign_use": "known",
      "cwes": ["CWE-79", "other"]})"));
  EXPECT_EQ(facts.id, "CVE-2024-1234");
  EXPECT_EQ(facts.known_exploited, (model::KnownExploited{"2024-05-30", "", "Apply it.", true}));
  EXPECT_EQ(facts.cwes, std::vector<std::string>{"CWE-79"});
  test::ExpectError(ParseGrypeKnownExploited(R"({"cve": "CVE-2024-1234"})"), ErrorKind::kCorrupt);
  test::ExpectError(ParseGrypeKnownExploited(R"({"cve": "GHSA-1", "date_added": "2024-05-30"})"), ErrorKind::kCorrupt);
}

TEST(GrypeBlob, SaysWhatIsWrong) {
  for (const std::string_view text : {"", "{", "[]", "7"}) {
    test::ExpectError(ParseGrypePackage(text, Semver()), ErrorKind::kCorrupt);
    test::ExpectError(ParseGrypeVulnerability(text), ErrorKind::kCorrupt);
  }
  test::ExpectError(ParseGrypePackage(R"({"ranges": [{"version": {"constraint": "< "}}]})", Semver()),
                    ErrorKind::kCorrupt);
  std::string many = R"({"ranges": [{})";
  for (std::size_t i = 0; i < kGrypeListMax; ++i) many += ",{}";
  test::ExpectError(ParseGrypePackage(many + "]}", Semver()), ErrorKind::kLimit);
  test::ExpectError(ParseGrypePackage(std::string(kGrypeBlobBytesMax + 1, ' '), Semver()), ErrorKind::kLimit);
  std::string alternatives = "= 1";
  for (std::size_t i = 1; i < kGrypeAlternativesMax; ++i) alternatives += "||=1";
  const std::string range = Format(R"({{"version": {{"constraint": "{}"}}}})", alternatives);
  EXPECT_GT(test::Value(ParseGrypePackage(Format(R"({{"ranges": [{}]}})", range), Semver())).bytes, 10 * range.size());
  test::ExpectError(ParseGrypePackage(Format(R"({{"ranges": [{0}, {0}]}})", range), Semver()), ErrorKind::kLimit);
  // Wrong types count as absent.
  const auto odd = test::Value(ParseGrypePackage(R"({"ranges": {}, "qualifiers": [], "cves": 1})", Semver()));
  EXPECT_TRUE(odd.ranges.empty());
  const auto long_text = test::Value(
      ParseGrypeVulnerability(Format(R"({{"description": "{}"}})", std::string(kGrypeTextBytesMax + 10, 'x'))));
  EXPECT_EQ(long_text.description.size(), kGrypeTextBytesMax);
}

}  // namespace
}  // namespace holdfast::advisory
