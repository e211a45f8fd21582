#include "advisory/rocky/rocky.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using Strings = std::vector<std::string>;

constexpr std::string_view kCve =
    R"({"cve":"CVE-2030-1234","cvss3_scoring_vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H","cwe":"CWE-770"})";

std::string Package(std::string_view nevra, std::string_view product = "Rocky Linux 9 x86_64",
                    std::string_view module = "null", std::string_view stream = "null") {
  return Format(R"({{"nevra":"{}","product_name":"{}","module_name":{},"module_stream":{}}})", nevra, product, module,
                stream);
}

std::string Page(std::string_view packages, std::string_view cves = kCve, std::string_view kind = "Security",
                 std::string_view name = "RLSA-2030:1") {
  return Format(R"({{"advisories":[{{"name":"{}","kind":"{}","synopsis":"Moderate: lib update","description":"d",
"severity":"Moderate","published_at":"2030-01-01T00:00:00Z","updated_at":"2030-01-02T00:00:00Z","cves":[{}],
"fixes":[{{"source":"https://bug"}}],"packages":[{}]}}],"total":1,"page":1}})",
                name, kind, cves, packages);
}

std::string Updateinfo(std::string_view id, std::string_view release, std::string_view collection,
                       std::string_view type = "security") {
  return Format(R"(<updates><update from="releng@rockylinux.org" status="final" type="{}" version="2"><id>{}</id>
<title>t</title><release>{}</release><severity>None</severity><references/><pkglist><collection short="{}"><name>n</name>
<package name="lib" arch="x86_64" epoch="1" version="2" release="3.el9" src="lib-2-3.el9.src.rpm"/></collection></pkglist>
</update></updates>)",
                type, id, release, collection);
}

Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected)
      rows.push_back(Format("{} {}:{} {} {} [{}] [{}]", advisory.id, row.ecosystem, row.release, row.package,
                            *row.ranges.at(0).fixed, row.architecture, row.module_label));
  return rows;
}

test::AdvisoryRecorder OfJson(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeRockyProvider();
  EXPECT_TRUE(sink.ReadJson(*provider, text));
  return sink;
}

test::AdvisoryRecorder OfXml(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeRockyProvider();
  EXPECT_TRUE(sink.ReadXml(*provider, text));
  EXPECT_TRUE(sink.recognised);
  return sink;
}

TEST(Rocky, ReadsErrata) {
  const auto sink = OfJson(Page(Package("lib-1:2-3.el9.x86_64.rpm") + "," + Package("lib-1:2-3.el9.src.rpm") + "," +
                                Package("lib-1:2-3.el9.aarch64.rpm", "Rocky Linux 9.1 aarch64 (Legacy)")));
  EXPECT_TRUE(sink.recognised);
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.source, "rocky");
  EXPECT_EQ(advisory.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.modified, "2030-01-02T00:00:00Z");
  EXPECT_EQ(advisory.cwes, Strings{"CWE-770"});
  ASSERT_EQ(advisory.cvss.size(), 1U);
  EXPECT_EQ(advisory.cvss[0].version, "3.1");
  EXPECT_EQ(advisory.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://errata.rockylinux.org/RLSA-2030:1"},
                                           {"REPORT", "https://bug"}}));
  EXPECT_EQ(Rows(sink), Strings{"RLSA-2030:1 Rocky Linux:9 lib 1:2-3.el9 [] []"});
}

TEST(Rocky, KeepsModulesAndMajorReleasesApart) {
  EXPECT_EQ(Rows(OfJson(
                Page(Package("lib-2-3.module+el8.x86_64.rpm", "Rocky Linux 8.4 x86_64 (Legacy)", R"("m")", R"("1.0")") +
                     "," + Package("lib-0:2-3.el9.x86_64.rpm")))),
            (Strings{"RLSA-2030:1 Rocky Linux:8 lib 2-3.module+el8 [] [m:1.0]",
                     "RLSA-2030:1 Rocky Linux:9 lib 2-3.el9 [] []"}));
}

TEST(Rocky, ScoresOfSeveralCvesAreOfNone) {
  const auto sink = OfJson(Page(Package("lib-2-3.el9.x86_64.rpm"), Format(R"({},{{"cve":"CVE-2030-5678"}})", kCve)));
  EXPECT_TRUE(sink.advisories.at(0).cvss.empty());
  EXPECT_EQ(sink.advisories.at(0).related, (Strings{"CVE-2030-1234", "CVE-2030-5678"}));
}

TEST(Rocky, ReadsUpdateinfo) {
  const Strings nine{"RLSA-2030:1 Rocky Linux:9 lib 1:2-3.el9 [] []"};
  EXPECT_EQ(Rows(OfXml(Updateinfo("RLSA-2030:1", "Rocky Linux 9", "rocky-linux-9-x86-64-baseos-rpms"))), nine);
  EXPECT_EQ(Rows(OfXml(Updateinfo("RLSA-2030:1", "0", "rocky-linux-9-x86-64-baseos-rpms"))), nine);
  EXPECT_EQ(Rows(OfXml(Updateinfo("RLSA-2030:1", "Rocky Linux 9", "baseos"))), nine);
}

TEST(Rocky, LeavesOutFixesOfBugs) {
  EXPECT_EQ(OfJson(Page(Package("lib-2-3.el9.x86_64.rpm"), "", "Bug Fix", "RLBA-2030:1")).left_out, 1);
  EXPECT_EQ(OfXml(Updateinfo("RLBA-2030:1", "Rocky Linux 9", "", "bugfix")).left_out, 1);
}

TEST(Rocky, NamesBrokenErrata) {
  EXPECT_EQ(OfJson(Page(Package("lib"))).problems, Strings{"corrupt: RLSA-2030:1: \"lib\" names no architecture"});
  EXPECT_EQ(OfJson(Page(Package("lib-2-3.el9.x86_64.rpm", "Fedora 9"))).problems,
            Strings{"corrupt: RLSA-2030:1: lib of the product \"Fedora 9\""});
  EXPECT_EQ(OfJson(Page("1")).problems, Strings{"corrupt: RLSA-2030:1: \"\" names no architecture"});
  EXPECT_EQ(OfJson(Page("", kCve, "Security", "NOT-ROCKY")).problems,
            Strings{"corrupt: NOT-ROCKY: not an id of Rocky Linux's"});
  EXPECT_EQ(OfXml(Updateinfo("NOT-ROCKY", "Rocky Linux 9", "")).problems,
            Strings{"corrupt: NOT-ROCKY: not an id of Rocky Linux's"});
  EXPECT_EQ(OfXml(Updateinfo("RLSA-2030:1", "0", "")).problems, Strings{"corrupt: RLSA-2030:1: of the release \"0\""});
  std::string many = "1";
  for (int i = 0; i < 200'000; ++i) many += ",1";
  EXPECT_EQ(OfJson(Page(many)).problems, Strings{"limit: RLSA-2030:1: too many packages"});
}

TEST(Rocky, KnowsItsOwnDocuments) {
  for (const std::string_view other :
       {"[]", "{}", R"({"advisories":[]})", R"({"advisories":[{"name":"ALSA-1","kind":"Security","packages":[]}]})",
        R"({"advisories":[{"name":"RLSA-1","packages":[]}]})"}) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeRockyProvider();
    (void)sink.ReadJson(*provider, other);
    EXPECT_FALSE(sink.recognised) << other;
  }
  test::AdvisoryRecorder sink;
  const auto provider = MakeRockyProvider();
  ExpectError(sink.ReadJson(*provider, "{}"), ErrorKind::kCorrupt);
  ExpectError(sink.ReadXml(*provider, Updateinfo("RLSA-2030:1", "Rocky Linux 9", "").substr(0, 200)),
              ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::advisory
