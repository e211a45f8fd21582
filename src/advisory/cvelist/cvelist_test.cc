#include "advisory/cvelist/cvelist.h"

#include <gtest/gtest.h>

#include "advisory/cve.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kRecord = R"({"dataType": "CVE_RECORD", "dataVersion": "5.1",
 "cveMetadata": {"cveId": "CVE-2024-4577", "assignerShortName": "php", "state": "PUBLISHED",
  "datePublished": "2024-06-09T19:42:36.464Z", "dateUpdated": "2024-08-19T07:54:59.546Z"},
 "containers": {
  "cna": {"providerMetadata": {"shortName": "php"},
   "descriptions": [{"lang": "de", "value": "auf Deutsch"}, {"lang": "en-US", "value": "in English"}],
   "metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
   "problemTypes": [{"descriptions": [{"cweId": "CWE-78", "description": "CWE-78 OS Command Injection", "type": "CWE"}]},
    {"descriptions": [{"description": "Argument injection", "type": "text"}]}]},
  "adp": [{"title": "CISA ADP Vulnrichment", "providerMetadata": {"shortName": "CISA-ADP"},
   "problemTypes": [{"descriptions": [{"description": "CWE-88: of the text"}, {"cweId": "CWE-78"}]}],
   "metrics": [
    {"cvssV4_0": {"vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}},
    {"other": {"type": "ssvc", "content": {"timestamp": "2024-06-12T04:01:00.123456Z", "role": "CISA Coordinator",
      "options": [{"Exploitation": "Active"}, {"Automatable": "yes"}, {"Technical Impact": "total"}]}}},
    {"other": {"type": "kev", "content": {"dateAdded": "2024-06-12"}}}]}]}})";

test::AdvisoryRecorder ReadRecord(std::string_view text) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeCveListProvider();
  const auto read = recorder.Read(*provider, Notation::kJson, "CVE.json", text);
  EXPECT_TRUE(read) << read.error().Message();
  return recorder;
}

std::string RecordOf(std::string_view metadata, std::string_view containers) {
  return Format(R"({{"dataType": "CVE_RECORD", "dataVersion": "5.0", "cveMetadata": {{{}}}, "containers": {{{}}}}})",
                metadata, containers);
}
constexpr std::string_view kMetadata =
    R"("cveId": "CVE-2024-1000", "state": "PUBLISHED", "assignerShortName": "mitre")";

TEST(CveList, ARecordIsWhatAllItsContainersSay) {
  const auto got = ReadRecord(kRecord);
  EXPECT_TRUE(got.recognised);
  EXPECT_TRUE(got.problems.empty());
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  model::VulnerabilityFacts expected;
  expected.id = "CVE-2024-4577";
  expected.source = "cve";
  expected.published = "2024-06-09T19:42:36Z";
  expected.modified = "2024-08-19T07:54:59Z";
  expected.description = "in English";
  expected.cvss = {{"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "php"},
                   {"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CISA-ADP"}};
  expected.cwes = {"CWE-78", "CWE-88"};
  expected.known_exploited.emplace().added = "2024-06-12";
  expected.ssvc = model::Ssvc{"active", "yes", "total", "2024-06-12T04:01:00Z"};
  EXPECT_EQ(got.vulnerabilities[0], expected);
}

TEST(CveList, ARejectedRecordSaysWhy) {
  const auto got =
      ReadRecord(RecordOf(R"("cveId": "CVE-2019-25161", "state": "REJECTED", "dateUpdated": "2024-02-27T09:57:13")",
                          R"("cna": {"rejectedReasons": [{"lang": "en", "value": "withdrawn"}]})"));
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_TRUE(got.vulnerabilities[0].rejected);
  EXPECT_EQ(got.vulnerabilities[0].description, "withdrawn");
  EXPECT_EQ(got.vulnerabilities[0].modified, "2024-02-27T09:57:13Z");
}

TEST(CveList, TheLastDecisionHoldsAndForeignOnesDoNot) {
  constexpr std::string_view kDecision =
      R"({{"other": {{"type": "ssvc", "content": {{"timestamp": "{}", "options": [{{"Exploitation": "{}"}}]}}}}}})";
  const std::string newer = Format(kDecision, "2024-10-01T00:00:00Z", "poc");
  const std::string older = Format(kDecision, "2024-01-01T00:00:00Z", "none");
  constexpr std::string_view kForeign =
      R"({"other": {"type": "ssvc", "content": {"timestamp": "2025-01-01T00:00:00Z", "options": [{"Utility": "x"}]}}})";
  for (const auto& order : {Format("{},{},{}", newer, older, kForeign), Format("{},{},{}", kForeign, older, newer)}) {
    const auto got = ReadRecord(RecordOf(kMetadata, Format(R"("cna": {{"metrics": [{}]}})", order)));
    ASSERT_TRUE(got.vulnerabilities.at(0).ssvc);
    EXPECT_EQ(got.vulnerabilities[0].ssvc->exploitation, "poc");
  }
}

TEST(CveList, AScoreThatIsNoneIsToldAndLeftOut) {
  const auto got =
      ReadRecord(RecordOf(kMetadata, R"("cna": {"metrics": [{"cvssV3_1": {"vectorString": "CVSS:3.1/AV:N"}},
    {"cvssV2_0": {}}, {"cvssV2_0": {"vectorString": "AV:N/AC:M/Au:N/C:N/I:P/A:N"}}, 1, {"cvssV3_0": 3},
    {"cvssV2_0": {"vectorString": "AV:N/AC:M/Au:N/C:N/I:P/A:N"}}]})"));
  EXPECT_EQ(got.problems.size(), 2U);
  EXPECT_TRUE(got.problems.at(0).starts_with("corrupt: CVE-2024-1000: a CVSS vector of mitre: ")) << got.problems.at(0);
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_EQ(got.vulnerabilities[0].cvss,
            (std::vector<model::CvssVector>{{"2.0", "AV:N/AC:M/Au:N/C:N/I:P/A:N", "mitre"}}));
}

TEST(CveList, TruncatedAndLyingRecordsAreErrors) {
  const auto provider = MakeCveListProvider();
  test::AdvisoryRecorder got;
  for (const auto& text : {RecordOf(R"("cveId": "CVE-1", "state": "PUBLISHED")", R"("cna": {})"),
                           RecordOf(R"("cveId": "CVE-2024-1000", "state": "NEW")", R"("cna": {})"),
                           RecordOf(kMetadata, R"("adp": [])"), RecordOf(kMetadata, R"("cna": [])")}) {
    ExpectError(got.Read(*provider, Notation::kJson, "x.json", text), ErrorKind::kCorrupt);
    EXPECT_TRUE(got.recognised);
  }
  for (const std::size_t cut : {1UZ, kRecord.size() / 2, kRecord.size() - 1})
    EXPECT_FALSE(got.Read(*provider, Notation::kJson, "x.json", kRecord.substr(0, cut)));
  EXPECT_TRUE(got.vulnerabilities.empty());
}

TEST(CveList, HugeRecordsAreReadInPartAndSaySo) {
  std::string metrics, containers;
  for (std::size_t i = 0; i <= kCveMetricsMax; ++i) metrics += metrics.empty() ? "1" : ",1";
  for (std::size_t i = 0; i <= kCveContainersMax; ++i) containers += containers.empty() ? "{}" : ",{}";
  const auto got = ReadRecord(RecordOf(
      kMetadata, Format(R"("cna": {{"metrics": [{}], "descriptions": [{{"lang": "en", "value": "{}"}}]}}, "adp": [{}])",
                        metrics, std::string(kDescriptionBytesMax + 10, 'x'), containers)));
  EXPECT_EQ(got.problems.size(), 2U);
  EXPECT_EQ(got.vulnerabilities.at(0).description.size(), kDescriptionBytesMax);
}

TEST(CveList, OtherDocumentsAreNotItsOwn) {
  const auto provider = MakeCveListProvider();
  for (const char* other :
       {"{}", "[]", R"({"dataType": "CVE_RECORD", "dataVersion": "4.0", "cveMetadata": {}})",
        R"({"data_type": "CVE", "CVE_data_meta": {"ID": "CVE-2001-0001"}})", R"({"cve": {"id": "CVE-2021-3002"}})"}) {
    test::AdvisoryRecorder got;
    (void)got.Read(*provider, Notation::kJson, "x.json", other);
    EXPECT_FALSE(got.recognised) << other;
  }
}

}  // namespace
}  // namespace holdfast::advisory
