#include "advisory/oracle/oracle.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

// A document of the published form (schema 5.11) about made-up packages; `criteria` stand in for {0}.
std::string DocumentOf(std::string_view criteria, std::string_view cves = R"(<cve
    cvss3="7.8/CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" cvss2="4.3/AV:N/AC:M/Au:N/C:N/I:N/A:P">CVE-2030-1</cve>)",
                       std::string_view references = R"(<reference source="elsa" ref_id="ELSA-2030-1"
    ref_url="https://linux.oracle.com/errata/ELSA-2030-1.html"/><reference source="CVE" ref_id="CVE-2030-1"/>)") {
  return Format(R"(<oval_definitions xmlns:oval="x" xmlns:ind-def="y"><generator>
<oval:product_name>Oracle Errata System</oval:product_name></generator>
<definitions><definition id="oval:com.oracle.elsa:def:20300001" version="501" class="patch">
<metadata><title>
ELSA-2030-1:  lib security update (IMPORTANT)
</title>
<affected family="unix"><platform>Oracle Linux 8</platform></affected>
{2}
<description>
 [1-2]
 - fixed
</description>
<advisory><severity>IMPORTANT</severity><issued date="2030-01-02"/>{1}</advisory></metadata>
<criteria operator="AND"><criterion test_ref="t:os" comment="Oracle Linux 8 is installed"/>{0}</criteria>
</definition></definitions>
<tests>
<rpminfo_test id="t:os"><object object_ref="o:os"/><state state_ref="s:os"/></rpminfo_test>
<rpminfo_test id="t:a1"><object object_ref="o:a"/><state state_ref="s:1"/></rpminfo_test>
<rpminfo_test id="t:a2"><object object_ref="o:a"/><state state_ref="s:2"/></rpminfo_test>
<rpminfo_test id="t:ksplice"><object object_ref="o:a"/><state state_ref="s:ksplice"/></rpminfo_test>
<rpminfo_test id="t:fips"><object object_ref="o:a"/><state state_ref="s:fips"/></rpminfo_test>
<rpminfo_test id="t:uek"><object object_ref="o:uek"/><state state_ref="s:uek"/></rpminfo_test>
<ind-def:textfilecontent54_test id="t:module"><object object_ref="o:module"/></ind-def:textfilecontent54_test>
</tests>
<objects><rpminfo_object id="o:os"><name>oraclelinux-release</name></rpminfo_object>
<rpminfo_object id="o:a"><name>lib</name></rpminfo_object>
<textfilecontent54_object id="o:module"><pattern>stream = 1</pattern></textfilecontent54_object>
<rpminfo_object id="o:uek"><name>kernel-uek-core</name></rpminfo_object></objects>
<states><rpminfo_state id="s:os"><version operation="pattern match">^8</version></rpminfo_state>
<rpminfo_state id="s:1"><evr datatype="evr_string" operation="less than">0:1-1.el8</evr></rpminfo_state>
<rpminfo_state id="s:2"><evr datatype="evr_string" operation="less than">0:1-2.el8</evr></rpminfo_state>
<rpminfo_state id="s:ksplice"><evr operation="less than">2:1-2.ksplice1.el8</evr></rpminfo_state>
<rpminfo_state id="s:fips"><evr operation="less than">10:1-2.el8_fips</evr></rpminfo_state>
<rpminfo_state id="s:uek"><evr operation="less than">0:5.4.17-2136.1.el8uek</evr></rpminfo_state></states>
</oval_definitions>)",
                criteria, cves, references);
}

std::string Earlier(std::string_view test) {
  return Format(R"(<criteria operator="AND"><criterion test_ref="{}" comment="lib is earlier than it"/>
      <criterion test_ref="t:gone" comment="lib is signed with the Oracle Linux 8 key"/></criteria>)",
                test);
}

std::string On(std::string_view architecture, std::string_view criteria) {
  return Format(
      R"(<criteria operator="AND"><criterion comment="Oracle Linux arch is {}"/><criteria operator="OR">{}</criteria></criteria>)",
      architecture, criteria);
}

test::AdvisoryRecorder Recorded(const std::string& text) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeOracleProvider();
  Value(recorder.ReadXml(*provider, text));
  EXPECT_TRUE(recorder.recognised);
  return recorder;
}

// "release package fixed architecture module" of each row.
std::string Rows(const std::string& criteria) {
  const auto recorder = Recorded(DocumentOf(criteria));
  std::string text;
  for (const std::string& problem : recorder.problems) text += problem;
  if (recorder.left_out > 0) text += "left out";
  for (const model::Advisory& advisory : recorder.advisories)
    for (const model::Affected& row : advisory.affected)
      text += Format("{} {} {}<{} {} {}\n", row.release, row.package, row.ranges.at(0).introduced,
                     row.ranges.at(0).fixed.value_or("-"), row.architecture, row.module_label);
  return text;
}

TEST(Oracle, ReadsAnErratum) {
  const auto recorder = Recorded(DocumentOf(Earlier("t:a1")));
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Advisory& advisory = recorder.advisories[0];
  EXPECT_EQ(advisory.id, "ELSA-2030-1");
  EXPECT_EQ(advisory.related, std::vector<std::string>{"CVE-2030-1"});
  EXPECT_EQ(advisory.summary, "ELSA-2030-1: lib security update (IMPORTANT)");
  EXPECT_EQ(advisory.details, "[1-2]\n - fixed");
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_EQ(advisory.published, "2030-01-02T00:00:00Z");
  ASSERT_EQ(advisory.cvss.size(), 2U);
  EXPECT_EQ(advisory.cvss[0], (model::CvssVector{"3.1", "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "Oracle"}));
  EXPECT_EQ(advisory.cvss[1], (model::CvssVector{"2.0", "AV:N/AC:M/Au:N/C:N/I:N/A:P", "Oracle"}));
  ASSERT_EQ(advisory.affected.size(), 1U);
  EXPECT_EQ(advisory.affected[0].ecosystem, "Oracle Linux");
  EXPECT_EQ(advisory.affected[0].version_scheme, "rpm");
  EXPECT_EQ(advisory.affected[0].fix_state, model::FixState::kFixed);
}

TEST(Oracle, KeepsArchitecturesThatDifferOnly) {
  const auto both = [](std::string_view first, std::string_view second) {
    return Format(R"(<criteria operator="OR">{}{}</criteria>)", On("x86_64", Earlier(first)),
                  On("aarch64", Earlier(second)));
  };
  EXPECT_EQ(Rows(both("t:a1", "t:a1")), "8 lib 0<0:1-1.el8  \n");
  EXPECT_EQ(Rows(both("t:a1", "t:a2")), "8 lib 0<0:1-1.el8 x86_64 \n8 lib 0<0:1-2.el8 aarch64 \n");
}

TEST(Oracle, ReadsModules) {
  EXPECT_EQ(Rows(R"(<criterion test_ref="t:module" comment="Module httpd:2.4 is enabled"/>)" + Earlier("t:a1")),
            "8 lib 0<0:1-1.el8  httpd:2.4\n");
}

TEST(Oracle, DropsOtherBuilds) {
  EXPECT_EQ(Rows(Earlier("t:ksplice")), "left out");
  EXPECT_EQ(Rows(Earlier("t:fips")), "left out");
  EXPECT_EQ(Rows(R"(<criterion test_ref="t:gone" comment="lib is ksplice-based"/>)" + Earlier("t:a1")), "left out");
  EXPECT_EQ(Rows(Format(R"(<criteria operator="OR">{}{}</criteria>)", Earlier("t:ksplice"), Earlier("t:a1"))),
            "8 lib 0<0:1-1.el8  \n");
}

TEST(Oracle, FixesOneLineOfTheUnbreakableKernel) {
  EXPECT_EQ(Rows(Earlier("t:uek")), "8 kernel-uek-core 0:5.4.17<0:5.4.17-2136.1.el8uek  \n");
}

TEST(Oracle, GivesNoVectorsForSeveralVulnerabilities) {
  const auto recorder = Recorded(DocumentOf(
      Earlier("t:a1"), R"(<cve cvss2="4.3/AV:N/AC:M/Au:N/C:N/I:N/A:P">CVE-2030-1</cve><cve>CVE-2030-2</cve>)",
      R"(<reference source="elsa" ref_id="ELSA-2030-1"/><reference source="CVE" ref_id="CVE-2030-1"/>
         <reference source="CVE" ref_id="CVE-2030-2"/>)"));
  ASSERT_EQ(recorder.advisories.size(), 1U);
  EXPECT_EQ(recorder.advisories[0].related.size(), 2U);
  EXPECT_TRUE(recorder.advisories[0].cvss.empty());
}

TEST(Oracle, LeavesOutBugFixes) {
  const auto recorder = Recorded(DocumentOf(Earlier("t:a1"), "", R"(<reference source="elsa" ref_id="ELBA-2030-1"/>)"));
  EXPECT_TRUE(recorder.advisories.empty());
  EXPECT_EQ(recorder.left_out, 1);
}

TEST(Oracle, ReportsBrokenRecords) {
  constexpr std::string_view kId = "oval:com.oracle.elsa:def:20300001: ";
  EXPECT_EQ(Rows(""), Format("corrupt: {}criteria without a package", kId));
  EXPECT_EQ(Rows(Earlier("t:gone")), Format("corrupt: {}there is no test \"t:gone\"", kId));
  EXPECT_EQ(Rows(Earlier("t:module")), Format("unsupported: {}criterion \"lib is earlier than it\"", kId));
  EXPECT_EQ(Rows(Earlier("t:os")), Format("unsupported: {}criterion \"lib is earlier than it\"", kId));
  EXPECT_EQ(Recorded(DocumentOf(Earlier("t:a1"), "", "")).problems,
            std::vector<std::string>{Format("corrupt: {}names no erratum", kId)});
}

TEST(Oracle, RefusesTruncatedDocuments) {
  const auto provider = MakeOracleProvider();
  test::AdvisoryRecorder recorder;
  const std::string text = DocumentOf(Earlier("t:a1"));
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5})
    ExpectError(recorder.ReadXml(*provider, text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
  ExpectError(recorder.ReadXml(*provider, "<xml></xml>"), ErrorKind::kCorrupt, "no OVAL");
  EXPECT_FALSE(recorder.recognised);
}

}  // namespace
}  // namespace holdfast::advisory
