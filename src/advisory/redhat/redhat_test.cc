// The documents here are small ones of the form that Red Hat publishes, about packages that do not exist.
#include "advisory/redhat/redhat.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "advisory/redhat/redhat_build.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

struct Component {
  std::string_view id, purl;
};
struct Platform {
  std::string_view id, cpe;
};
constexpr Platform kPlatforms[] = {
    {"BaseOS-9.4", "cpe:/o:redhat:enterprise_linux:9::baseos"},
    {"AppStream-9.4", "cpe:/a:redhat:enterprise_linux:9::appstream"},
    {"EUS-9.2", "cpe:/a:redhat:rhel_eus:9.2::appstream"},
    {"E4S-9.0", "cpe:/o:redhat:rhel_e4s:9.0::baseos"},
    {"rhel-8", "cpe:/o:redhat:enterprise_linux:8"},
    {"rhel-7-els", "cpe:/o:redhat:rhel_els:7"},
    {"openstack", "cpe:/a:redhat:openstack:17.1::el9"},
    {"nothing", "cpe:/a:redhat"},
};
constexpr Component kComponents[] = {
    {"lib-1:2.0-5.el9_4.x86_64", "pkg:rpm/redhat/lib@2.0-5.el9_4?arch=x86_64&epoch=1"},
    {"lib-1:2.0-5.el9_4.aarch64", "pkg:rpm/redhat/lib@2.0-5.el9_4?arch=aarch64&epoch=1"},
    {"lib-1:2.0-4.el9_4.x86_64", "pkg:rpm/redhat/lib@2.0-4.el9_4?arch=x86_64&epoch=1"},
    {"lib-1:2.0-3.el9_2.x86_64", "pkg:rpm/redhat/lib@2.0-3.el9_2?arch=x86_64&epoch=1"},
    {"lib-1:2.0-5.el9_4.src", "pkg:rpm/redhat/lib@2.0-5.el9_4?arch=src&epoch=1"},
    {"lib-debuginfo-1:2.0-5.el9_4.x86_64", "pkg:rpm/redhat/lib-debuginfo@2.0-5.el9_4?arch=x86_64&epoch=1"},
    {"tool-0:1-1.module+el9+1+ab.x86_64::tool:3",
     "pkg:rpm/redhat/tool@1-1.module%2Bel9%2B1%2Bab?arch=x86_64&rpmmod=tool:3:9:ab"},
    {"nevra-2:1.0-1.el9.noarch::mod:1", ""},
    {"lib", "pkg:rpm/redhat/lib?arch=src"},
    {"either", "pkg:rpm/redhat/either"},
    {"either-0:1-2.el9", "pkg:rpm/redhat/either@1-2.el9?epoch=0"},
    {"flat/lib", "pkg:rpm/redhat/lib?arch=src&rpmmod=flat:flatpak"},
    {"bare/lib", "pkg:rpm/redhat/lib?arch=src&rpmmod=rhel10"},
    {"mod-0:3-8040020240902080505.63cd9eba", "pkg:rpm/redhat/mod@3-8040020240902080505.63cd9eba?epoch=0"},
    {"image", "pkg:oci/image?arch=amd64"},
    {"Other", ""},
};

// A document in which every component is a component of every platform.
std::string Text(std::string_view id, std::string_view vulnerabilities) {
  std::string branches, relations;
  for (const auto& [platform, cpe] : kPlatforms)
    branches += Format(R"({{"category":"product_name","name":"{0}","product":{{"name":"{0}","product_id":"{0}",
      "product_identification_helper":{{"cpe":"{1}"}}}}}},)",
                       platform, cpe);
  for (const auto& [component, purl] : kComponents) {
    const std::string helper =
        purl.empty() ? std::string() : Format(R"(,"product_identification_helper":{{"purl":"{}"}})", purl);
    branches += Format(R"({{"category":"product_version","name":"c","product":{{"name":"c","product_id":"{}"{}}}}},)",
                       component, helper);
    for (const auto& [platform, cpe] : kPlatforms)
      relations +=
          Format(R"({{"category":"default_component_of","full_product_name":{{"name":"c","product_id":"{0}:{1}"}},
        "product_reference":"{1}","relates_to_product_reference":"{0}"}},)",
                 platform, component);
  }
  branches.pop_back();
  relations.pop_back();
  return Format(R"({{"document":{{"category":"csaf_vex","csaf_version":"2.0","title":"the title",
    "aggregate_severity":{{"text":"Important"}},
    "notes":[{{"category":"summary","text":"An update."}}],
    "references":[{{"category":"self","url":"https://access.redhat.com/errata/{0}"}}],
    "publisher":{{"category":"vendor","name":"Red Hat Product Security","namespace":"https://www.redhat.com"}},
    "tracking":{{"id":"{0}","current_release_date":"2024-02-01T00:00:00+00:00",
      "initial_release_date":"2024-01-01T00:00:00+00:00","status":"final"}}}},
    "product_tree":{{"branches":[{{"category":"vendor","name":"Red Hat","branches":[{1}]}}],"relationships":[{2}]}},
    "vulnerabilities":[{3}]}})",
                id, branches, relations, vulnerabilities);
}

RedHatResult Read(std::string_view id, std::string_view vulnerabilities) {
  return Value(ParseRedHatCsaf(Value(io::JsonDocument::Parse(Text(id, vulnerabilities))).Root()));
}

// "release name[.architecture][ module]: state[ < fixed][ severity]" of each row.
std::vector<std::string> Lines(const model::Advisory& advisory) {
  std::vector<std::string> lines;
  for (const model::Affected& row : advisory.affected) {
    EXPECT_EQ(row.ecosystem, "Red Hat");
    EXPECT_EQ(row.version_scheme, "rpm");
    std::string line = Format("{} {}", row.release, row.package);
    if (!row.architecture.empty()) line += Format(".{}", row.architecture);
    if (!row.module_label.empty()) line += Format(" {}", row.module_label);
    line += Format(": {}", model::FixStateName(row.fix_state));
    for (const model::VersionRange& range : row.ranges) {
      if (range.introduced != "0") line += Format(", >= {}", range.introduced);
      if (range.fixed) line += Format(" < {}", *range.fixed);
      if (range.last_affected) line += Format(" <= {}", *range.last_affected);
      if (!range.fixed && !range.last_affected) line += " all";
    }
    if (row.severity) line += Format(" {}", model::SeverityName(*row.severity));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> LinesOf(std::string_view status) {
  const RedHatResult result = Read("CVE-2024-1", Format(R"({{"cve":"CVE-2024-1",{}}})", status));
  EXPECT_TRUE(result.problems.empty());
  return Lines(result.advisories.at(0));
}
using Strings = std::vector<std::string>;

TEST(RedHat, ReadsWhatIsSaidOfACve) {
  const RedHatResult result = Read("CVE-2024-1", R"({"cve":"CVE-2024-1","title":"lib: broken",
    "cwe":{"id":"CWE-125"},"notes":[{"category":"description","text":"Out of bounds."}],
    "references":[{"category":"self","url":"https://access.redhat.com/security/cve/CVE-2024-1"},
      {"category":"external","url":"https://bugzilla.redhat.com/show_bug.cgi?id=1"}],
    "scores":[{"products":[],"cvss_v3":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}}],
    "threats":[{"category":"impact","details":"Moderate","product_ids":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"]},
      {"category":"impact","details":"Low","product_ids":["rhel-8:lib"]}],
    "remediations":[{"category":"vendor_fix","url":"https://access.redhat.com/errata/RHSA-2024:1",
        "product_ids":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"]},
      {"category":"no_fix_planned","details":"Will not fix","product_ids":["rhel-8:lib"]}],
    "product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"],"known_affected":["rhel-8:lib"],
      "known_not_affected":["AppStream-9.4:either"]}})");
  ASSERT_EQ(result.advisories.size(), 1U);
  const model::Advisory& advisory = result.advisories[0];
  EXPECT_EQ(advisory.id, "REDHAT-CVE-2024-1");
  EXPECT_EQ(advisory.related, Strings{"CVE-2024-1"});
  EXPECT_EQ(advisory.source, "redhat");
  EXPECT_EQ(advisory.summary, "lib: broken");
  EXPECT_EQ(advisory.details, "Out of bounds.");
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.cwes, Strings{"CWE-125"});
  ASSERT_EQ(advisory.cvss.size(), 1U);
  EXPECT_EQ(advisory.cvss[0].version, "3.1");
  EXPECT_EQ(advisory.cvss[0].source, "Red Hat");
  EXPECT_EQ(advisory.published, "2024-01-01T00:00:00+00:00");
  ASSERT_EQ(advisory.references.size(), 4U);
  EXPECT_EQ(advisory.references[0].type, "ADVISORY");
  EXPECT_EQ(advisory.references[1].type, "REPORT");
  EXPECT_EQ(advisory.references[2].url, "https://access.redhat.com/errata/RHSA-2024:1");
  EXPECT_EQ(Lines(advisory), (Strings{"8 lib.src: wont-fix all Low", "9 either: not-affected",
                                      "9 either.src: not-affected", "9 lib: fixed < 1:2.0-5.el9_4"}));
}

TEST(RedHat, ReadsAnErratumAboutSeveralCves) {
  const RedHatResult result = Read("RHSA-2024:1", R"(
    {"cve":"CVE-2024-1","cwe":{"id":"CWE-125"},"threats":[{"category":"impact","details":"Moderate"}],
     "scores":[{"cvss_v3":{"version":"3.1","vectorString":"CVSS:3.1/AV:N"}}],
     "product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"]}},
    {"cve":"CVE-2024-2","product_status":{"known_not_affected":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"],
      "fixed":["BaseOS-9.4:nevra-2:1.0-1.el9.noarch::mod:1"]}})");
  const model::Advisory& advisory = result.advisories.at(0);
  EXPECT_EQ(advisory.id, "RHSA-2024:1");
  EXPECT_EQ(advisory.related, (Strings{"CVE-2024-1", "CVE-2024-2"}));
  EXPECT_EQ(advisory.summary, "the title");
  EXPECT_EQ(advisory.details, "An update.");
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_TRUE(advisory.cvss.empty()) << "it would be told of the other CVE too";
  EXPECT_TRUE(advisory.cwes.empty());
  EXPECT_EQ(Lines(advisory), (Strings{"9 lib: fixed < 1:2.0-5.el9_4", "9 nevra mod:1: fixed < 2:1.0-1.el9"}));
  EXPECT_TRUE(Read("RHBA-2024:1", "").advisories.empty());
}

TEST(RedHat, KeepsStreamsAndProductsApart) {
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["AppStream-9.4:lib-1:2.0-5.el9_4.x86_64",
              "EUS-9.2:lib-1:2.0-3.el9_2.x86_64","E4S-9.0:lib-1:2.0-3.el9_2.x86_64",
              "openstack:lib-1:2.0-5.el9_4.x86_64","nothing:lib-1:2.0-5.el9_4.x86_64","BaseOS-9.4"]})"),
            (Strings{"9 lib: fixed <= 1:2.0-3.el9_2~, >= 1:2.0-3.el9_3 < 1:2.0-5.el9_4",
                     "openstack:17.1::el9 lib: fixed < 1:2.0-5.el9_4", "rhel_e4s:9.0 lib: fixed < 1:2.0-3.el9_2",
                     "rhel_eus:9.2 lib: fixed < 1:2.0-3.el9_2"}));
}

TEST(RedHat, TakesTheHighestFixAndTellsArchitecturesApartWhereTheyDiffer) {
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["AppStream-9.4:lib-1:2.0-4.el9_4.x86_64",
              "BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64","BaseOS-9.4:lib-1:2.0-5.el9_4.aarch64"]})"),
            Strings{"9 lib: fixed < 1:2.0-5.el9_4"});
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-4.el9_4.x86_64",
              "BaseOS-9.4:lib-1:2.0-5.el9_4.aarch64"]})"),
            (Strings{"9 lib.aarch64: fixed < 1:2.0-5.el9_4", "9 lib.x86_64: fixed < 1:2.0-4.el9_4"}));
}

TEST(RedHat, LeavesOutWhatALowerFixMadeSafe) {
  const std::string other = R"("product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-3.el9_2.x86_64",
                               "BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64","BaseOS-9.4:lib-1:2.0-4.el9_4.x86_64"]})";
  EXPECT_EQ(LinesOf(other), Strings{"9 lib: fixed < 1:2.0-3.el9_2, >= 1:2.0-3.el9_3 < 1:2.0-5.el9_4"})
      << "the minor release of the highest fix was fixed twice: the first did not do";
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["EUS-9.2:lib-1:2.0-5.el9_4.x86_64",
              "BaseOS-9.4:lib-1:2.0-3.el9_2.x86_64"]})"),
            (Strings{"9 lib: fixed < 1:2.0-3.el9_2", "rhel_eus:9.2 lib: fixed < 1:2.0-5.el9_4"}));
}

TEST(RedHat, LeavesSourcesOutWhereBinariesAreListed) {
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-5.el9_4.src","EUS-9.2:lib-1:2.0-5.el9_4.src",
              "BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64","BaseOS-9.4:lib-debuginfo-1:2.0-5.el9_4.x86_64"]})"),
            (Strings{"9 lib: fixed < 1:2.0-5.el9_4", "rhel_eus:9.2 lib.src: fixed < 1:2.0-5.el9_4"}));
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["BaseOS-9.4:either-0:1-2.el9"]})"),
            (Strings{"9 either: fixed < 1-2.el9", "9 either.src: fixed < 1-2.el9"}));
}

TEST(RedHat, AFixEndsWhatElseIsSaidInItsRelease) {
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["BaseOS-9.4:lib-1:2.0-5.el9_4.x86_64"],
              "known_affected":["AppStream-9.4:lib","rhel-8:lib"],"known_not_affected":["AppStream-9.4:lib"]})"),
            (Strings{"8 lib.src: not-fixed all", "9 lib: fixed < 1:2.0-5.el9_4"}));
}

TEST(RedHat, NamesFixStates) {
  const auto of = [](std::string_view remedy) {
    return LinesOf(Format(R"("product_status":{{"known_affected":["rhel-8:lib"]}},"remediations":[{}])", remedy)).at(0);
  };
  EXPECT_EQ(of(R"({"category":"no_fix_planned","details":"Out of support scope","product_ids":["rhel-8:lib"]})"),
            "8 lib.src: wont-fix all");
  EXPECT_EQ(of(R"({"category":"no_fix_planned","details":"Fix deferred","product_ids":["rhel-8:lib"]})"),
            "8 lib.src: not-fixed all");
  EXPECT_EQ(of(R"({"category":"none_available","details":"Fix deferred","product_ids":["rhel-8:lib"]})"),
            "8 lib.src: not-fixed all");
  EXPECT_EQ(of(R"({"category":"workaround","details":"Turn it off","product_ids":["rhel-8:lib"]})"),
            "8 lib.src: not-fixed all");
  EXPECT_EQ(LinesOf(R"("product_status":{"under_investigation":["rhel-8:lib"]})"),
            Strings{"8 lib.src: under-investigation all"});
}

TEST(RedHat, LifeCycleSupportSpeaksForAReleaseOfWhichNothingElseIsSaid) {
  EXPECT_EQ(LinesOf(R"("product_status":{"known_affected":["rhel-7-els:lib"]})"),
            (Strings{"7 lib.src: wont-fix all", "rhel_els:7 lib.src: not-fixed all"}));
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["rhel-7-els:lib-1:2.0-4.el9_4.x86_64"]})"),
            (Strings{"7 lib: wont-fix < 1:2.0-4.el9_4", "rhel_els:7 lib: fixed < 1:2.0-4.el9_4"}));
  const RedHatResult erratum =
      Read("RHSA-2024:1", R"({"cve":"CVE-2024-1","product_status":{"fixed":["rhel-7-els:lib-1:2.0-4.el9_4.x86_64"]}})");
  EXPECT_EQ(Lines(erratum.advisories.at(0)), Strings{"rhel_els:7 lib: fixed < 1:2.0-4.el9_4"});
}

TEST(RedHat, ReadsModulesAndLeavesOutWhatIsNoPackage) {
  EXPECT_EQ(LinesOf(R"("product_status":{"fixed":["AppStream-9.4:tool-0:1-1.module+el9+1+ab.x86_64::tool:3",
              "AppStream-9.4:mod-0:3-8040020240902080505.63cd9eba"],
              "known_affected":["rhel-8:flat/lib","rhel-8:bare/lib","rhel-8:image","rhel-8:Other"]})"),
            Strings{"9 tool tool:3: fixed < 1-1.module+el9+1+ab"});
}

TEST(RedHat, ReleasesOfCpes) {
  const std::tuple<std::string_view, std::string_view> cases[] = {
      {"cpe:/o:redhat:enterprise_linux:9::baseos", "9"},
      {"cpe:/o:redhat:enterprise_linux:10.0", "10"},
      {"cpe:/a:redhat:rhel_aus:8.2::appstream", "rhel_aus:8.2"},
      {"cpe:/a:redhat:rhel_dotnet:6.0::el7", "rhel_dotnet:6.0::el7"},
      {"cpe:/a:redhat", ""},
      {"cpe:/o:suse:sles:15", ""},
      {"cpe:/a:redhat:quay", ""},
      {"", ""}};
  for (const auto& [cpe, release] : cases) EXPECT_EQ(RedHatReleaseOf(cpe), release) << cpe;
}

TEST(RedHat, RecognisesItsOwnOnly) {
  const auto looks = [](std::string text, std::string_view from, std::string_view to) {
    if (const std::size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
    return LooksLikeRedHatCsaf(Value(io::JsonDocument::Parse(text)).Root());
  };
  EXPECT_TRUE(looks(Text("CVE-2024-1", ""), "", ""));
  EXPECT_TRUE(looks(Text("RHSA-2024:1", ""), "", ""));
  EXPECT_FALSE(looks(Text("SUSE-SU-2024:1", ""), "", ""));
  EXPECT_FALSE(looks(Text("CVE-2024-1", ""), "https://www.redhat.com", "https://www.suse.com"));
  EXPECT_FALSE(looks(Text("CVE-2024-1", ""), "\"csaf_version\":\"2.0\"", "\"csaf_version\":\"1\""));
}

TEST(RedHat, TellsOfLyingDocuments) {
  const auto error = [](std::string_view id, std::string_view vulnerabilities, std::string_view part) {
    ExpectError(ParseRedHatCsaf(Value(io::JsonDocument::Parse(Text(id, vulnerabilities))).Root()), ErrorKind::kCorrupt,
                part);
  };
  error("CVE-2024-1", R"({"cve":"CVE-2024-2"})", "is about CVE-2024-2");
  error("CVE-2024-1", R"({"cve":"CVE-2024-1"},{"cve":"CVE-2024-2"})", "is about");
  error("CVE-2024-1/../x", R"({"cve":"CVE-2024-1"})", "not an id");
  const RedHatResult unknown =
      Read("CVE-2024-1", R"({"cve":"CVE-2024-1","product_status":{"fixed":["rhel-8:lib","no such","nor this"]}})");
  ASSERT_EQ(unknown.problems.size(), 1U);
  EXPECT_TRUE(unknown.problems[0].Message().starts_with("2 product ids")) << unknown.problems[0].Message();
  EXPECT_TRUE(unknown.advisories.at(0).affected.empty()) << "fixed, but by which version?";
}

TEST(RedHat, LeavesOutEndlessNames) {
  const std::string name(5000, 'a');
  const CsafProduct platform{"p", "", "cpe:/o:redhat:enterprise_linux:9"};
  const auto build = [&](const std::string& id, const std::string& purl) {
    return RedHatBuildOf({.component = {id, purl, ""}, .container = {}, .platform = platform});
  };
  EXPECT_TRUE(build("a", "pkg:rpm/redhat/a@1-1").has_value());
  EXPECT_FALSE(build("a", "pkg:rpm/redhat/" + name).has_value());
  EXPECT_FALSE(build("a", "pkg:rpm/redhat/a?rpmmod=a:" + std::string(1000, 'b')).has_value());
  EXPECT_FALSE(build(name + "-0:1-1.x86_64", "").has_value());
  EXPECT_FALSE(RedHatBuildOf({.component = {"a", "pkg:rpm/redhat/a@1-1", ""}, .container = {}, .platform = {}}));
  EXPECT_EQ(RedHatReleaseOf("cpe:/o:redhat:enterprise_linux:" + name), "");
}

TEST(RedHat, SurvivesTruncation) {
  const std::string text = Text("CVE-2024-1", R"({"cve":"CVE-2024-1"})");
  for (std::size_t size = 0; size < text.size(); size += 97)
    EXPECT_FALSE(io::JsonDocument::Parse(std::string_view(text).substr(0, size))) << size;
  for (const std::string_view field : {"branches", "relationships", "product_status", "vulnerabilities", "tracking"}) {
    std::string wrong = text;
    for (std::size_t at = wrong.find(field); at != std::string::npos; at = wrong.find(field, at + 1))
      wrong.replace(at, 1, "x");
    (void)ParseRedHatCsaf(Value(io::JsonDocument::Parse(wrong)).Root());
  }
}

}  // namespace
}  // namespace holdfast::advisory
