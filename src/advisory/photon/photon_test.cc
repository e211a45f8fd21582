#include "advisory/photon/photon.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Lines = std::vector<std::string>;

std::string Record(std::string_view id, std::string_view package, std::string_view fixed, std::string_view status,
                   std::string_view score = "7.5") {
  return Format(R"({{"cve_id":"{}","pkg":"{}","cve_score":{},"aff_ver":"NA","res_ver":"{}"{}}})", id, package, score,
                fixed, status.empty() ? "" : Format(R"(,"status":"{}")", status));
}

// Each document is a name and its records.
struct Reading {
  Result<void> Take(std::string_view name, const std::string& records) {
    const std::string text = Format("[{}]", records);
    const auto tree = Value(io::JsonDocument::Parse(text));
    const Document document{.name = name, .source = "photon", .text = text, .root = tree.Root()};
    EXPECT_TRUE(provider->Recognises(document));
    return provider->Read(document, recorder);
  }
  // "release package state <fixed" of each row, or the problems.
  Lines Rows() {
    provider->Finish(recorder);
    if (!recorder.problems.empty()) return recorder.problems;
    Lines rows;
    for (const model::Advisory& advisory : recorder.advisories)
      for (const model::Affected& row : advisory.affected) {
        EXPECT_EQ(row.ecosystem, "Photon OS");
        rows.push_back(Format("{}: {} {} {}{}", advisory.id, row.release, row.package,
                              model::FixStateName(row.fix_state),
                              row.ranges.empty() ? "" : Format(" <{}", row.ranges[0].fixed.value_or("-"))));
      }
    return rows;
  }
  std::unique_ptr<Provider> provider = MakePhotonProvider();
  test::AdvisoryRecorder recorder;
};

constexpr std::string_view kCve = "CVE-2030-1";

TEST(Photon, GathersReleases) {
  Reading reading;
  Value(reading.Take("a.json",
                     Record(kCve, "foo", "1.0-2.ph4", "Fixed") + "," + Record(kCve, "foo-libs", "1.0-2.ph4", "Fixed")));
  Value(reading.Take("b.json", Record(kCve, "foo", "2.0-1.ph5", "", "9.1")));
  EXPECT_EQ(reading.Rows(),
            (Lines{"PHOTON-CVE-2030-1: 4.0 foo fixed <1.0-2.ph4", "PHOTON-CVE-2030-1: 4.0 foo-libs fixed <1.0-2.ph4",
                   "PHOTON-CVE-2030-1: 5.0 foo fixed <2.0-1.ph5"}));
  const model::Advisory& advisory = reading.recorder.advisories.at(0);
  EXPECT_EQ(advisory.related, Lines{"CVE-2030-1"});
  EXPECT_EQ(advisory.severity, model::Severity::kCritical);
}

TEST(Photon, ReadsEachState) {
  const std::tuple<std::string, std::string_view> cases[] = {
      {Record(kCve, "foo", "1.0-2.ph4", "Fixed"), "fixed <1.0-2.ph4"},
      {Record(kCve, "foo", "1.0-2.ph4-esx", ""), "fixed <1.0-2.ph4-esx"},
      {Record(kCve, "foo", "NA", "Not Affected"), "not-affected"},
      {Record(kCve, "foo", "NA", "Not Fixed"), "not-fixed <-"},
      {Record(kCve, "foo", "NA", ""), "not-fixed <-"},
      {Record(kCve, "foo", "NA", "Not Affected") + "," + Record(kCve, "foo", "1-1.ph4", "Fixed"), "fixed <1-1.ph4"},
      {Record(kCve, "foo", "NA", "Not Affected") + "," + Record(kCve, "foo", "NA", ""), "not-fixed <-"},
  };
  for (const auto& [records, expected] : cases) {
    Reading reading;
    Value(reading.Take("photon/cve_data_photon4.0.json", records));
    EXPECT_EQ(reading.Rows(), Lines{Format("PHOTON-CVE-2030-1: 4.0 foo {}", expected)}) << records;
  }
}

TEST(Photon, LeavesOutWhatIsNoVulnerability) {
  for (const std::string_view id : {"UNK-1", "Re", "", "CVE-", "CVE-2030-", "CVE-2030-x", "cve-2030-1", "CVE-203-11"}) {
    Reading reading;
    Value(reading.Take("cve_data_photon4.0.json", Record(id, "foo", "NA", "Not Affected")));
    EXPECT_EQ(reading.Rows(), Lines()) << id;
    EXPECT_EQ(reading.recorder.left_out, 1) << id;
  }
  Reading other;
  Value(other.Take("cve_data_photon4.0.json", Record("BDSA-2030-12", "foo", "NA", "Not Affected")));
  EXPECT_EQ(other.Rows(), Lines{"PHOTON-BDSA-2030-12: 4.0 foo not-affected"});
}

TEST(Photon, ReportsBrokenRecordsAndKeepsTheRest) {
  Reading reading;
  Value(reading.Take("x.json", Record(kCve, "foo", "1.0-2.ph4", "Fixed") + R"(,7,{"cve_id":"CVE-2030-2"},)" +
                                   Record(kCve, "a b", "1-1.ph4", "Fixed") + "," + Record(kCve, "bar", "NA", "Fixed") +
                                   "," + Record(kCve, "bar", "1-1.ph5", "Fixed") + "," +
                                   Record(kCve, "bar", "NA", "Perhaps") + "," + Record(kCve, "bar", "1 2", "Fixed")));
  EXPECT_EQ(reading.Rows(), (Lines{
                                "corrupt: \"\" of \"\": not a record",
                                "corrupt: \"CVE-2030-2\" of \"\": not a record",
                                "corrupt: \"CVE-2030-1\" of \"a b\": not a record",
                                "corrupt: CVE-2030-1 of bar: fixed in no version",
                                "corrupt: CVE-2030-1 of bar: a version of Photon OS 5.0 among those of 4.0",
                                "unsupported: CVE-2030-1 of bar: status \"Perhaps\"",
                                "corrupt: CVE-2030-1 of bar: fixed in no version",
                            }));
  EXPECT_EQ(reading.recorder.advisories.at(0).affected.size(), 1U);
  // A score that is none.
  Reading unscored;
  Value(unscored.Take("x.json", Record(kCve, "foo", "1.0-2.ph4", "Fixed", "null") + "," +
                                    Record(kCve, "bar", "1.0-2.ph4", "Fixed", "99")));
  EXPECT_EQ(unscored.Rows().size(), 2U);
  EXPECT_EQ(unscored.recorder.advisories.at(0).severity, model::Severity::kUnknown);
}

TEST(Photon, RefusesADocumentOfNoRelease) {
  for (const std::string_view name : {"x.json", "photon.json", "photon5.json", "photon.0", "photon1234567.0"}) {
    Reading reading;
    ExpectError(reading.Take(name, Record(kCve, "foo", "NA", "Not Affected")), ErrorKind::kCorrupt, "of which release");
  }
}

TEST(Photon, TellsOnlySoManyProblems) {
  std::string records = Record(kCve, "foo", "1.0-2.ph4", "Fixed");
  for (int i = 0; i < 1'500; ++i) records += ",7";
  Reading reading;
  Value(reading.Take("x.json", records));
  EXPECT_EQ(reading.recorder.problems.size(), 1'001U);
  EXPECT_EQ(reading.recorder.problems.back(), "corrupt: 500 more records");
}

TEST(Photon, IsToldFromOtherLists) {
  const auto provider = MakePhotonProvider();
  for (const std::string_view json :
       {"[]", "{}", R"([{"cve_id":"CVE-2030-1"}])", R"([["cve_id"]])", R"({"cve_id":"x"})"}) {
    const auto tree = Value(io::JsonDocument::Parse(json));
    const Document document{.name = "x", .source = "x", .text = json, .root = tree.Root()};
    EXPECT_FALSE(provider->Recognises(document)) << json;
  }
}

}  // namespace
}  // namespace holdfast::advisory
