#include "advisory/nvd/nvd.h"

#include <gtest/gtest.h>

#include "advisory/nvd/nvd_rows.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

std::string PageOf(std::string_view cves, int stated) {
  return Format(R"({{"resultsPerPage": {}, "startIndex": 0, "totalResults": 9, "format": "NVD_CVE", "version": "2.0",
    "timestamp": "2025-06-25T03:01:03.1299776", "vulnerabilities": [{}]}})",
                stated, cves);
}

// One match of a node: "vulnerable" and the name, then what bounds it.
std::string MatchOf(std::string_view cpe, std::string_view bounds = "", bool vulnerable = true) {
  return Format(R"({{"vulnerable": {}, "criteria": "{}"{}{}}})", vulnerable, cpe, bounds.empty() ? "" : ", ", bounds);
}
std::string NodeOf(std::string_view matches) {
  return Format(R"({{"operator": "OR", "negate": false, "cpeMatch": [{}]}})", matches);
}
std::string CveOf(std::string_view id, std::string_view modified, std::string_view nodes, std::string_view more = "") {
  return Format(R"({{"cve": {{"id": "{}", "sourceIdentifier": "cve@mitre.org", "published": "2021-01-01T19:15:11.077",
    "lastModified": "{}", "vulnStatus": "Analyzed", "configurations": [{{"nodes": [{}]}}]{}}}}})",
                id, modified, nodes, more);
}
std::string OverrideOf(std::string_view id, std::string_view nodes) {
  return Format(R"({{"_annotation": {{"cve_id": "{}", "description": "as annotated", "references": []}},
    "cve": {{"configurations": [{{"nodes": [{}]}}]}}}})",
                id, nodes);
}

constexpr std::string_view kModified = "2024-11-21T06:20:43.243";
constexpr std::string_view kLib = "cpe:2.3:a:acme:lib:*:*:*:*:*:*:*:*";

// Of documents in that order.
test::AdvisoryRecorder ReadAll(const std::vector<std::string>& documents) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeNvdProvider();
  for (const std::string& text : documents) {
    const auto tree = Value(io::JsonDocument::Parse(text));
    const Document document{
        .name = "x.json", .source = "x", .notation = Notation::kJson, .text = text, .root = tree.Root()};
    EXPECT_TRUE(provider->Recognises(document)) << text;
    const auto read = provider->Read(document, recorder);
    EXPECT_TRUE(read) << read.error().Message();
  }
  provider->Finish(recorder);
  return recorder;
}

// "PACKAGE (TARGET; PLATFORMS) STATE FROM..TO FROM..=LAST VERSION"
std::string Told(const model::Affected& row) {
  std::string text = row.package;
  if (!row.target_software.empty()) text += Format(" for {}", row.target_software);
  for (const std::string& platform : row.platforms) text += Format(" on {}", platform);
  text += Format(" {}:", model::FixStateName(row.fix_state));
  for (const auto& range : row.ranges)
    text += Format(" {}..{}{}", range.introduced, range.fixed.value_or(""),
                   range.last_affected ? "=" + *range.last_affected : "");
  for (const std::string& version : row.versions) text += Format(" {}", version);
  return text;
}

std::vector<std::string> RowsOf(std::string_view configurations) {
  const auto tree = Value(io::JsonDocument::Parse(configurations));
  const auto parsed = Value(ParseNvdRows(tree.Root()));
  std::vector<std::string> rows;
  for (const auto& row : Value(DecodeNvdRows(EncodeNvdRows(parsed.rows)))) {
    EXPECT_EQ(row.ecosystem, "CPE");
    EXPECT_EQ(row.version_scheme, "calver");
    rows.push_back(Told(row));
  }
  if (parsed.bad > 0) rows.push_back(Format("{} bad: {}", parsed.bad, parsed.first_bad));
  return rows;
}
std::vector<std::string> RowsOfNodes(std::string_view nodes, std::string_view op = "OR") {
  return RowsOf(Format(R"([{{"operator": "{}", "nodes": [{}]}}])", op, nodes));
}

using Rows = std::vector<std::string>;

TEST(Nvd, ARecordIsFactsAndAnAdvisoryOfItsOwn) {
  const auto got =
      ReadAll({PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf(kLib, R"("versionEndExcluding": "2.3")")),
                            R"(, "descriptions": [{"lang": "es", "value": "x"}, {"lang": "en", "value": "bad"}],
      "metrics": {"cvssMetricV31": [
        {"source": "report@snyk.io", "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:H/I:H/A:L"}},
        {"source": "nvd@nist.gov", "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}}],
       "cvssMetricV40": [{"source": "134c704f-9b21-4f2e-91b3-4a467353bcc0",
        "cvssData": {"vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}}],
       "cvssMetricV2": [{"source": "nvd@nist.gov", "cvssData": {"vectorString": "AV:N/AC:M/Au:N/C:N/I:P/A:N"}}],
       "ssvcV203": [{"ssvcData": {"timestamp": "2025-02-04T14:25:34.416117Z",
        "options": [{"exploitation": "active"}, {"automatable": "yes"}, {"technicalImpact": "total"}]}}]},
      "weaknesses": [{"description": [{"lang": "en", "value": "CWE-79"}]},
        {"description": [{"value": "NVD-CWE-noinfo"}, {"value": "CWE-79"}]}],
      "cisaExploitAdd": "2021-12-10", "cisaActionDue": "2021-12-24", "cisaRequiredAction": "Update.")"),
                      1)});
  EXPECT_TRUE(got.problems.empty());
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  model::VulnerabilityFacts expected;
  expected.id = "CVE-2021-3002";
  expected.source = "nvd";
  expected.published = "2021-01-01T19:15:11Z";
  expected.modified = "2024-11-21T06:20:43Z";
  expected.description = "bad";
  expected.cvss = {{"2.0", "AV:N/AC:M/Au:N/C:N/I:P/A:N", "nvd"},
                   {"3.1", "CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:H/I:H/A:L", "report@snyk.io"},
                   {"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "nvd"},
                   {"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CISA-ADP"}};
  expected.cwes = {"CWE-79"};
  expected.known_exploited = model::KnownExploited{"2021-12-10", "2021-12-24", "Update.", false};
  expected.ssvc = model::Ssvc{"active", "yes", "total", "2025-02-04T14:25:34Z"};
  EXPECT_EQ(got.vulnerabilities[0], expected);
  ASSERT_EQ(got.advisories.size(), 1U);
  const auto& advisory = got.advisories[0];
  EXPECT_EQ(advisory.id, "NVD-CVE-2021-3002");
  EXPECT_EQ(advisory.aliases, std::vector<std::string>{"CVE-2021-3002"});
  EXPECT_EQ(advisory.source, "nvd");
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.modified, "2024-11-21T06:20:43Z");
  EXPECT_EQ(advisory.references.at(0).url, "https://nvd.nist.gov/vuln/detail/CVE-2021-3002");
  ASSERT_EQ(advisory.affected.size(), 1U);
  EXPECT_EQ(Told(advisory.affected[0]), "acme:lib fixed: 0..2.3");
}

TEST(Nvd, ARejectedRecordHasNoRows) {
  const auto got =
      ReadAll({PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf(kLib)), R"(, "vulnStatus": "Rejected")"), 1)});
  EXPECT_TRUE(got.vulnerabilities.at(0).rejected);
  EXPECT_TRUE(got.advisories.empty());
}

TEST(Nvd, AnOverrideReplacesConfigurationsWhicheverComesFirst) {
  const std::string page = PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf(kLib))), 1);
  const std::string better = OverrideOf("CVE-2021-3002", NodeOf(MatchOf(kLib, R"("versionEndExcluding": "2.3")")));
  for (const auto& got : {ReadAll({page, better}), ReadAll({better, page})}) {
    ASSERT_EQ(got.advisories.size(), 1U);
    EXPECT_EQ(Told(got.advisories[0].affected.at(0)), "acme:lib fixed: 0..2.3");
    EXPECT_EQ(got.advisories[0].modified, "2024-11-21T06:20:43Z");
  }
  const auto alone = ReadAll({better});
  EXPECT_EQ(alone.advisories.at(0).id, "NVD-CVE-2021-3002");
  EXPECT_EQ(alone.vulnerabilities.at(0).description, "as annotated");
  EXPECT_EQ(alone.vulnerabilities.at(0).source, "nvd-overrides");
  const auto references = ReadAll(
      {page, R"({"_annotation": {"cve_id": "CVE-2021-3002"}, "cve": {"references": [{"url": "https://x.example"}]}})"});
  EXPECT_EQ(Told(references.advisories.at(0).affected.at(0)), "acme:lib unknown: 0..");
}

TEST(Nvd, OfTwoRecordsTheNewerHoldsWhicheverComesFirst) {
  const std::string older = PageOf(CveOf("CVE-2021-3002", "2022-01-01T00:00:00", NodeOf(MatchOf(kLib))), 1);
  const std::string newer =
      PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf(kLib, R"("versionEndIncluding": "9")"))), 1);
  for (const auto& got : {ReadAll({older, newer}), ReadAll({newer, older})})
    EXPECT_EQ(Told(got.advisories.at(0).affected.at(0)), "acme:lib unknown: 0..=9");
}

TEST(Nvd, RangesWithAFixAreARowOfTheirOwn) {
  EXPECT_EQ(RowsOfNodes(NodeOf(MatchOf(kLib, R"("versionStartIncluding": "1.0", "versionEndExcluding": "1.4")") + "," +
                               MatchOf(kLib, R"("versionStartExcluding": "2.0", "versionEndIncluding": "2.9")") + "," +
                               MatchOf(kLib, R"("versionStartIncluding": "3.0", "versionEndExcluding": "3.1")") + "," +
                               MatchOf("cpe:2.3:a:acme:lib:0.9:rc1:*:*:*:*:*:*"))),
            (Rows{"acme:lib fixed: 1.0..1.4 3.0..3.1", "acme:lib unknown: 2.0+..=2.9", "acme:lib unknown: 0.9-rc1"}));
}

TEST(Nvd, UpdatesArePartOfVersions) {
  EXPECT_EQ(RowsOfNodes(NodeOf(MatchOf("cpe:2.3:a:oracle:jdk:1.8.0:update191:*:*:*:*:*:*") + "," +
                               MatchOf("cpe:2.3:a:oracle:jdk:1.8.0:update_201:*:*:*:*:*:*") + "," +
                               MatchOf("cpe:2.3:a:oracle:jdk:1.7.0:-:*:*:*:*:*:*") + "," +
                               MatchOf("cpe:2.3:a:oracle:jdk:-:*:*:*:*:*:*:*"))),
            (Rows{"oracle:jdk unknown: 1.8.0_191 1.8.0_201 1.7.0"}));
}

TEST(Nvd, OnlyConfigurationsOfAllNodesHavePlatforms) {
  const std::string lib = NodeOf(MatchOf("cpe:2.3:a:Acme:erlang\\\\/otp:*:*:*:*:*:Node.js:*:*"));
  const std::string systems = NodeOf(MatchOf("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", "", false) + "," +
                                     MatchOf("cpe:2.3:o:apple:macos:-:*:*:*:*:*:*:*", "", false));
  const std::string hardware = NodeOf(MatchOf("cpe:2.3:h:acme:box:-:*:*:*:*:*:*:*", "", false));
  EXPECT_EQ(RowsOfNodes(lib + "," + systems), (Rows{"acme:erlang/otp for node.js unknown: 0.."}));
  const Rows on_systems = {"acme:erlang/otp for node.js on apple:macos on microsoft:windows unknown: 0.."};
  EXPECT_EQ(RowsOfNodes(lib + "," + systems, "AND"), on_systems);
  EXPECT_EQ(RowsOfNodes(hardware + "," + lib + "," + systems, "AND"), on_systems);
  EXPECT_EQ(RowsOfNodes(lib + "," + hardware, "AND"), (Rows{"acme:erlang/otp for node.js on acme:box unknown: 0.."}));
}

TEST(Nvd, TooManyPlatformsAreNone) {
  const auto rows_with = [](std::size_t count) {
    std::string platforms;
    for (std::size_t i = 0; i < count; ++i)
      platforms += (i == 0 ? "" : ",") + MatchOf(Format("cpe:2.3:h:acme:box{}:-:*:*:*:*:*:*:*", i), "", false);
    return RowsOfNodes(NodeOf(MatchOf(kLib)) + "," + NodeOf(platforms), "AND");
  };
  EXPECT_TRUE(rows_with(kNvdPlatformsMax).at(0).contains(" on acme:box15 "));
  EXPECT_EQ(rows_with(kNvdPlatformsMax + 1), (Rows{"acme:lib unknown: 0.."}));
}

TEST(Nvd, HardwareAndWhatIsNotVulnerableHaveNoRows) {
  EXPECT_EQ(RowsOfNodes(NodeOf(MatchOf("cpe:2.3:h:acme:box:*:*:*:*:*:*:*:*") + "," + MatchOf(kLib, "", false))),
            Rows{});
}

TEST(Nvd, BadPartsAreToldAndLeftOut) {
  EXPECT_EQ(RowsOfNodes(NodeOf("1," + MatchOf("cpe:2.3:a:acme") + "," + MatchOf("cpe:2.3:a:*:*:*:*:*:*:*:*:*:*") + "," +
                               MatchOf(kLib, Format(R"("versionEndExcluding": "{}")", std::string(300, '1'))) + "," +
                               MatchOf(kLib, R"("versionEndExcluding": 7)"))),
            (Rows{"acme:lib unknown: 0..", "3 bad: \"cpe:2.3:a:acme\" is no CPE name"}));
  EXPECT_EQ(RowsOf(R"([{"negate": true, "nodes": [{}]}, 1, {"nodes": [{"negate": true, "cpeMatch": [1]}, 7]}])"),
            (Rows{"2 bad: a negated configuration"}));
  const auto got = ReadAll({PageOf(R"({"cve": {"id": "CVE-1"}}, {}, 3, )" +
                                       CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf("cpe:2.3:a:acme")),
                                             R"(, "metrics": {"cvssMetricV2": [{"source": "x", "cvssData": 1}]})"),
                                   4)});
  EXPECT_EQ(got.problems.size(), 5U);
  EXPECT_EQ(got.problems.back(),
            "corrupt: CVE-2021-3002: 1 parts of its configurations left out: \"cpe:2.3:a:acme\" is no CPE name");
  EXPECT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_TRUE(got.advisories.empty());
}

// As a document comes that is too large for a tree.
Result<void> ReadLarge(std::string_view text, test::AdvisoryRecorder& recorder) {
  const auto provider = MakeNvdProvider();
  const Document document{.name = "x.json", .source = "x", .notation = Notation::kJson, .text = text, .root = {}};
  recorder.recognised = provider->Recognises(document);
  HF_CHECK_OK(provider->Read(document, recorder));
  provider->Finish(recorder);
  return {};
}

TEST(Nvd, FeedsOfAYearAreReadElementByElement) {
  const std::string page =
      PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(MatchOf(kLib))) + R"(, {"cve": {}}, {"a" 1}, )" +
                 CveOf("CVE-2021-3003", kModified, NodeOf(MatchOf(kLib))),
             4);
  test::AdvisoryRecorder got;
  ASSERT_TRUE(ReadLarge(page, got));
  EXPECT_TRUE(got.recognised);
  EXPECT_EQ(got.vulnerabilities.size(), 2U);
  EXPECT_EQ(got.advisories.size(), 2U);
  EXPECT_EQ(got.problems.size(), 2U);
  EXPECT_TRUE(got.problems.at(0).starts_with("corrupt: vulnerability 1: ")) << got.problems.at(0);
  for (const std::size_t cut : {page.size() - 1, page.size() / 2, std::size_t{100}})
    EXPECT_FALSE(ReadLarge(std::string_view(page).substr(0, cut), got)) << cut;
  ExpectError(ReadLarge(PageOf("", 1), got), ErrorKind::kCorrupt, "0 of 1");
  EXPECT_FALSE(ReadLarge("{}", got));
  EXPECT_FALSE(got.recognised);
}

TEST(Nvd, PagesThatWereCutAndHugeOnesAreRefused) {
  const auto provider = MakeNvdProvider();
  test::AdvisoryRecorder got;
  ExpectError(got.Read(*provider, Notation::kJson, "x.json", PageOf(CveOf("CVE-2021-3002", kModified, ""), 2)),
              ErrorKind::kCorrupt, "1 of 2");
  EXPECT_TRUE(got.recognised);
  std::string matches = MatchOf(kLib);
  for (std::size_t i = 0; i < kNvdMatchesMax; ++i) matches += ",1";
  ASSERT_TRUE(
      got.Read(*provider, Notation::kJson, "x.json", PageOf(CveOf("CVE-2021-3002", kModified, NodeOf(matches)), 1)));
  EXPECT_EQ(got.problems, (std::vector<std::string>{"limit: CVE-2021-3002: configurations of over 50000 CPE names"}));
  ExpectError(DecodeNvdRows(EncodeNvdRows({model::Affected{}}).substr(0, 3)), ErrorKind::kCorrupt);
}

TEST(Nvd, OtherDocumentsAreNotItsOwn) {
  const auto provider = MakeNvdProvider();
  for (const char* other : {"{}", "[]", R"({"vulnerabilities": []})", R"({"format": "NVD_CPE", "products": []})",
                            R"({"CVE_data_type": "CVE", "CVE_Items": []})", R"({"cve": {"id": "CVE-2021-3002"}})",
                            R"({"_annotation": {}, "cve": {}})"}) {
    const auto tree = Value(io::JsonDocument::Parse(other));
    const Document document{
        .name = "x", .source = "x", .notation = Notation::kJson, .text = other, .root = tree.Root()};
    EXPECT_FALSE(provider->Recognises(document)) << other;
  }
}

}  // namespace
}  // namespace holdfast::advisory
