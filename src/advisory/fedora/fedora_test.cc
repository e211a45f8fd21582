#include "advisory/fedora/fedora.h"

#include <gtest/gtest.h>

#include "advisory/fedora/release.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Strings = std::vector<std::string>;

struct Said {
  std::string_view id = "FEDORA-2030-aa", status = "stable", type = "security", release = "Fedora 43";
  std::string_view bugs = R"({"bug_id":7,"title":"CVE-2030-1234 lib: overflow [fedora-all]","security":true})";
  std::string_view builds = R"({"epoch":1,"nvr":"lib-2-1.fc43","type":"rpm"})";
  std::string_view severity = "urgent";
};

std::string Bodhi(const Said& said) {
  return Format(
      R"([{{"alias":"{}","status":"{}","type":"{}","severity":"{}","title":"lib-2-1","bugs":[{}],"builds":[{}],
"release":{{"id_prefix":"FEDORA","long_name":"{}"}},"date_submitted":"2030-01-01 00:00:00","date_modified":null,
"date_pushed":"2030-01-03 00:00:00","notes":"Fixes CVE-2030-9999","url":"https://bodhi/x"}}])",
      said.id, said.status, said.type, said.severity, said.bugs, said.builds, said.release);
}

std::string Updateinfo(std::string_view release, std::string_view package) {
  return Format(R"(<updates><update from="updates@fedoraproject.org" status="stable" type="security" version="2.0">
<id>FEDORA-2030-aa</id><title>lib</title><issued date="2030-01-01 00:00:00"/><updated date="2030-01-02 00:00:00"/>
<release>{}</release><severity>None</severity><description>Fixes CVE-2030-9999</description><references/>
<pkglist><collection short="F"><name>x</name>{}</collection></pkglist></update></updates>)",
                release, package);
}

std::string Row(const model::Affected& row) {
  return Format("{}:{} {}{}{} {} {}{}", row.ecosystem, row.release, row.package, row.architecture.empty() ? "" : ".",
                row.architecture, *row.ranges.at(0).fixed, model::FixStateName(row.fix_state),
                row.module_label.empty() ? "" : Format(" {}", row.module_label));
}

Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected) rows.push_back(Row(row));
  return rows;
}

test::AdvisoryRecorder OfJson(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeFedoraProvider();
  EXPECT_TRUE(sink.ReadJson(*provider, text));
  return sink;
}

test::AdvisoryRecorder OfXml(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeFedoraProvider();
  EXPECT_TRUE(sink.ReadXml(*provider, text));
  return sink;
}

TEST(Fedora, ReadsBodhi) {
  const auto sink = OfJson(Bodhi({}));
  EXPECT_TRUE(sink.recognised);
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.id, "FEDORA-2030-aa");
  EXPECT_EQ(advisory.source, "fedora");
  EXPECT_EQ(advisory.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(advisory.severity, model::Severity::kCritical);
  EXPECT_EQ(advisory.published, "2030-01-01T00:00:00Z");
  EXPECT_EQ(advisory.modified, "2030-01-03T00:00:00Z");
  EXPECT_EQ(advisory.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://bodhi/x"},
                                           {"REPORT", "https://bugzilla.redhat.com/show_bug.cgi?id=7"}}));
  EXPECT_EQ(Rows(sink), Strings{"Fedora:43 lib.src 1:2-1.fc43 fixed"});
}

TEST(Fedora, ReadsPagesOfTheApi) {
  const std::string list = Bodhi({});
  EXPECT_EQ(Rows(OfJson(Format(R"({{"page":1,"updates":{}}})", list))), Strings{"Fedora:43 lib.src 1:2-1.fc43 fixed"});
}

TEST(Fedora, NotesCountWhereNoBugNamesACve) {
  EXPECT_EQ(OfJson(Bodhi({.bugs = ""})).advisories.at(0).related, Strings{"CVE-2030-9999"});
}

TEST(Fedora, StagesOfAnUpdate) {
  EXPECT_EQ(Rows(OfJson(Bodhi({.status = "testing"}))), Strings{"Fedora:43 lib.src 1:2-1.fc43 not-fixed"});
  EXPECT_EQ(Rows(OfJson(Bodhi({.status = "pending"}))), Strings{"Fedora:43 lib.src 1:2-1.fc43 not-fixed"});
  for (const std::string_view status : {"obsolete", "unpushed", ""})
    EXPECT_EQ(OfJson(Bodhi({.status = status})).left_out, 1) << status;
  EXPECT_EQ(OfJson(Bodhi({.type = "bugfix"})).left_out, 1);
}

TEST(Fedora, LeavesOutWhatIsNoPackage) {
  for (const std::string_view type : {"module", "flatpak", "container"}) {
    const std::string build = Format(R"({{"nvr":"lib-2-1","type":"{}"}})", type);
    const auto sink = OfJson(Bodhi({.builds = build}));
    EXPECT_EQ(sink.left_out, 1) << type;
    EXPECT_TRUE(sink.advisories.empty());
  }
  EXPECT_EQ(OfJson(Bodhi({.release = "Fedora EPEL 9 Next"})).left_out, 1);
}

TEST(Fedora, NamesReleases) {
  const auto of = [](std::string_view name) {
    const auto release = ParseFedoraRelease(name);
    return release ? Format("{}:{}", release->ecosystem, release->release) : std::string("none");
  };
  EXPECT_EQ(of("Fedora 43"), "Fedora:43");
  EXPECT_EQ(of("Fedora 38 Modular"), "Fedora:38");
  EXPECT_EQ(of("Fedora EPEL 6"), "EPEL:6");
  EXPECT_EQ(of("Fedora EPEL 10.1"), "EPEL:10");
  EXPECT_EQ(of("Fedora EPEL 8 Modular"), "EPEL:8");
  for (const std::string_view other :
       {"Fedora EPEL 9 Next", "Fedora 29 Containers", "Fedora 38 Flatpaks", "Fedora ELN", "Fedora ", "Fedora", "",
        "Fedora 43.1", "Fedora EPEL 10.", "Fedora 12345", "Rocky Linux 9"})
    EXPECT_EQ(of(other), "none") << other;
}

TEST(Fedora, MinorReleasesOfEpelShareBuilds) {
  EXPECT_EQ(FedoraFix({"EPEL", "10"}, "2-1.el10_1"), "2-1.el10");
  EXPECT_EQ(FedoraFix({"EPEL", "10"}, "2-1.el10_1.2"), "2-1.el10_1.2");
  EXPECT_EQ(FedoraFix({"EPEL", "9"}, "2-1.el9"), "2-1.el9");
  EXPECT_EQ(FedoraFix({"EPEL", "10"}, "2-1.el10_"), "2-1.el10_");
  EXPECT_EQ(FedoraFix({"Fedora", "10"}, "2-1.el10_1"), "2-1.el10_1");
}

TEST(Fedora, ReadsUpdateinfo) {
  const auto sink = OfXml(Updateinfo("Fedora EPEL 9", R"(
<package name="lib" version="2" release="1.el9" epoch="1" arch="src"/>
<package name="lib" version="2" release="1.el9" epoch="1" arch="x86_64"/>
<package name="lib-devel" version="2" release="1.el9" epoch="1" arch="i686"/>
<package name="lib-debuginfo" version="2" release="1.el9" epoch="1" arch="x86_64"/>)"));
  EXPECT_TRUE(sink.recognised);
  EXPECT_EQ(Rows(sink), (Strings{"EPEL:9 lib 1:2-1.el9 fixed", "EPEL:9 lib-devel 1:2-1.el9 fixed"}));
  EXPECT_EQ(sink.advisories.at(0).severity, model::Severity::kUnknown);
  EXPECT_EQ(sink.advisories.at(0).related, Strings{"CVE-2030-9999"});
}

TEST(Fedora, BinaryPackagesOutweighSources) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeFedoraProvider();
  const std::string json = Bodhi({.status = "testing"});
  const auto tree = Value(io::JsonDocument::Parse(json));
  ASSERT_TRUE(provider->Read(
      {.name = "x", .source = "x", .notation = Notation::kJson, .text = json, .root = tree.Root()}, sink));
  ASSERT_TRUE(sink.ReadXml(*provider, Updateinfo("Fedora 43 Modular", R"(<module name="m" stream="1"/>
<package name="lib-libs" version="2" release="1.module_f43+1+ab" epoch="0" arch="x86_64"/>)")));
  EXPECT_EQ(Rows(sink), Strings{"Fedora:43 lib-libs 2-1.module_f43+1+ab fixed m:1"});
  EXPECT_EQ(sink.advisories.at(0).related, (Strings{"CVE-2030-1234", "CVE-2030-9999"}));
}

TEST(Fedora, NamesBrokenUpdates) {
  EXPECT_EQ(OfJson(Bodhi({.builds = R"({"nvr":"lib","type":"rpm"})"})).problems,
            Strings{"corrupt: FEDORA-2030-aa: \"lib\" is not name-version-release"});
  EXPECT_EQ(OfJson(Bodhi({.builds = R"({"nvr":"lib-2-1","epoch":-3,"type":"rpm"})"})).problems,
            Strings{"corrupt: FEDORA-2030-aa: \"-3:2-1\" is no version"});
  EXPECT_EQ(OfJson(Bodhi({.id = "a b"})).problems, Strings{"corrupt: a b: an update without a usable alias"});
  EXPECT_EQ(OfJson(Bodhi({.release = "Nobara 40"})).problems,
            Strings{"corrupt: FEDORA-2030-aa: of the release \"Nobara 40\""});
  std::string builds = R"({"nvr":"lib-2-1"})";
  for (int i = 0; i < 10'000; ++i) builds += R"(,{"nvr":"lib-2-1"})";
  EXPECT_EQ(OfJson(Bodhi({.builds = builds})).problems, Strings{"limit: FEDORA-2030-aa: too many builds"});
}

TEST(Fedora, KnowsItsOwnDocuments) {
  for (const std::string_view other : {"{}", "[]", "[1]", R"({"updates":[]})", R"([{"alias":"x","builds":[]}])",
                                       R"([{"alias":"x","builds":[],"release":{"id_prefix":"OTHER"}}])"}) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeFedoraProvider();
    (void)sink.ReadJson(*provider, other);
    EXPECT_FALSE(sink.recognised) << other;
    EXPECT_TRUE(sink.advisories.empty()) << other;
  }
  test::AdvisoryRecorder sink;
  const auto provider = MakeFedoraProvider();
  ExpectError(sink.ReadJson(*provider, "{}"), ErrorKind::kCorrupt);
  ExpectError(sink.ReadXml(*provider, Updateinfo("Fedora 43", "").substr(0, 200)), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::advisory
