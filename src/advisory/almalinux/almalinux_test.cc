#include "advisory/almalinux/almalinux.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using Strings = std::vector<std::string>;

std::string Package(std::string_view name, std::string_view version, std::string_view arch,
                    std::string_view module = "") {
  return Format(R"({{"name":"{}","epoch":"1","version":"{}","release":"3.el9","arch":"{}"{}}})", name, version, arch,
                module.empty() ? "" : Format(R"(,"module":"{}")", module));
}

constexpr std::string_view kSelf =
    R"({"id":"ALSA-2030-1","type":"self","href":"https://errata.almalinux.org/9/ALSA-2030-1.html"})";

std::string Errata(std::string_view packages, std::string_view type = "security", std::string_view id = "ALSA-2030:1",
                   std::string_view self = kSelf) {
  return Format(R"({{"schema_version":"1.0","data":[{{"id":"{}","issued_date":1572983623,"updated_date":1651142818,
"severity":"Moderate","title":"Moderate: lib update","description":"d","type":"{}","packages":[{}],"modules":[],
"references":[{{"id":"CVE-2030-1234","type":"cve","href":"https://vulners.com/cve/CVE-2030-1234"}},{}]}}]}})",
                id, type, packages, self);
}

std::string Updateinfo(std::string_view id, std::string_view collection) {
  return Format(R"(<updates><update from="packager@almalinux.org" status="final" type="security" version="1"><id>{}</id>
<title>t</title><release>0</release><severity>Important</severity><references/><pkglist><collection short="{}"><name>n</name>
<package name="lib" version="2" release="3.el9" epoch="1" arch="x86_64" src="s"/></collection></pkglist></update></updates>)",
                id, collection);
}

Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected)
      rows.push_back(Format("{} {}:{} {} {} [{}] [{}]", advisory.id, row.ecosystem, row.release, row.package,
                            *row.ranges.at(0).fixed, row.architecture, row.module_label));
  return rows;
}

test::AdvisoryRecorder Of(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeAlmaLinuxProvider();
  if (text.starts_with('<'))
    EXPECT_TRUE(sink.ReadXml(*provider, text));
  else
    EXPECT_TRUE(sink.ReadJson(*provider, text));
  return sink;
}

TEST(AlmaLinux, ReadsErrata) {
  const auto sink = Of(Errata(Package("lib", "2", "x86_64") + "," + Package("lib", "2", "aarch64")));
  EXPECT_TRUE(sink.recognised);
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.source, "almalinux");
  EXPECT_EQ(advisory.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.published, "2019-11-05T19:53:43Z");
  EXPECT_EQ(advisory.modified, "2022-04-28T10:46:58Z");
  EXPECT_EQ(advisory.references,
            (std::vector<model::Reference>{{"WEB", "https://vulners.com/cve/CVE-2030-1234"},
                                           {"ADVISORY", "https://errata.almalinux.org/9/ALSA-2030-1.html"}}));
  EXPECT_EQ(Rows(sink), Strings{"ALSA-2030:1 AlmaLinux:9 lib 1:2-3.el9 [] []"});
}

TEST(AlmaLinux, KeepsStreamsAndArchitecturesApart) {
  EXPECT_EQ(Rows(Of(Errata(Package("lib", "2", "x86_64", "m:1:8050:ab:x86_64") + "," +
                           Package("lib", "3", "aarch64", "m:1:8050:ab:aarch64") + "," +
                           Package("lib", "4", "x86_64", "m:2:8050:ab:x86_64")))),
            (Strings{"ALSA-2030:1 AlmaLinux:9 lib 1:2-3.el9 [x86_64] [m:1]",
                     "ALSA-2030:1 AlmaLinux:9 lib 1:3-3.el9 [aarch64] [m:1]",
                     "ALSA-2030:1 AlmaLinux:9 lib 1:4-3.el9 [] [m:2]"}));
}

TEST(AlmaLinux, ReadsUpdateinfo) {
  EXPECT_EQ(Rows(Of(Updateinfo("ALSA-2030:1", "almalinux-9-for-x86_64-appstream-rpms__9_default"))),
            Strings{"ALSA-2030:1 AlmaLinux:9 lib 1:2-3.el9 [] []"});
}

TEST(AlmaLinux, TagsTellTheReleaseWhereNoAddressDoes) {
  const auto release = [](std::string_view tag) {
    const auto sink =
        Of(Errata(Format(R"({{"name":"lib","epoch":"0","version":"1","release":"{}","arch":"noarch"}})", tag),
                  "security", "ALSA-2030:1", "{}"));
    return sink.advisories.empty() ? sink.problems.at(0) : sink.advisories.at(0).affected.at(0).release;
  };
  EXPECT_EQ(release("18.module_el8.5.0+2632+14ced695"), "8");
  EXPECT_EQ(release("1.el9_0.alma"), "9");
  EXPECT_EQ(release("1.rel7.el10"), "10");
  EXPECT_EQ(release("el9"), "corrupt: ALSA-2030:1: of no release");
  EXPECT_EQ(release("1.elx"), "corrupt: ALSA-2030:1: of no release");
}

TEST(AlmaLinux, LeavesOutFixesOfBugs) {
  EXPECT_EQ(Of(Errata(Package("lib", "2", "x86_64"), "bugfix", "ALBA-2030:1")).left_out, 1);
}

TEST(AlmaLinux, NamesBrokenErrata) {
  const auto problem = [](std::string_view text) { return Of(text).problems; };
  EXPECT_EQ(problem(Errata(Package("", "2", "x86_64"))), Strings{"corrupt: ALSA-2030:1: 1:2-3.el9 of no package"});
  EXPECT_EQ(problem(Errata(Package("lib", "2", ""))), Strings{"corrupt: ALSA-2030:1: lib without an architecture"});
  EXPECT_EQ(problem(Errata(Package("lib", "", "x86_64"))), Strings{"corrupt: ALSA-2030:1: \"1:-3.el9\" is no version"});
  EXPECT_EQ(problem(Errata("1")), Strings{"corrupt: ALSA-2030:1: \":-\" is no version"});
  EXPECT_EQ(problem(Errata("", "security", "ALSA-2030:1", "{}")), Strings{"corrupt: ALSA-2030:1: of no release"});
  EXPECT_EQ(problem(Errata("", "security", "RLSA-2030:1")), Strings{"corrupt: RLSA-2030:1: not an id of AlmaLinux's"});
  EXPECT_EQ(problem(Updateinfo("NOT-ALMA", "almalinux-9-x")), Strings{"corrupt: NOT-ALMA: not an id of AlmaLinux's"});
  EXPECT_EQ(problem(Updateinfo("ALSA-2030:1", "x")), Strings{"corrupt: ALSA-2030:1: of the repository \"x\""});
  std::string many = "1";
  for (int i = 0; i < 200'000; ++i) many += ",1";
  EXPECT_EQ(problem(Errata(many)), Strings{"limit: ALSA-2030:1: too many packages"});
}

TEST(AlmaLinux, DatesThatAreNone) {
  std::string text = Errata(Package("lib", "2", "x86_64"));
  text.replace(text.find("1572983623"), 10, "9223372036854775807");
  text.replace(text.find("1651142818"), 10, "-1");
  const auto sink = Of(text);
  EXPECT_EQ(sink.advisories.at(0).published, "");
  EXPECT_EQ(sink.advisories.at(0).modified, "");
}

TEST(AlmaLinux, KnowsItsOwnDocuments) {
  for (const std::string_view other :
       {"[]", "{}", R"({"data":[]})", R"({"data":[{"id":"RLSA-1","packages":[]}]})", R"({"data":[{"id":"ALSA-1"}]})"}) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeAlmaLinuxProvider();
    (void)sink.ReadJson(*provider, other);
    EXPECT_FALSE(sink.recognised) << other;
  }
  test::AdvisoryRecorder sink;
  const auto provider = MakeAlmaLinuxProvider();
  ExpectError(sink.ReadJson(*provider, "{}"), ErrorKind::kCorrupt);
  ExpectError(sink.ReadXml(*provider, Updateinfo("ALSA-2030:1", "almalinux-9").substr(0, 200)), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::advisory
