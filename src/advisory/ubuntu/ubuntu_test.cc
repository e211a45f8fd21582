#include "advisory/ubuntu/ubuntu.h"

#include <gtest/gtest.h>

#include "advisory/ubuntu/forms.h"
#include "advisory/ubuntu/status.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Lines = std::vector<std::string>;

// Documents in their order, then the end.
class Reading {
 public:
  Result<void> Json(std::string_view text) {
    const auto tree = Value(io::JsonDocument::Parse(text));
    return Take({.name = "x.json", .source = "x", .text = text, .root = tree.Root()});
  }
  Result<void> Xml(std::string_view text) {
    return Take({.name = "x.xml", .source = "x", .notation = Notation::kXml, .text = text, .root = {}});
  }
  Result<void> Text(std::string_view text) {
    return Take({.name = "x", .source = "x", .notation = Notation::kText, .text = text, .root = {}});
  }
  const test::AdvisoryRecorder& End() {
    provider_->Finish(recorder_);
    return recorder_;
  }
  // "id: release package state <version severity", or the problems.
  Lines Rows() {
    if (!End().problems.empty()) return recorder_.problems;
    Lines rows;
    for (const model::Advisory& advisory : recorder_.advisories) {
      for (const model::Affected& row : advisory.affected) {
        EXPECT_EQ(row.ecosystem, "Ubuntu");
        EXPECT_EQ(row.version_scheme, "dpkg");
        EXPECT_EQ(row.ranges.empty(), row.fix_state == model::FixState::kNotAffected);
        std::string text =
            Format("{}: {} {} {}", advisory.id, row.release, row.package, model::FixStateName(row.fix_state));
        for (const auto& range : row.ranges) text += range.fixed ? Format(" <{}", *range.fixed) : "";
        if (row.severity) text += Format(" {}", model::SeverityName(*row.severity));
        rows.push_back(std::move(text));
      }
    }
    return rows;
  }

 private:
  Result<void> Take(const Document& document) {
    EXPECT_TRUE(provider_->Recognises(document));
    return provider_->Read(document, recorder_);
  }

  std::unique_ptr<Provider> provider_ = MakeUbuntuProvider();
  test::AdvisoryRecorder recorder_;
};

// A document of the published form about made-up packages.
std::string Oval(std::string_view generator, std::string_view title, std::string_view criteria,
                 std::string_view platform = "Ubuntu 22.04 LTS") {
  return Format(R"(<?xml version="1.0"?>
<oval_definitions xmlns:ind="x" xmlns:oval="x"><generator>
<oval:product_name>Canonical {} OVAL Generator</oval:product_name></generator><definitions>
<definition id="def:100" class="inventory"><metadata><title>Check that Ubuntu 22.04 LTS (jammy) is installed.</title>
  </metadata><criteria><criterion test_ref="t:100" comment="The host is part of the unix family."/></criteria></definition>
<definition id="def:1" class="vulnerability"><metadata><title>{}</title>
  <description>Bad.

    Update Instructions:

    Run `sudo pro fix`.</description>
  <affected family="unix"><platform>{}</platform></affected>
  <reference source="CVE" ref_id="CVE-2030-1" ref_url="https://cve.example/CVE-2030-1"/>
  <advisory><severity>Low</severity><public_date>2030-01-02 15:00:00 UTC</public_date><issued date="2030-02-03"/>
   <ref>https://ubuntu.com/security/notices/USN-1-1</ref>
   <cve priority="low" cvss_vector="CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:N">CVE-2030-1</cve></advisory></metadata>
 <criteria><extend_definition definition_ref="def:100" comment="Ubuntu 22.04 LTS (jammy) is installed."/>
  <criteria operator="OR">{}</criteria></criteria></definition></definitions>
<tests><ind:textfilecontent54_test id="t:1"><ind:object object_ref="o:1"/><ind:state state_ref="s:1"/>
  </ind:textfilecontent54_test></tests>
<objects><ind:textfilecontent54_object id="o:1"><ind:pattern var_ref="v:1"/></ind:textfilecontent54_object></objects>
<states><ind:textfilecontent54_state id="s:1"><ind:subexpression operation="less than">
  0:1.0-1ubuntu1</ind:subexpression></ind:textfilecontent54_state></states>
<variables><constant_variable id="v:1"><value>^libfoo1(?::\w+|)\s+(.*)$</value></constant_variable></variables>
</oval_definitions>)",
                generator, title, platform, criteria);
}

std::string Criterion(std::string_view comment, std::string_view test = "t:1") {
  return Format(R"(<criterion test_ref="{}" comment="{}"/>)", test, comment);
}

constexpr std::string_view kCveTitle = "CVE-2030-1 on Ubuntu 22.04 LTS (jammy) - low";
constexpr std::string_view kFixed = "foo package in jammy was vulnerable but has been fixed (note: '1.0-1ubuntu1').";

TEST(UbuntuOval, ReadsAVulnerability) {
  Reading reading;
  Value(reading.Xml(Oval("CVE", kCveTitle, Criterion(kFixed))));
  const auto& recorder = reading.End();
  ASSERT_EQ(recorder.advisories.size(), 1U);
  const model::Advisory& cve = recorder.advisories[0];
  EXPECT_EQ(cve.id, "UBUNTU-CVE-2030-1");
  EXPECT_EQ(cve.related, Lines{"CVE-2030-1"});
  EXPECT_EQ(cve.source, "ubuntu");
  EXPECT_EQ(cve.details, "Bad.");
  EXPECT_EQ(cve.severity, model::Severity::kLow);
  EXPECT_EQ(cve.published, "2030-01-02T15:00:00Z");
  EXPECT_EQ(cve.cvss, (std::vector<model::CvssVector>{{"3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:N", "NVD"}}));
  EXPECT_EQ(cve.references, (std::vector<model::Reference>{{"ADVISORY", "https://ubuntu.com/security/CVE-2030-1"},
                                                           {"WEB", "https://ubuntu.com/security/notices/USN-1-1"}}));
  ASSERT_EQ(cve.affected.size(), 1U);
}

TEST(UbuntuOval, ReadsEachSentence) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {kFixed, "22.04 foo fixed <1.0-1ubuntu1"},
      {"foo package in jammy, is related to the CVE in some way and has been fixed (note: '1.0-1').",
       "22.04 foo fixed <1.0-1"},
      {"foo package in jammy was vulnerable and has been fixed, but no release version available for it.", ""},
      {"foo package in jammy is affected. An update containing the fix has been completed and is pending publication "
       "(note: '1.2-1').",
       "22.04 foo not-fixed <1.2-1"},
      {"foo package in jammy is affected, but a decision has been made to defer addressing it (note: '2021-06-10').",
       "22.04 foo not-fixed"},
      {"foo: while related to the CVE in some way, a decision has been made to ignore this issue.",
       "22.04 foo wont-fix"},
      {"foo package in jammy is affected and needs fixing.", "22.04 foo not-fixed"},
      {"foo package in jammy is affected and may need fixing.", "22.04 foo under-investigation"},
      {"foo package in jammy, while related to the CVE in some way, is not affected (note: 'code not present').",
       "22.04 foo not-affected"},
      {"foo package does not exist in jammy.", ""},
      // Pro's.
      {"foo package in jammy was vulnerable but has been fixed (note: '1.0-1ubuntu0.1~esm1').",
       "22.04 foo wont-fix <1.0-1ubuntu0.1~esm1"},
  };
  for (const auto& [comment, expected] : cases) {
    Reading reading;
    Value(reading.Xml(Oval("CVE", kCveTitle, Criterion(comment))));
    EXPECT_EQ(reading.Rows(), expected.empty() ? Lines() : Lines{Format("UBUNTU-CVE-2030-1: {}", expected)}) << comment;
  }
}

TEST(UbuntuOval, TellsReleasesAndSubscriptionsApart) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Ubuntu 22.04 LTS", "22.04"},
      {"Ubuntu 24.10", "24.10"},
      {"Ubuntu 22.04 ESM", "22.04 pro"},
      {"Ubuntu Pro 16.04 LTS", "16.04 pro"},
      {"Ubuntu Pro FIPS-updates 22.04 LTS", ""},
      {"Ubuntu", ""},
      {"Debian 12.04", ""},
      {"", ""},
  };
  for (const auto& [platform, expected] : cases) {
    const auto place = PlaceOfPlatform(platform);
    EXPECT_EQ(place ? place->release + (place->pro ? " pro" : "") : "", expected) << platform;
  }
  const std::pair<std::string_view, std::string_view> ecosystems[] = {
      {"Ubuntu:22.04:LTS", "22.04"},
      {"Ubuntu:24.10", "24.10"},
      {"Ubuntu:Pro:16.04:LTS", "16.04 pro"},
      {"Ubuntu:Pro:FIPS:22.04:LTS", ""},
      {"Ubuntu", ""},
      {"Ubuntu:", ""},
      {"Ubuntu:Pro:Realtime:22.04:LTS", ""},
      {"Debian:12", ""},
  };
  for (const auto& [ecosystem, expected] : ecosystems) {
    const auto place = PlaceOfEcosystem(ecosystem);
    EXPECT_EQ(place ? place->release + (place->pro ? " pro" : "") : "", expected) << ecosystem;
  }
  Reading reading;
  Value(reading.Xml(Oval("CVE", kCveTitle, Criterion(kFixed), "Ubuntu Pro FIPS-updates 22.04 LTS")));
  EXPECT_EQ(reading.End().left_out, 1);
}

TEST(UbuntuOval, ReadsPackages) {
  Reading reading;
  Value(reading.Xml(Oval("Package", "foo", Criterion(Format("(CVE-2030-1) {}", kFixed)))));
  EXPECT_EQ(reading.Rows(), Lines{"UBUNTU-CVE-2030-1: 22.04 foo fixed <1.0-1ubuntu1"});
  EXPECT_EQ(reading.End().advisories[0].severity, model::Severity::kLow);
  Reading nameless;
  Value(nameless.Xml(Oval("Package", "foo", Criterion(kFixed))));
  EXPECT_EQ(nameless.Rows(), Lines{"unsupported: foo: a criterion that names no vulnerability"});
}

TEST(UbuntuOval, ReadsNoticesThatNameAPackage) {
  Reading reading;
  Value(reading.Xml(Oval("USN", "USN-1-1 -- foo vulnerability", Criterion("Long Term Support"))));
  EXPECT_EQ(reading.Rows(), Lines{"USN-1-1: 22.04 foo fixed <1.0-1ubuntu1"});
  EXPECT_EQ(reading.End().advisories[0].related, Lines{"CVE-2030-1"});
  EXPECT_EQ(reading.End().advisories[0].published, "2030-02-03T00:00:00Z");
  Reading pro;
  Value(pro.Xml(
      Oval("USN", "USN-1-1 -- foo vulnerabilities", Criterion("Available with Ubuntu Pro: https://ubuntu.com/pro"))));
  EXPECT_EQ(pro.Rows(), Lines{"USN-1-1: 22.04 foo wont-fix <1.0-1ubuntu1"});
  for (const std::string_view title : {"USN-1-1 -- Foo vulnerability", "USN-1-1 -- foo, bar vulnerabilities"}) {
    Reading product;
    Value(product.Xml(Oval("USN", title, Criterion("Long Term Support"))));
    EXPECT_EQ(product.Rows(), Lines());
    EXPECT_EQ(product.End().left_out, 1);
  }
}

// Of images the list of packages is searched, of machines dpkg is asked.
TEST(UbuntuOval, ReadsNoticesOfBothSorts) {
  std::string text = Oval("USN", "USN-1-1 -- foo vulnerability", Criterion("Long Term Support"));
  for (const auto& [from, to] :
       {std::pair("textfilecontent54", "dpkginfo"), std::pair("pattern", "name"), std::pair("subexpression", "evr")})
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
      text.replace(at, std::string_view(from).size(), to);
  Reading reading;
  Value(reading.Xml(text));
  EXPECT_EQ(reading.Rows(), Lines{"USN-1-1: 22.04 foo fixed <1.0-1ubuntu1"});
}

TEST(UbuntuOval, ReportsBrokenRecordsAndKeepsTheirRest) {
  Reading reading;
  Value(reading.Xml(Oval("CVE", kCveTitle, Criterion("foo is odd.") + Criterion(kFixed))));
  EXPECT_EQ(reading.Rows(), Lines{"unsupported: CVE-2030-1: criterion \"foo is odd.\""});
  EXPECT_EQ(reading.End().advisories.at(0).affected.size(), 1U);
  const std::pair<std::string, std::string_view> cases[] = {
      {Oval("CVE", "nothing", Criterion(kFixed)), "corrupt: def:1: titled \"nothing\", not by a CVE"},
      {Oval("CVE", kCveTitle, ""), "corrupt: def:1: no criteria"},
      {Oval("USN", "USN-1-1 -- foo vulnerability", Criterion("Long Term Support", "t:2")),
       "corrupt: def:1: there is no test \"t:2\""},
  };
  for (const auto& [text, expected] : cases) {
    Reading broken;
    Value(broken.Xml(text));
    EXPECT_EQ(broken.Rows(), Lines{std::string(expected)});
  }
  std::string deep = Criterion(kFixed);
  for (std::size_t i = 0; i <= kUbuntuCriteriaDepthMax; ++i) deep = Format("<criteria>{}</criteria>", deep);
  Reading nested;
  Value(nested.Xml(Oval("CVE", kCveTitle, deep)));
  EXPECT_EQ(nested.Rows(), Lines{"limit: def:1: criteria nested too deep"});
}

TEST(UbuntuOval, RefusesTruncatedDocuments) {
  const std::string text = Oval("CVE", kCveTitle, Criterion(kFixed));
  for (const std::size_t size : {text.size() / 3, text.size() / 2, text.size() - 5}) {
    Reading reading;
    ExpectError(reading.Xml(text.substr(0, size)), ErrorKind::kCorrupt, "not XML");
  }
}

std::string Cve(std::string_view statuses, std::string_view package = "foo") {
  return Format(R"({{"cves":[{{"id":"CVE-2030-1","priority":"high","published":"2030-01-02T10:00:00","status":"active",
    "description":"\nBad.","updated_at":"2030-02-03T19:59:15.332794+00:00","references":["https://a.example"],
    "packages":[{{"name":"{}","ubuntu":"https://packages.ubuntu.com/search?keywords=foo","statuses":[{}]}}]}}],
    "limit":1,"offset":0,"total_results":1}})",
                package, statuses);
}

std::string Status(std::string_view codename, std::string_view status, std::string_view note = "",
                   std::string_view pocket = "security") {
  return Format(R"({{"component":null,"description":"{}","pocket":"{}","release_codename":"{}","status":"{}"}})", note,
                pocket, codename, status);
}

TEST(UbuntuStatuses, AreReadOneByOne) {
  Reading reading;
  std::string statuses;
  for (const std::string& status :
       {Status("trusty", "DNE"), Status("xenial", "ignored", "end of standard support"), Status("bionic", "deferred"),
        Status("focal", "released", "1.0-1ubuntu0.1"), Status("jammy", "pending", "1.1-1"), Status("noble", "needed"),
        Status("plucky", "needs-triage"), Status("upstream", "released", "1.2"), Status("devel", "needed"),
        Status("oracular", "not-affected", "1.2-1"), Status("jammy", "needed", "", "fips-updates"),
        Status("questing", "released", "see notes")})
    statuses += (statuses.empty() ? "" : ",") + status;
  Value(reading.Json(Cve(statuses)));
  EXPECT_EQ(reading.Rows(), (Lines{
                                "UBUNTU-CVE-2030-1: 16.04 foo wont-fix",
                                "UBUNTU-CVE-2030-1: 18.04 foo not-fixed",
                                "UBUNTU-CVE-2030-1: 20.04 foo fixed <1.0-1ubuntu0.1",
                                "UBUNTU-CVE-2030-1: 22.04 foo not-fixed <1.1-1",
                                "UBUNTU-CVE-2030-1: 24.04 foo not-fixed",
                                "UBUNTU-CVE-2030-1: 25.04 foo under-investigation",
                                "UBUNTU-CVE-2030-1: 24.10 foo not-affected",
                            }));
  const model::Advisory& cve = reading.End().advisories.at(0);
  EXPECT_EQ(cve.details, "Bad.");
  EXPECT_EQ(cve.severity, model::Severity::kHigh);
  EXPECT_EQ(cve.modified, "2030-02-03T19:59:15Z");
}

TEST(UbuntuPro, IsNoFixForWhoDoesNotHaveIt) {
  const std::string pro_fix = Status("xenial", "released", "1.0+esm1", "esm-infra");
  const std::pair<std::string, std::string_view> cases[] = {
      // What everybody gets counts.
      {pro_fix + "," + Status("xenial", "released", "1.1"), "16.04 foo fixed <1.1"},
      {pro_fix + "," + Status("xenial", "not-affected"), "16.04 foo not-affected"},
      // A version that only subscribers have.
      {pro_fix + "," + Status("xenial", "ignored", "end of standard support"), "16.04 foo wont-fix <1.0+esm1"},
      {pro_fix + "," + Status("xenial", "needed"), "16.04 foo wont-fix <1.0+esm1"},
      {pro_fix, "16.04 foo wont-fix <1.0+esm1"},
      {Status("xenial", "released", "1.0+esm1"), "16.04 foo wont-fix <1.0+esm1"},
      // Not affected there, and so nowhere.
      {Status("xenial", "not-affected", "", "esm-apps") + "," + Status("xenial", "ignored"), "16.04 foo not-affected"},
      // No fix for anybody.
      {Status("xenial", "needed", "", "esm-apps-legacy") + "," + Status("xenial", "ignored"), "16.04 foo wont-fix"},
      {Status("xenial", "needed", "", "esm-infra"), "16.04 foo not-fixed"},
  };
  for (const auto& [statuses, expected] : cases) {
    Reading reading;
    Value(reading.Json(Cve(statuses)));
    EXPECT_EQ(reading.Rows(), Lines{Format("UBUNTU-CVE-2030-1: {}", expected)}) << statuses;
  }
}

TEST(UbuntuStatuses, AreSkippedWhenBroken) {
  Reading reading;
  Value(reading.Json(Cve(Status("zurg", "needed") + "," + Status("zurg", "needed") + "," + Status("jammy", "lost") +
                         "," + Status("noble", "needed"))));
  EXPECT_EQ(reading.Rows(), (Lines{"unsupported: CVE-2030-1: unknown codename \"zurg\", here first",
                                   "unsupported: CVE-2030-1: unknown status \"lost\", here first"}));
  EXPECT_EQ(reading.End().advisories.at(0).affected.size(), 1U);
  Reading named;
  Value(named.Json(Cve(Status("jammy", "needed"), "Bad Name")));
  EXPECT_EQ(named.Rows(), Lines{"corrupt: CVE-2030-1: \"Bad Name\": not a package"});
  Reading half;
  Value(half.Json(R"({"cves":[{"id":"CVE-1","packages":[{"statuses":[],"ubuntu":"https://packages.ubuntu.com/"}]},
                              {"id":"GHSA-1","packages":[]},7]})"));
  EXPECT_EQ(half.End().problems.size(), 3U);
}

constexpr std::string_view kNotices = R"({"notices":[{"id":"USN-2-1","title":"Foo vulnerabilities","type":"USN",
  "cves_ids":["CVE-2030-1","CVE-2030-2"],"published":"2030-01-02T10:00:00","references":[],"description":"Bad.",
  "release_packages":{"jammy":[{"is_source":true,"name":"foo","version":"1.2"},
    {"is_source":false,"name":"libfoo1","pocket":"security","version":"1.2"}],
   "xenial":[{"is_source":true,"name":"foo","version":"1.0-216.227"},
    {"is_source":false,"name":"libfoo1","pocket":"esm-infra","version":"1.0.216"}],
   "warty":[{"is_source":false,"name":"libfoo1","version":""}]}},
  {"id":"LSN-1-1","cves_ids":[],"release_packages":{}}]})";

TEST(UbuntuNotices, SayTheirChannelWithTheBinaryPackages) {
  Reading reading;
  Value(reading.Json(kNotices));
  EXPECT_EQ(reading.Rows(), (Lines{"USN-2-1: 22.04 foo fixed <1.2", "USN-2-1: 16.04 foo wont-fix <1.0-216.227"}));
  EXPECT_EQ(reading.End().advisories.at(0).related, (Lines{"CVE-2030-1", "CVE-2030-2"}));
  EXPECT_EQ(reading.End().left_out, 1);
}

TEST(UbuntuNotices, AreReadFromTheDatabase) {
  Reading reading;
  Value(reading.Json(R"({"2-1":{"id":"2-1","title":"Foo","isummary":"x","cves":["CVE-2030-1","https://launchpad.net/1"],
    "releases":{"jammy":{"sources":{"foo":{"version":"1.2","description":"x"}},
                         "binaries":{"libfoo1":{"pocket":"security","version":"1.2"}}},
                "zurg":{}}},"3-1":[]})"));
  EXPECT_EQ(reading.Rows(), (Lines{"unsupported: USN-2-1: unknown codename \"zurg\", here first",
                                   "corrupt: \"USN-\" is no record of a notice"}));
  ASSERT_EQ(reading.End().advisories.size(), 1U);
  EXPECT_EQ(reading.End().advisories[0].related, Lines{"CVE-2030-1"});
}

// CVE-2030-2 was fixed before the notice.
TEST(UbuntuNotices, GiveWayToWhatIsKnownOfTheirVulnerabilities) {
  const auto osv = [](std::string_view cve, std::string_view fixed) {
    return Format(R"({{"id":"UBUNTU-{}","affected":[{{"package":{{"ecosystem":"Ubuntu:22.04:LTS","name":"foo"}},
      "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{}"}}]}}]}}]}})",
                  cve, fixed);
  };
  Reading known;
  Value(known.Json(kNotices));
  Value(known.Json(osv("CVE-2030-1", "1.2")));
  Value(known.Json(osv("CVE-2030-2", "1.1")));
  EXPECT_EQ(known.Rows(), (Lines{"USN-2-1: 16.04 foo wont-fix <1.0-216.227", "UBUNTU-CVE-2030-1: 22.04 foo fixed <1.2",
                                 "UBUNTU-CVE-2030-2: 22.04 foo fixed <1.1"}));
  // Of one of them nothing is known; and nothing else is known.
  for (const auto& [cve, fixed] : {std::pair("CVE-2030-1", "1.1"), std::pair("CVE-2030-2", "1.2")}) {
    Reading partly;
    Value(partly.Json(kNotices));
    Value(partly.Json(osv(cve, fixed)));
    EXPECT_EQ(partly.Rows().size(), 3U);
  }
}

TEST(UbuntuOsv, SharesItsAdvisoryWithTheOtherForms) {
  constexpr std::string_view kOsv = R"({"id":"UBUNTU-CVE-2030-1","details":"Bad.","modified":"2030-05-01T00:00:00Z",
    "upstream":["CVE-2030-1"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N"}],
    "references":[{"type":"REPORT","url":"https://a.example"}],"affected":[
    {"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"foo"},"ecosystem_specific":{"ubuntu_priority":"medium"},
     "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"versions":["1.0","1.0ubuntu1"]},
    {"package":{"ecosystem":"Ubuntu:Pro:22.04:LTS","name":"foo"},"ecosystem_specific":{"ubuntu_priority":"medium"},
     "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0ubuntu1+esm1"}]}]},
    {"package":{"ecosystem":"Ubuntu:Pro:FIPS:22.04:LTS","name":"foo"},
     "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0fips"}]}]},
    {"package":{"ecosystem":"Ubuntu:Pro:22.04:LTS","name":"linux"},
     "ecosystem_specific":{"availability":"Livepatch subscription required"},
     "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"6"}]}]},
    {"package":{"ecosystem":"Ubuntu:24.04:LTS","name":"foo"},"ecosystem_specific":{"ubuntu_priority":"low"},
     "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]}]})";
  constexpr std::string_view kVex =
      R"({"metadata":{"@context":"https://openvex.dev/ns/v0.2.0","author":"Canonical Ltd."},
    "statements":[{"vulnerability":{"name":"CVE-2030-1","description":"Bad."},"timestamp":"2030-02-05",
     "status":"not_affected","products":[{"@id":"pkg:deb/ubuntu/foo@0.9?arch=source&distro=esm-infra/focal"},
       {"@id":"pkg:deb/ubuntu/libfoo1@0.9?arch=amd64"}]}]})";
  Reading reading;
  Value(reading.Json(kOsv));
  Value(reading.Json(kVex));
  EXPECT_EQ(reading.Rows(),
            (Lines{"UBUNTU-CVE-2030-1: 22.04 foo wont-fix <1.0ubuntu1+esm1",
                   "UBUNTU-CVE-2030-1: 24.04 foo fixed <2.0 Low", "UBUNTU-CVE-2030-1: 20.04 foo not-affected"}));
  EXPECT_EQ(reading.End().advisories.at(0).severity, model::Severity::kMedium);
  EXPECT_EQ(reading.End().advisories.at(0).cvss.at(0).version, "3.1");
}

TEST(Ubuntu, KeepsItsLimits) {
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list.append(i == 0 ? "" : ",").append(text);
    return list;
  };
  Reading references;
  ExpectError(references.Json(Format(R"({{"id":"UBUNTU-CVE-2030-1","affected":[],"references":[{}]}})",
                                     repeated(R"({"url":"https://a.example"})", kUbuntuReferencesMax + 1))),
              ErrorKind::kLimit, "a list of 20001");
  ExpectError(references.Json(Format(R"({{"id":"USN-1-1","affected":[{{"package":{{"ecosystem":"Ubuntu:22.04:LTS"}}}}],
                                         "related":[{}]}})",
                                     repeated(R"("CVE-2030-1")", kUbuntuReferencesMax + 1))),
              ErrorKind::kLimit, "a list of 20001");
  // Two documents that have too many together: the rest is kept.
  const std::string half = Format(
      R"({{"id":"UBUNTU-CVE-2030-1","references":[{}],"affected":[{{"package":{{"ecosystem":"Ubuntu:24.10","name":"foo"}},
          "ranges":[{{"events":[{{"introduced":"0"}},{{"fixed":"1.0"}}]}}]}}]}})",
      repeated(R"({"url":"https://a.example"})", kUbuntuReferencesMax - 100));
  Reading together;
  Value(together.Json(half));
  Value(together.Json(half));
  EXPECT_EQ(together.Rows(), Lines{"limit: UBUNTU-CVE-2030-1: more than 20000 references"});
  EXPECT_EQ(together.End().advisories.at(0).affected.size(), 1U);
  // A file of the tracker tells only so many of its bad lines.
  std::string lines = "Candidate: CVE-2030-1\nPublicDate: 2030-01-02\njammy_foo: needed\n";
  for (int i = 0; i < 1'000; ++i) lines += "zurg_foo: needed\n";
  Reading tracker;
  Value(tracker.Text(lines));
  EXPECT_EQ(tracker.End().problems.size(), 101U);
  EXPECT_EQ(tracker.End().problems.back(), "unsupported: CVE-2030-1: 900 more lines");
}

// What a notice says of a package in more versions than one ever had stays as it is.
TEST(UbuntuNotices, GiveWayOnlyWhereTheyAreCredible) {
  const auto notice = [](std::size_t versions) {
    std::string affected;
    for (std::size_t i = 0; i < versions; ++i)
      affected += Format(R"({}{{"package":{{"ecosystem":"Ubuntu:22.04:LTS","name":"foo"}},
          "ranges":[{{"events":[{{"introduced":"0"}},{{"fixed":"1.{}"}}]}}]}})",
                         i == 0 ? "" : ",", i);
    return Format(R"({{"id":"USN-1-1","upstream":["CVE-2030-1"],"affected":[{}]}})", affected);
  };
  for (const auto& [versions, expected] :
       {std::pair(kUbuntuVersionsMax, std::size_t{1}), std::pair(kUbuntuVersionsMax + 1, kUbuntuVersionsMax + 2)}) {
    Reading reading;
    Value(reading.Json(notice(versions)));
    Value(reading.Json(Cve(Status("jammy", "released", "0.9"))));
    EXPECT_EQ(reading.Rows().size(), expected);
  }
}

TEST(UbuntuOsv, RefusesWhatIsNotBeforeAVersion) {
  for (const std::string_view events :
       {R"({"introduced":"1"},{"fixed":"2"})", R"({"introduced":"0"},{"last_affected":"2"})",
        R"({"introduced":"0"},{"fixed":"no version"})", R"({"introduced":"0"},{"fixed":"1"},{"fixed":"2"})"}) {
    Reading reading;
    Value(reading.Json(Format(R"({{"id":"UBUNTU-CVE-2030-1","affected":[{{"package":{{"ecosystem":"Ubuntu:24.10",
        "name":"foo"}},"ranges":[{{"events":[{}]}}]}}]}})",
                              events)));
    EXPECT_EQ(reading.Rows(), Lines{"unsupported: UBUNTU-CVE-2030-1: a range that is not \"before a version\""});
  }
  Reading reading;
  ExpectError(reading.Json(R"({"id":"UBUNTU-CVE-x","affected":[]})"), ErrorKind::kCorrupt, "no id");
  Value(reading.Json(R"({"id":"UBUNTU-CVE-1-1","affected":[],"withdrawn":"2030-01-01T00:00:00Z"})"));
  EXPECT_EQ(reading.End().left_out, 1);
}

TEST(UbuntuVex, ReadsEachStatus) {
  const auto vex = [](std::string_view status, std::string_view distro = "jammy", std::string_view version = "1.0") {
    return Format(R"({{"@context":"https://openvex.dev/ns/v0.2.0","author":"Canonical Ltd.","statements":[{{
      "vulnerability":{{"name":"CVE-2030-1"}},"status":{},
      "products":[{{"@id":"pkg:deb/ubuntu/foo@{}?arch=source&distro={}"}}]}}]}})",
                  status, version, distro);
  };
  const std::tuple<std::string, std::string_view> cases[] = {
      {vex(R"("fixed")"), "UBUNTU-CVE-2030-1: 22.04 foo fixed <1.0"},
      {vex(R"("fixed")", "esm-apps/jammy"), "UBUNTU-CVE-2030-1: 22.04 foo wont-fix <1.0"},
      {vex(R"("affected","action_statement":"… is vulnerable to the CVE and needs fixing.")"),
       "UBUNTU-CVE-2030-1: 22.04 foo not-fixed"},
      {vex(R"("affected","action_statement":"… but the Ubuntu Security Team decided to not fix it.")"),
       "UBUNTU-CVE-2030-1: 22.04 foo wont-fix"},
      {vex(R"("affected","action_statement":"This package (for the given release) is no longer supported.")"),
       "UBUNTU-CVE-2030-1: 22.04 foo wont-fix"},
      {vex(R"("under_investigation")"), "UBUNTU-CVE-2030-1: 22.04 foo under-investigation"},
      {vex(R"("under_investigation","status_notes":"The vulnerability is known but remediation is deferred.")"),
       "UBUNTU-CVE-2030-1: 22.04 foo not-fixed"},
      {vex(R"("not_affected")"), "UBUNTU-CVE-2030-1: 22.04 foo not-affected"},
      {vex(R"("perhaps")"), "unsupported: CVE-2030-1: unknown status \"perhaps\""},
      {vex(R"("fixed")", "jammy", ""), "corrupt: CVE-2030-1: foo fixed in no version"},
      {vex(R"("fixed")", "zurg"), "unsupported: CVE-2030-1: unknown codename \"zurg\", here first"},
  };
  for (const auto& [text, expected] : cases) {
    Reading reading;
    Value(reading.Json(text));
    EXPECT_EQ(reading.Rows(), Lines{std::string(expected)}) << text;
  }
  for (const std::string& text :
       {vex(R"("fixed")", "realtime/jammy"), vex(R"("not_affected","justification":"component_not_present")")}) {
    Reading reading;
    Value(reading.Json(text));
    EXPECT_EQ(reading.Rows(), Lines());
  }
  Reading rated;
  Value(rated.Json(vex(R"("fixed","status_notes":"… classified this CVE as of Negligible priority.")")));
  EXPECT_EQ(rated.End().advisories.at(0).severity, model::Severity::kNegligible);
  // The version of a product is the archive's, which may be above the first that is fixed.
  Reading exact;
  Value(exact.Json(vex(R"("fixed")", "jammy", "1.0-1ubuntu0.3")));
  Value(exact.Json(Cve(Status("jammy", "released", "1.0-1ubuntu0.1"))));
  EXPECT_EQ(exact.Rows(), Lines{"UBUNTU-CVE-2030-1: 22.04 foo fixed <1.0-1ubuntu0.1"});
}

TEST(UbuntuTracker, ReadsAFile) {
  Reading reading;
  Value(reading.Text(R"(Candidate: CVE-2030-1
PublicDate: 2030-01-02 04:15:00 UTC
References:
 https://a.example
 not a link
Description:
 An issue
 was found.
Notes:
 someone> text: with a colon
Priority: medium
 Reason
CVSS:
 nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H [5.5 MEDIUM]

Patches_foo:
 break-fix: a b
Tags_foo: universe-binary
Priority_foo_jammy: low
upstream_foo: needs-triage
trusty_foo: ignored (out of standard support)
trusty/esm_foo: released (1.0+esm1)
esm-infra/xenial_foo: needs-triage
bionic_foo: DNE
fips-updates/focal_foo: needed
focal_foo: released (1.2)
jammy_foo: not-affected (1.3)
devel_foo: needed
zurg_foo: needed
noble_foo: perhaps (not)
)"));
  EXPECT_EQ(reading.Rows(), (Lines{"unsupported: CVE-2030-1: zurg: no known release and package",
                                   "unsupported: CVE-2030-1: noble: unknown status \"perhaps\""}));
  const model::Advisory& cve = reading.End().advisories.at(0);
  EXPECT_EQ(cve.details, "An issue was found.");
  EXPECT_EQ(cve.severity, model::Severity::kMedium);
  EXPECT_EQ(cve.published, "2030-01-02T04:15:00Z");
  EXPECT_EQ(cve.references.size(), 2U);
  Lines rows;
  for (const auto& row : cve.affected) rows.push_back(Format("{} {}", row.release, model::FixStateName(row.fix_state)));
  EXPECT_EQ(rows, (Lines{"14.04 wont-fix", "16.04 under-investigation", "20.04 fixed", "22.04 not-affected"}));
}

TEST(Ubuntu, IsToldFromOthers) {
  const auto provider = MakeUbuntuProvider();
  for (const std::string_view json :
       {R"({"id":"GHSA-1","affected":[]})", R"({"id":"USN-1","affected":[{"package":{"ecosystem":"Debian:12"}}]})",
        R"({"@context":"https://openvex.dev/ns/v0.2.0","author":"Somebody","statements":[]})", R"({"cves":[]})",
        R"({"libfoo":{"CVE-2030-1":{"releases":{}}}})", "[]", R"("Ubuntu")", R"({"id":"CVE-2030-1","packages":[]})"}) {
    const auto tree = Value(io::JsonDocument::Parse(json));
    EXPECT_FALSE(provider->Recognises({.name = "x", .source = "x", .text = json, .root = tree.Root()})) << json;
  }
  for (const std::string_view text : {"", "Candidate:\nPublicDate:\n", "Candidate: CVE-2030-1\n", "text"})
    EXPECT_FALSE(
        provider->Recognises({.name = "x", .source = "x", .notation = Notation::kText, .text = text, .root = {}}));
  test::AdvisoryRecorder recorder;
  ExpectError(provider->Read({.name = "x", .source = "x", .text = "", .root = {}}, recorder), ErrorKind::kUnsupported,
              "none of Ubuntu's forms");
}

TEST(Ubuntu, ReadsItsTimes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"2023-12-18 15:00:00 UTC", "2023-12-18T15:00:00Z"}, {"2025-02-05", "2025-02-05T00:00:00Z"},
      {"2004-10-23T01:17:50", "2004-10-23T01:17:50Z"},     {"20231218", ""},
      {"2023-12-18 25", "2023-12-18T00:00:00Z"},           {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(UbuntuTime(text), expected);
}

}  // namespace
}  // namespace holdfast::advisory
