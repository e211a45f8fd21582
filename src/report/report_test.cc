// Each form of a report of one sample against its golden file; HOLDFAST_ACCEPT=1 writes the files instead.
#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/format.h"
#include "io/json.h"
#include "io/xml.h"
#include "report/groups.h"
#include "report/template.h"
#include "sbom/cyclonedx.h"
#include "sbom/finding_text.h"
#include "sbom/native_json.h"
#include "support/sample_report.h"
#include "support/test_support.h"

namespace holdfast::report {
namespace {

using io::JsonDocument;
using io::JsonView;
using test::Value;
using testing::HasSubstr;
using testing::Not;

using Writer = Result<void> (*)(const Report&, io::ByteSink&);

const sbom::WriteOptions& Options() {
  static const auto& options = *new sbom::WriteOptions{.tool_name = "holdfast",
                                                       .tool_version = "1.2.3",
                                                       .timestamp = "2026-09-21T14:13:20Z",
                                                       .database = "built 2026-09-01",
                                                       .with_findings = true};
  return options;
}

std::string Written(Writer writer, const model::ImageAnalysis& analysis, const std::vector<model::Finding>& findings,
                    std::size_t silenced = 0) {
  io::StringSink sink;
  Value(writer({analysis, findings, Options(), silenced}, sink));
  return sink.Take();
}

Result<void> WriteCycloneDx(const Report& report, io::ByteSink& sink) {
  return sbom::WriteCycloneDx(report.analysis, report.findings, report.options, sink);
}
Result<void> WriteNative(const Report& report, io::ByteSink& sink) {
  return sbom::WriteNativeJson(report.analysis, report.findings, report.options, sink);
}
Result<void> WriteCustom(const Report& report, io::ByteSink& sink) {
  return Value(Template::Parse(test::ReadFile(HF_TESTDATA "/sample.mustache"))).Render(report, sink);
}

struct Form {
  const char* golden;
  Writer writer;
};
constexpr std::array kForms = {Form{"sample.sarif", &WriteSarif},
                               Form{"sample.gitlab.json", &WriteGitLab},
                               Form{"sample.csv", &WriteCsv},
                               Form{"sample.junit.xml", &WriteJunit},
                               Form{"sample.md", &WriteMarkdown},
                               Form{"sample.html", &WriteHtml},
                               Form{"sample.cdx.json", &WriteCycloneDx},
                               Form{"sample.json", &WriteNative},
                               Form{"sample.txt", &WriteCustom}};

TEST(Reports, AreAsTheyWere) {
  for (const Form& form : kForms) {
    const std::string written = Written(form.writer, test::SampleAnalysis(), test::SampleFindings(), 3);
    const std::string path = std::string(HF_TESTDATA "/") + form.golden;
    if (std::getenv("HOLDFAST_ACCEPT") != nullptr) test::WriteFile(path, written);
    EXPECT_EQ(test::ReadFile(path), written) << form.golden << ": set HOLDFAST_ACCEPT=1 to write it";
  }
}

TEST(Reports, ForPeopleHoldNoControlCharacters) {
  for (const Writer writer : {&WriteCsv, &WriteJunit, &WriteMarkdown, &WriteHtml}) {
    const std::string text = Written(writer, test::SampleAnalysis(), test::SampleFindings());
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_TRUE(io::IsUtf8(text));
    for (std::size_t at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
      EXPECT_EQ(text[at + 1], '\n');  // CSV's line ends only
  }
}

TEST(Reports, WithoutFindingsSayThatThereAreNone) {
  model::ImageAnalysis analysis = test::SampleAnalysis();
  analysis.problems.clear();
  EXPECT_THAT(Written(&WriteMarkdown, analysis, {}), HasSubstr("No vulnerabilities were found"));
  EXPECT_THAT(Written(&WriteMarkdown, analysis, {}), Not(HasSubstr("incomplete")));
  EXPECT_THAT(Written(&WriteHtml, analysis, {}), HasSubstr("No vulnerabilities were found"));
  const auto junit = Value(io::XmlDocument::Parse(Written(&WriteJunit, analysis, {})));
  EXPECT_EQ(junit.Root().Attribute("tests"), "1");
  EXPECT_EQ(junit.Root().Attribute("failures"), "0");
  EXPECT_EQ(junit.Root().Attribute("errors"), "0");
  const auto sarif = Value(JsonDocument::Parse(Written(&WriteSarif, analysis, {})));
  const JsonView run = sarif.Root()["runs"].At(0);
  EXPECT_TRUE(run["results"].IsArray());
  EXPECT_EQ(run["results"].Size(), 0U);
  EXPECT_EQ(run["invocations"].At(0)["executionSuccessful"].Bool(), true);
  const std::string csv = Written(&WriteCsv, analysis, {});
  EXPECT_EQ(csv.find("\r\n"), csv.size() - 2);
}

TEST(Reports, TellWhatCouldNotBeRead) {
  model::ImageAnalysis analysis = test::SampleAnalysis();
  analysis.problems = {{"", ErrorKind::kNotFound, "harmless"}};
  analysis.problems.insert(analysis.problems.end(), 200, {"x", ErrorKind::kLimit, "too long"});
  analysis.problems_dropped = 7;
  for (const Writer writer : {&WriteMarkdown, &WriteHtml}) {
    const std::string text = Written(writer, analysis, {});
    EXPECT_THAT(text, HasSubstr("incomplete"));
    EXPECT_THAT(text, HasSubstr("x: too long"));
    EXPECT_THAT(text, Not(HasSubstr("harmless")));  // the first hundred are those that count
    EXPECT_THAT(text, HasSubstr("and 108 more"));
  }
  EXPECT_THAT(Written(&WriteJunit, analysis, {}), HasSubstr("7 more problems are not listed"));
  EXPECT_THAT(Written(&WriteGitLab, analysis, {}), HasSubstr("7 more problems are not listed"));
  EXPECT_THAT(Written(&WriteSarif, analysis, {}), HasSubstr("\"executionSuccessful\": false"));
}

TEST(Sarif, FingerprintsOutliveVersionsAndAreUnique) {
  model::ImageAnalysis analysis = test::SampleAnalysis();
  std::vector<model::Finding> findings = test::SampleFindings();
  const auto fingerprints = [&] {
    const auto document = Value(JsonDocument::Parse(Written(&WriteSarif, analysis, findings)));
    std::vector<std::string> all;
    for (const JsonView result : document.Root()["runs"].At(0)["results"])
      all.emplace_back(result["partialFingerprints"]["holdfastFinding/v1"].StringOr(""));
    return all;
  };
  const auto before = fingerprints();
  EXPECT_EQ(std::set(before.begin(), before.end()).size(), findings.size());
  analysis.packages[0].version = "3.0.10-1";
  analysis.source.manifest_digest = "sha256:" + std::string(64, 'c');
  EXPECT_EQ(fingerprints(), before);
  findings.push_back(findings[0]);  // a second kernel
  const auto with_twin = fingerprints();
  EXPECT_EQ(std::set(with_twin.begin(), with_twin.end()).size(), findings.size());
  EXPECT_EQ(std::vector(with_twin.begin(), with_twin.end() - 1), before);
  analysis.source.name = "registry.example/team/other";
  EXPECT_NE(fingerprints()[0], before[0]);
}

TEST(Sarif, SecuritySeverityAgreesWithTheSeverity) {
  const auto document =
      Value(JsonDocument::Parse(Written(&WriteSarif, test::SampleAnalysis(), test::SampleFindings())));
  std::vector<std::string> said;
  for (const JsonView rule : document.Root()["runs"].At(0)["tool"]["driver"]["rules"])
    said.push_back(Format("{} {} {}", rule["id"].StringOr(""), rule["properties"]["security-severity"].StringOr(""),
                          rule["defaultConfiguration"]["level"].StringOr("")));
  EXPECT_THAT(said,
              testing::ElementsAre("CVE-2023-0001-libssl3 9.3 error", "CVE-2023-0003-zlib1g 7.0 error",
                                   "CVE-2023-0002-libssl3 1.0 note", "GHSA-1111-2222-3333-=cmd|'/c calc'!A0 0.0 note"));
}

TEST(Groups, NameTheVersionThatFixesAll) {
  model::ImageAnalysis analysis = test::SampleAnalysis();
  const std::vector<model::Finding> findings = test::SampleFindings();
  const auto groups = GroupByPackage(analysis, findings);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].upgrade_to, "3.0.15-1");  // of 3.0.11-1~deb12u2 and 3.0.15-1
  EXPECT_EQ(groups[0].unfixed, 0U);
  EXPECT_EQ(CountsText(groups[0].counts), "1 Critical, 1 Low");
  EXPECT_EQ(groups[1].upgrade_to, "");
  EXPECT_EQ(groups[1].unfixed, 1U);
  analysis.packages[0].version_scheme = "unheard-of";
  EXPECT_EQ(GroupByPackage(analysis, findings)[0].upgrade_to, "");
}

TEST(FindingText, LinksAreWebLinks) {
  EXPECT_TRUE(sbom::IsWebUrl("https://a.example/x?y=1#z"));
  EXPECT_TRUE(sbom::IsWebUrl("http://a"));
  for (const char* url : {"", "https://", "javascript:alert(1)", "ftp://a", "https://a b", "https://a\n",
                          "https://a\"x", "https://a'x", "https://\xc3\xa4", "HTTPS ://a", "data:text/html,x"})
    EXPECT_FALSE(sbom::IsWebUrl(url)) << url;
  EXPECT_FALSE(sbom::IsWebUrl("https://" + std::string(3000, 'a')));
  EXPECT_EQ(sbom::PageOf("CVE-2024-1"), "https://nvd.nist.gov/vuln/detail/CVE-2024-1");
  EXPECT_EQ(sbom::PageOf("GHSA-a-b-c"), "https://github.com/advisories/GHSA-a-b-c");
  EXPECT_EQ(sbom::PageOf("DSA-5000-1"), "https://osv.dev/vulnerability/DSA-5000-1");
  for (const std::string& id : {std::string(), std::string("CVE-1/../x"), std::string("a b"), std::string(200, 'a')})
    EXPECT_EQ(sbom::PageOf(id), "");
}

TEST(FindingText, TheHighestVersionsScoreCounts) {
  EXPECT_EQ(sbom::BestScore(test::SampleFindings()[0])->value, 9.3);
  model::Finding finding;
  EXPECT_FALSE(sbom::BestScore(finding));
  finding.cvss = {{"3.1", "nonsense", ""}};
  EXPECT_FALSE(sbom::BestScore(finding));
}

}  // namespace
}  // namespace holdfast::report
