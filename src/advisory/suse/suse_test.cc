#include "advisory/suse/suse.h"

#include <gtest/gtest.h>

#include "advisory/suse/product.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

// A document of the published form about made-up packages, with one definition.
std::string DocumentOf(std::string_view criteria, std::string_view title = "CVE-2030-1",
                       std::string_view kind = "vulnerability") {
  return Format(R"(<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns:oval="x"><generator>
  <oval:product_name>Marcus Updateinfo to OVAL Converter</oval:product_name></generator>
<definitions><definition id="oval:org.opensuse.security:def:20300001" version="1" class="{2}"><metadata>
 <title>{1}</title>
 <reference ref_id="Mitre CVE-2030-1" ref_url="https://cve.example/CVE-2030-1" source="CVE"/>
 <reference ref_id="SUSE CVE-2030-1" ref_url="https://suse.example/CVE-2030-1" source="SUSE CVE"/>
 <description> Bad. </description>
 <advisory from="security@suse.de"><issued date="2030-01-02"/><updated date="2030-02-03"/><severity>Moderate</severity>
  <cve impact="low" cvss3="3.7/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N" href="https://suse.example/">CVE-2030-1</cve>
  <cve href="https://nvd.nist.gov/vuln/detail/CVE-2030-1">CVE-2030-1 at NVD</cve></advisory></metadata>
 {0}</definition></definitions>
<tests>
 <rpminfo_test id="t:lib1" comment="lib is &lt;1-1"><object object_ref="o:lib"/><state state_ref="s:1"/></rpminfo_test>
 <rpminfo_test id="t:lib2" comment="lib is &lt;1-2"><object object_ref="o:lib"/><state state_ref="s:2"/></rpminfo_test>
 <rpminfo_test id="t:affected" comment="lib is &gt;0"><object object_ref="o:lib"/><state state_ref="s:any"/></rpminfo_test>
</tests>
<objects><rpminfo_object id="o:lib"><name>lib</name></rpminfo_object></objects>
<states>
 <rpminfo_state id="s:1"><arch operation="pattern match">(aarch64|x86_64)</arch><evr operation="less than">0:1-1</evr></rpminfo_state>
 <rpminfo_state id="s:2"><arch operation="pattern match">(s390x)</arch><evr operation="less than">0:1-2</evr></rpminfo_state>
 <rpminfo_state id="s:any"><evr operation="greater than">0:0-0</evr></rpminfo_state>
</states></oval_definitions>)",
                criteria, title, kind);
}

std::string Both(std::string_view product, std::string_view package, std::string_view test = "t:lib1") {
  return Format(R"(<criteria operator="AND"><criterion test_ref="t:gone" comment="{} is installed"/>
      <criterion test_ref="{}" comment="{}"/></criteria>)",
                product, test, package);
}

std::string Any(std::string_view a, std::string_view b) {
  return Format(R"(<criteria operator="OR">{}{}</criteria>)", a, b);
}

constexpr std::string_view kServer = "SUSE Linux Enterprise Server 15 SP4",
                           kLongTerm = "SUSE Linux Enterprise Server 15 SP4-LTSS";
constexpr std::string_view kFixed = "lib-1-1 is installed";

// "ecosystem:release package state fixed architecture" of each row, or what else happened.
std::string Rows(const std::vector<std::string>& criteria) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeSuseProvider();
  for (const std::string& each : criteria) {
    const std::string text = DocumentOf(each);
    const Document document{.name = "x", .source = "x", .notation = Notation::kXml, .text = text, .root = {}};
    Value(provider->Read(document, recorder));
  }
  provider->Finish(recorder);
  std::string text;
  for (const std::string& problem : recorder.problems) text += problem;
  if (recorder.left_out > 0) text += "left out";
  for (const model::Advisory& advisory : recorder.advisories) {
    for (const model::Affected& row : advisory.affected) {
      if (!text.empty()) text += ", ";
      text += Format("{}:{} {} {}", row.ecosystem, row.release, row.package, model::FixStateName(row.fix_state));
      for (const auto& range : row.ranges) text += Format(" <{}", range.fixed.value_or("-"));
      if (!row.architecture.empty()) text += Format(" {}", row.architecture);
    }
  }
  return text;
}

TEST(Suse, ReadsADefinition) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeSuseProvider();
  Value(recorder.ReadXml(*provider, DocumentOf(Both(kServer, kFixed))));
  EXPECT_TRUE(recorder.recognised);
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Advisory& advisory = recorder.advisories[0];
  EXPECT_EQ(advisory.id, "SUSE-CVE-2030-1");
  EXPECT_EQ(advisory.related, std::vector<std::string>{"CVE-2030-1"});
  EXPECT_EQ(advisory.details, "Bad.");
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.published, "2030-01-02T00:00:00Z");
  EXPECT_EQ(advisory.modified, "2030-02-03T00:00:00Z");
  EXPECT_EQ(advisory.cvss,
            (std::vector<model::CvssVector>{{"3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N", "SUSE"}}));
  ASSERT_EQ(advisory.references.size(), 2U);
  EXPECT_EQ(advisory.references[1], (model::Reference{"ADVISORY", "https://suse.example/CVE-2030-1"}));
  EXPECT_EQ(Rows({Both(kServer, kFixed)}), "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1");
}

TEST(Suse, ReadsEachState) {
  EXPECT_EQ(Rows({Both(kServer, "lib is not affected", "t:gone")}),
            "SUSE:Linux Enterprise Server 15 SP4 lib not-affected");
  EXPECT_EQ(Rows({Both(kServer, "lib is affected", "t:affected")}),
            "SUSE:Linux Enterprise Server 15 SP4 lib not-fixed <-");
  EXPECT_EQ(Rows({Both(kServer, "lib-1-2 is installed", "t:lib2")}),
            "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-2 s390x");
  EXPECT_EQ(Rows({Both("openSUSE Leap 15.2", kFixed)}), "openSUSE:Leap 15.2 lib fixed <0:1-1");
}

TEST(Suse, GathersDocuments) {
  EXPECT_EQ(Rows({Both(kServer, kFixed), Both("openSUSE Tumbleweed", kFixed)}),
            "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1, openSUSE:Tumbleweed lib fixed <0:1-1");
  // The same again, and two statements of different weight.
  EXPECT_EQ(Rows({Both(kServer, kFixed), Both(kServer, kFixed)}),
            "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1");
  EXPECT_EQ(Rows({Both(kServer, "lib is affected"), Both(kServer, kFixed)}),
            "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1");
}

TEST(Suse, TakesLongTermSupportWhereTheServerSaysNothing) {
  EXPECT_EQ(Rows({Both(kLongTerm, kFixed)}), "SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1");
  EXPECT_EQ(Rows({Any(Both(kLongTerm, kFixed), Both(kServer, "lib is not affected"))}),
            "SUSE:Linux Enterprise Server 15 SP4 lib not-affected");
}

TEST(Suse, LeavesOutWhatNoImageIs) {
  EXPECT_EQ(Rows({Both("SUSE Manager Server 4.3", kFixed)}), "left out");
  EXPECT_EQ(Rows({Both("sles10-sp4", "lib less than 1-1")}), "left out");
  EXPECT_EQ(Rows({Both(kServer, "no kernel-livepatch-4_12-default is greater or equal than 2")}), "left out");
  test::AdvisoryRecorder recorder;
  const auto provider = MakeSuseProvider();
  Value(recorder.ReadXml(*provider, DocumentOf(Both(kServer, kFixed), "lib on GA media", "patch")));
  EXPECT_TRUE(recorder.advisories.empty());
  EXPECT_EQ(recorder.left_out, 1);
}

TEST(Suse, ReportsBrokenRecordsAndKeepsTheirRest) {
  constexpr std::string_view kId = "oval:org.opensuse.security:def:20300001: ";
  EXPECT_EQ(
      Rows({Any(Both(kServer, kFixed), Both(kServer, "other-2 is installed", "t:gone"))}),
      Format("corrupt: {}there is no test \"t:gone\", SUSE:Linux Enterprise Server 15 SP4 lib fixed <0:1-1", kId));
  EXPECT_EQ(Rows({Both(kServer, "lib-0 is installed", "t:affected")}),
            Format("unsupported: {}criterion \"lib-0 is installed\"left out", kId));
  test::AdvisoryRecorder recorder;
  const auto provider = MakeSuseProvider();
  Value(recorder.ReadXml(*provider, DocumentOf(Both(kServer, kFixed), "nothing")));
  EXPECT_EQ(recorder.problems, std::vector<std::string>{Format("corrupt: {}titled \"nothing\", not by a CVE", kId)});
}

TEST(Suse, RefusesTruncatedDocuments) {
  const auto provider = MakeSuseProvider();
  test::AdvisoryRecorder recorder;
  const std::string text = DocumentOf(Both(kServer, kFixed));
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5})
    ExpectError(recorder.ReadXml(*provider, text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
}

TEST(SuseProduct, IsWhatAnImageCanBe) {
  const std::tuple<std::string_view, std::string_view> cases[] = {
      {"SUSE Linux Enterprise Server 15 is installed", "SUSE:Linux Enterprise Server 15"},
      {"SUSE Linux Enterprise Server 15 SP4 is installed", "SUSE:Linux Enterprise Server 15 SP4"},
      {"SUSE Linux Enterprise Server 15 SP4-LTSS is installed", "SUSE:Linux Enterprise Server 15 SP4, long term"},
      {"SUSE Linux Enterprise Server 15-LTSS is installed", "SUSE:Linux Enterprise Server 15, long term"},
      {"SUSE Linux Enterprise Server 16.0 is installed", "SUSE:Linux Enterprise Server 16.0"},
      {"SUSE Linux Enterprise Module for Basesystem 15 SP4 is installed",
       "SUSE:Linux Enterprise Module for Basesystem 15 SP4"},
      {"SUSE Linux Enterprise Module for Python 3 15 SP5 is installed",
       "SUSE:Linux Enterprise Module for Python 3 15 SP5"},
      {"SUSE Linux Enterprise Micro 5.3 is installed", "SUSE:Linux Enterprise Micro 5.3"},
      {"SUSE Linux Micro 6.1 is installed", "SUSE:Linux Micro 6.1"},
      {"openSUSE Leap Micro 5.2 is installed", "openSUSE:Leap Micro 5.2"},
      {"SUSE Linux Enterprise Server 12 SP3-BCL is installed", ""},
      {"SUSE Linux Enterprise Server for SAP Applications 15 SP4 is installed", ""},
      {"SUSE Linux Enterprise Server  is installed", ""},
      {"SUSE Linux Enterprise Server SP4 is installed", ""},
      {"SUSE Linux Enterprise Real Time 15 SP2 is installed", ""},
      {"Open Enterprise Server 23.4 is installed", ""},
      {"lib-1-1 is installed", ""},
      {"", ""},
  };
  for (const auto& [comment, expected] : cases) {
    const auto product = ParseSuseProduct(comment);
    EXPECT_EQ(
        product ? Format("{}:{}{}", product->ecosystem, product->release, product->long_term ? ", long term" : "") : "",
        expected)
        << comment;
  }
}

}  // namespace
}  // namespace holdfast::advisory
