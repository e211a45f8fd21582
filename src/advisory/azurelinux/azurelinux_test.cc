#include "advisory/azurelinux/azurelinux.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

struct Record {
  std::string_view id = "oval:com.microsoft.azurelinux:def:50124";
  std::string_view patchable = "true";
  std::string_view operation = "less than";
  std::string_view version = "0:2.6.7-3.azl3";
  std::string_view cve = "CVE-2024-47191";
};

// A document of the published form (Azure Linux 3.0, 2024-10-10) with one definition.
std::string DocumentOf(const Record& record) {
  return Format(
      R"(<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:oval="x" xmlns:linux-def="y">
  <generator>
    <oval:product_name>Azure Linux OVAL Definition Generator</oval:product_name>
    <oval:schema_version>5.11</oval:schema_version>
  </generator>
  <definitions>
    <definition class="vulnerability" id="{0}" version="1">
      <metadata>
        <title>CVE-2024-47191 affecting package oath-toolkit for versions less than 2.6.7-3</title>
        <affected family="unix"><platform>Azure Linux</platform></affected>
        <reference ref_id="{4}" ref_url="https://nvd.nist.gov/vuln/detail/CVE-2024-47191" source="CVE"/>
        <patchable>{1}</patchable>
        <advisory_date>2024-07-23T22:05:39Z</advisory_date>
        <advisory_id>50124-1</advisory_id>
        <severity>High</severity>
        <description>A patched version of the package is available.</description>
      </metadata>
      <criteria operator="AND">
        <criterion comment="Package oath-toolkit is earlier than 2.6.7-3, affected by CVE-2024-47191" test_ref="tst:1"/>
      </criteria>
    </definition>
  </definitions>
  <tests>
    <linux-def:rpminfo_test check="at least one" id="tst:1" version="1">
      <linux-def:object object_ref="obj:1"/><linux-def:state state_ref="ste:1"/>
    </linux-def:rpminfo_test>
  </tests>
  <objects><linux-def:rpminfo_object id="obj:1"><linux-def:name>oath-toolkit</linux-def:name></linux-def:rpminfo_object></objects>
  <states><linux-def:rpminfo_state id="ste:1">
    <linux-def:evr datatype="evr_string" operation="{2}">{3}</linux-def:evr>
  </linux-def:rpminfo_state></states>
</oval_definitions>)",
      record.id, record.patchable, record.operation, record.version, record.cve);
}

test::AdvisoryRecorder Recorded(const Record& record) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeAzureLinuxProvider();
  Value(recorder.ReadXml(*provider, DocumentOf(record)));
  EXPECT_TRUE(recorder.recognised);
  return recorder;
}

TEST(AzureLinux, ReadsADefinition) {
  const auto recorder = Recorded({});
  EXPECT_TRUE(recorder.problems.empty());
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Advisory& advisory = recorder.advisories[0];
  EXPECT_EQ(advisory.id, "AZL-50124");
  EXPECT_EQ(advisory.related, std::vector<std::string>{"CVE-2024-47191"});
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_EQ(advisory.published, "2024-07-23T22:05:39Z");
  EXPECT_EQ(advisory.references.at(0).url, "https://nvd.nist.gov/vuln/detail/CVE-2024-47191");
  model::Affected expected;
  expected.ecosystem = "Azure Linux";
  expected.release = "3";
  expected.package = "oath-toolkit";
  expected.version_scheme = "rpm";
  expected.ranges = {{"0", "0:2.6.7-3.azl3", std::nullopt}};
  expected.fix_state = model::FixState::kFixed;
  EXPECT_EQ(advisory.affected, std::vector<model::Affected>{expected});
}

TEST(AzureLinux, ReadsWhatIsNotFixed) {
  const auto recorder =
      Recorded({.patchable = "false", .operation = "less than or equal", .version = "0:5.10.189.1-1.cm1"});
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Affected& affected = recorder.advisories[0].affected.at(0);
  EXPECT_EQ(affected.release, "1");
  EXPECT_EQ(affected.fix_state, model::FixState::kNotFixed);
  EXPECT_EQ(affected.ranges.at(0), (model::VersionRange{"0", std::nullopt, "0:5.10.189.1-1.cm1"}));
}

TEST(AzureLinux, LeavesOutWhatDoesNotApply) {
  const auto recorder = Recorded({.patchable = "Not Applicable"});
  EXPECT_TRUE(recorder.advisories.empty());
  EXPECT_TRUE(recorder.problems.empty());
  EXPECT_EQ(recorder.left_out, 1);
}

TEST(AzureLinux, TakesTheTagOffAVersionWithoutARelease) {
  const auto recorder = Recorded({.version = "0:0.9.0.cm2"});
  ASSERT_EQ(recorder.advisories.size(), 1U);
  EXPECT_EQ(recorder.advisories[0].affected.at(0).release, "2");
  EXPECT_EQ(recorder.advisories[0].affected.at(0).ranges.at(0).fixed, "0:0.9.0");
}

TEST(AzureLinux, ReportsABrokenRecordByItsId) {
  const auto problem = [](const Record& record) {
    const auto recorder = Recorded(record);
    EXPECT_TRUE(recorder.advisories.empty());
    return recorder.problems.size() == 1 ? recorder.problems[0] : "no problem";
  };
  constexpr std::string_view kId = "corrupt: oval:com.microsoft.azurelinux:def:50124: ";
  EXPECT_EQ(problem({.version = "0:null.cm2"}), Format("{}\"0:null.cm2\" is no version", kId));
  EXPECT_EQ(problem({.version = "0:1.2-3"}), Format("{}the version \"0:1.2-3\" names no release", kId));
  EXPECT_EQ(problem({.version = ""}), Format("{}an empty version", kId));
  EXPECT_EQ(problem({.patchable = "maybe"}), Format("{}patchable is \"maybe\"", kId));
  EXPECT_EQ(problem({.cve = "x"}), Format("{}names no CVE", kId));
  EXPECT_EQ(problem({.id = "x"}), "corrupt: x: definition with the id \"x\"");
  EXPECT_NE(problem({.operation = "pattern match"}).find("no range"), std::string::npos);
}

TEST(AzureLinux, RefusesTruncatedAndForeignDocuments) {
  const auto provider = MakeAzureLinuxProvider();
  test::AdvisoryRecorder recorder;
  const std::string text = DocumentOf({});
  for (const std::size_t size : {text.size() / 4, text.size() / 2, text.size() - 5})
    ExpectError(recorder.ReadXml(*provider, text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
  ExpectError(recorder.ReadXml(*provider, "<oval_definitions><definitions/></oval_definitions>"), ErrorKind::kCorrupt,
              "no definitions");
  EXPECT_FALSE(recorder.recognised);
  EXPECT_TRUE(recorder.advisories.empty());
}

}  // namespace
}  // namespace holdfast::advisory
