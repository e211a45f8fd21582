#include "advisory/microsoft/microsoft.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using Strings = std::vector<std::string>;

std::string Fix(std::string_view article, std::string_view older = "", std::string_view product = "10735") {
  return Format(R"(<vuln:Remediation Type="Vendor Fix"><vuln:Description>{}</vuln:Description>
<vuln:Supercedence>{}</vuln:Supercedence><vuln:ProductID>{}</vuln:ProductID></vuln:Remediation>)",
                article, older, product);
}

std::string Vulnerability(std::string_view remedies, std::string_view cve = "CVE-2030-1234",
                          std::string_view products = "<vuln:ProductID>10735</vuln:ProductID>") {
  return Format(R"(<vuln:Vulnerability Ordinal="1"><vuln:Title>Bad Thing</vuln:Title>
<vuln:Notes><vuln:Note Title="Tag" Type="Tag">x</vuln:Note><vuln:Note Type="Description">d</vuln:Note></vuln:Notes>
<vuln:CVE>{}</vuln:CVE><vuln:CWE ID="CWE-400">x</vuln:CWE>
<vuln:ProductStatuses><vuln:Status Type="Known Affected">{}</vuln:Status>
<vuln:Status Type="Known Not Affected"><vuln:ProductID>7</vuln:ProductID></vuln:Status></vuln:ProductStatuses>
<vuln:Threats><vuln:Threat Type="Impact"><vuln:Description>Critical</vuln:Description>
<vuln:ProductID>10735</vuln:ProductID></vuln:Threat><vuln:Threat Type="Severity"><vuln:Description>Important</vuln:Description>
<vuln:ProductID>10735</vuln:ProductID></vuln:Threat></vuln:Threats>
<vuln:CVSSScoreSets><vuln:ScoreSet><vuln:Vector>CVSS:3.1/AV:N/AC:L</vuln:Vector></vuln:ScoreSet>
<vuln:ScoreSet><vuln:Vector>CVSS:3.1/AV:N/AC:L</vuln:Vector></vuln:ScoreSet></vuln:CVSSScoreSets>
<vuln:Remediations>{}</vuln:Remediations></vuln:Vulnerability>)",
                cve, products, remedies);
}

std::string Cvrf(std::string_view vulnerabilities) {
  return Format(R"(<cvrf:cvrfdoc xmlns:vuln="v" xmlns:cvrf="c"><cvrf:DocumentPublisher Type="Vendor">
<cvrf:ContactDetails>secure@microsoft.com</cvrf:ContactDetails></cvrf:DocumentPublisher><cvrf:DocumentTracking>
<cvrf:InitialReleaseDate>2030-01-01T07:00:00</cvrf:InitialReleaseDate>
<cvrf:CurrentReleaseDate>2030-01-02T07:00:00</cvrf:CurrentReleaseDate></cvrf:DocumentTracking>{}</cvrf:cvrfdoc>)",
                vulnerabilities);
}

// Of several documents.
test::AdvisoryRecorder Of(const Strings& documents) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeMicrosoftProvider();
  for (const std::string& text : documents) {
    const Document document{.name = "2030-Jan", .source = "x", .notation = Notation::kText, .text = text, .root = {}};
    EXPECT_TRUE(provider->Recognises(document));
    EXPECT_TRUE(provider->Read(document, sink));
  }
  provider->Finish(sink);
  return sink;
}

// "id product state: versions; fixes".
Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected) {
      std::string text = Format("{} {} {}:", advisory.id, row.package, model::FixStateName(row.fix_state));
      for (const std::string& version : row.versions) text += Format(" {}", version);
      text += ";";
      for (const model::VersionRange& range : row.ranges) text += Format(" {}", range.fixed.value_or("all"));
      rows.push_back(std::move(text));
    }
  return rows;
}

TEST(Microsoft, ReadsAVulnerability) {
  const auto sink = Of({Cvrf(Vulnerability(Fix("3147461", "3140745")))});
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.id, "MSRC-CVE-2030-1234");
  EXPECT_EQ(advisory.source, "microsoft");
  EXPECT_EQ(advisory.summary, "Bad Thing");
  EXPECT_EQ(advisory.details, "d");
  EXPECT_EQ(advisory.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_EQ(advisory.published, "2030-01-01T07:00:00Z");
  EXPECT_EQ(advisory.modified, "2030-01-02T07:00:00Z");
  EXPECT_EQ(advisory.cwes, Strings{"CWE-400"});
  EXPECT_EQ(advisory.cvss, (std::vector<model::CvssVector>{{"3.1", "CVSS:3.1/AV:N/AC:L", "Microsoft"}}));
  EXPECT_EQ(Rows(sink), Strings{"MSRC-CVE-2030-1234 10735 fixed: base 3140745; 3147461"});
  EXPECT_EQ(advisory.affected[0].ecosystem, "Microsoft");
  EXPECT_EQ(advisory.affected[0].version_scheme, "kb");
}

TEST(Microsoft, FollowsWhatIsSupersededOverDocuments) {
  EXPECT_EQ(Rows(Of({Cvrf(Vulnerability(Fix("5000003", "KB5000002 in MS30-1; 4000001"), "CVE-2030-2222")),
                     Cvrf(Vulnerability(Fix("5000002", "5000001"), "CVE-2030-1111"))})),
            (Strings{"MSRC-CVE-2030-1111 10735 fixed: base 5000001; 5000002",
                     "MSRC-CVE-2030-2222 10735 fixed: base 4000001 5000001 5000002; 5000003"}));
  // Of another product; in a circle; one fix that supersedes another.
  EXPECT_EQ(
      Rows(Of({Cvrf(Vulnerability(Fix("5000003", "5000002") + Fix("5000002", "5000001", "11"), "CVE-2030-1111",
                                  "<vuln:ProductID>10735</vuln:ProductID><vuln:ProductID>11</vuln:ProductID>"))})),
      (Strings{"MSRC-CVE-2030-1111 10735 fixed: base 5000002; 5000003",
               "MSRC-CVE-2030-1111 11 fixed: base 5000001; 5000002"}));
  EXPECT_EQ(
      Rows(
          Of({Cvrf(Vulnerability(Fix("5000002", "5000001") + Fix("5000001", "5000000") + Fix("5000000", "5000002")))})),
      Strings{"MSRC-CVE-2030-1234 10735 fixed: base; 5000000 5000001 5000002"});
  EXPECT_EQ(Rows(Of({Cvrf(Vulnerability(Fix("5000003", "5000002"))),
                     Cvrf(Vulnerability(Fix("5000002", "5000003"), "CVE-2030-5678"))})),
            (Strings{"MSRC-CVE-2030-1234 10735 fixed: base 5000002; 5000003",
                     "MSRC-CVE-2030-5678 10735 fixed: base 5000003; 5000002"}));
}

TEST(Microsoft, ProductsWithoutAnArticle) {
  EXPECT_EQ(Rows(Of({Cvrf(Vulnerability(""))})), Strings{"MSRC-CVE-2030-1234 10735 not-fixed: base; all"});
  EXPECT_EQ(Of({Cvrf(Vulnerability(Fix("Release Notes")))}).left_out, 1);
  EXPECT_EQ(Rows(Of({Cvrf(Vulnerability(Fix("Release Notes") + Fix("5000003")))})),
            Strings{"MSRC-CVE-2030-1234 10735 fixed: base; 5000003"});
  EXPECT_EQ(Of({Cvrf(Vulnerability("", "ADV990001", ""))}).left_out, 1);
}

TEST(Microsoft, NamesBrokenVulnerabilities) {
  const auto problems = [](const std::string& broken) {
    const auto sink = Of({Cvrf(broken + Vulnerability("", "CVE-2030-9999"))});
    EXPECT_EQ(Rows(sink), Strings{"MSRC-CVE-2030-9999 10735 not-fixed: base; all"});
    return sink.problems;
  };
  EXPECT_EQ(problems(Vulnerability("", "")), Strings{"corrupt: : \"\" is no vulnerability"});
  EXPECT_EQ(problems(Vulnerability("", "CVE-1 2")), Strings{"corrupt: CVE-1 2: \"CVE-1 2\" is no vulnerability"});
  EXPECT_EQ(problems(Vulnerability("", "CVE-2030-1", "<vuln:ProductID/>")),
            Strings{"corrupt: CVE-2030-1: a product without a number"});
  std::string many;
  for (int i = 0; i <= 10'000; ++i) many += Format("<vuln:ProductID>{}</vuln:ProductID>", i);
  EXPECT_EQ(problems(Vulnerability("", "CVE-2030-1", many)), Strings{"limit: CVE-2030-1: too many products"});
  std::string articles;
  for (int i = 0; i <= 100; ++i) articles += Format("{} ", 5'000'000 + i);
  EXPECT_EQ(problems(Vulnerability(Fix(articles), "CVE-2030-1")),
            Strings{"limit: CVE-2030-1: too many fixes of a product"});
}

TEST(Microsoft, RefusesOtherDocuments) {
  const auto read = [](std::string_view text) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeMicrosoftProvider();
    return sink.ReadXml(*provider, text);
  };
  const std::string text = Cvrf(Vulnerability(Fix("3147461")));
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5})
    ExpectError(read(text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
  ExpectError(read(Cvrf("")), ErrorKind::kCorrupt, "no vulnerabilities");
  ExpectError(read("<other/>"), ErrorKind::kCorrupt, "no CVRF document");
  const auto provider = MakeMicrosoftProvider();
  for (const std::string_view other : {"<cvrfdoc>security@suse.de</cvrfdoc>", "secure@microsoft.com", ""})
    EXPECT_FALSE(
        provider->Recognises({.name = "x", .source = "x", .notation = Notation::kXml, .text = other, .root = {}}))
        << other;
}

}  // namespace
}  // namespace holdfast::advisory
