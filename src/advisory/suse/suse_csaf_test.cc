// The documents here are small ones of the form that SUSE publishes, about packages that do not exist.
#include "advisory/suse/suse_csaf.h"

#include <gtest/gtest.h>

#include <array>

#include "advisory/suse/product.h"
#include "advisory/suse/suse.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Strings = std::vector<std::string>;

constexpr std::array<std::string_view, 6> kProducts = {"SUSE Linux Enterprise Server 15 SP4",
                                                       "SUSE Linux Enterprise Server 15 SP4-LTSS",
                                                       "openSUSE Leap 15.5",
                                                       "SUSE Package Hub 12",
                                                       "SUSE Linux Enterprise Server 11 SP4 LTSS",
                                                       "SUSE Linux Enterprise Micro 6.0"};
constexpr std::array<std::string_view, 12> kPackages = {"lib-1-2.1.x86_64",
                                                        "lib-1-2.1.s390x",
                                                        "lib-1-2.3.s390x",
                                                        "lib-1-2.1.src",
                                                        "doc-1-2.1.noarch",
                                                        "lib-1-2.1",
                                                        "lib",
                                                        "a b",
                                                        "kernel-livepatch-5_14-1-2.1.x86_64",
                                                        "doc",
                                                        "1-2.x86_64",
                                                        "tool"};

// A document in which every package is a component of every product.
std::string Text(std::string_view id, std::string_view vulnerabilities,
                 std::string_view publisher = "https://www.suse.com/") {
  std::string branches, relations;
  for (const std::string_view product : kProducts) {
    branches +=
        Format(R"({{"category":"product_name","name":"{0}","product":{{"name":"{0}","product_id":"{0}"}}}},)", product);
    for (const std::string_view package : kPackages)
      relations += Format(R"({}{{"category":"default_component_of","product_reference":"{}",
        "relates_to_product_reference":"{}","full_product_name":{{"name":"x","product_id":"{}:{}"}}}})",
                          relations.empty() ? "" : ",", package, product, product, package);
  }
  std::string packages;
  for (const std::string_view package : kPackages)
    packages +=
        Format(R"({0}{{"category":"product_version","name":"{1}","product":{{"name":"{1}","product_id":"{1}"}}}})",
               packages.empty() ? "" : ",", package);
  return Format(R"({{"document":{{"category":"csaf_vex","csaf_version":"2.0","title":"Security update for lib",
    "aggregate_severity":{{"text":"important"}},"notes":[{{"category":"description","text":"d"}}],
    "publisher":{{"category":"vendor","name":"SUSE","namespace":"{}"}},
    "references":[{{"category":"self","url":"https://a"}},{{"category":"external","url":"https://bugzilla.suse.com/1"}}],
    "tracking":{{"id":"{}","initial_release_date":"2030-01-01T00:00:00Z","current_release_date":"2030-01-02T00:00:00Z"}}}},
    "product_tree":{{"branches":[{}{}],"relationships":[{}]}}{}}})",
                publisher, id, branches, packages, relations, vulnerabilities);
}

std::string Vulnerability(std::string_view said, std::string_view cve = "CVE-2030-1234") {
  return Format(R"(,"vulnerabilities":[{{"cve":"{}",{},"scores":[{{"products":["x"],
    "cvss_v3":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N"}}}}]}}])",
                cve, said);
}

test::AdvisoryRecorder Of(std::string_view text) {
  test::AdvisoryRecorder sink;
  const auto provider = MakeSuseProvider();
  EXPECT_TRUE(sink.ReadJson(*provider, text));
  EXPECT_TRUE(sink.recognised);
  return sink;
}

Strings Rows(const test::AdvisoryRecorder& sink) {
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected)
      rows.push_back(Format("{}:{} {} {} {} [{}]", row.ecosystem, row.release, row.package,
                            model::FixStateName(row.fix_state),
                            row.ranges.empty() ? "none" : row.ranges.at(0).fixed.value_or("all"), row.architecture));
  return rows;
}

Strings Said(std::string_view said, std::string_view id = "CVE-2030-1234") {
  const auto sink = Of(Text(id, Vulnerability(said)));
  EXPECT_TRUE(sink.problems.empty()) << sink.problems.front();
  return Rows(sink);
}

TEST(SuseCsaf, ReadsAnErratum) {
  const auto sink = Of(Text("SUSE-SU-2030:1-1", Vulnerability(R"("product_status":{"recommended":[
    "SUSE Linux Enterprise Server 15 SP4:lib-1-2.1.x86_64","SUSE Linux Enterprise Server 15 SP4:lib-1-2.1.s390x",
    "SUSE Linux Enterprise Server 15 SP4:lib-1-2.1.src","openSUSE Leap 15.5:doc-1-2.1.noarch",
    "SUSE Package Hub 12:lib-1-2.1.x86_64"]})")));
  EXPECT_TRUE(sink.problems.empty());
  ASSERT_EQ(sink.advisories.size(), 1U);
  const model::Advisory& advisory = sink.advisories[0];
  EXPECT_EQ(advisory.id, "SUSE-SU-2030:1-1");
  EXPECT_EQ(advisory.source, "suse");
  EXPECT_EQ(advisory.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(advisory.severity, model::Severity::kHigh);
  EXPECT_EQ(advisory.published, "2030-01-01T00:00:00Z");
  EXPECT_EQ(advisory.modified, "2030-01-02T00:00:00Z");
  EXPECT_EQ(advisory.cvss, (std::vector<model::CvssVector>{{"3.1", "CVSS:3.1/AV:N", "SUSE"}}));
  EXPECT_EQ(advisory.references,
            (std::vector<model::Reference>{{"ADVISORY", "https://a"}, {"REPORT", "https://bugzilla.suse.com/1"}}));
  EXPECT_EQ(Rows(sink), (Strings{"SUSE:Linux Enterprise Server 15 SP4 lib fixed 1-2.1 []",
                                 "openSUSE:Leap 15.5 doc fixed 1-2.1 []"}));
}

TEST(SuseCsaf, ReadsEachState) {
  EXPECT_EQ(
      Of(Text("CVE-2030-1234", Vulnerability(R"("product_status":{"known_affected":["openSUSE Leap 15.5:lib"]})")))
          .advisories.at(0)
          .id,
      "SUSE-CVE-2030-1234");
  EXPECT_EQ(Said(R"("product_status":{"recommended":["openSUSE Leap 15.5:lib-1-2.1"]})"),
            Strings{"openSUSE:Leap 15.5 lib fixed 1-2.1 []"});
  EXPECT_EQ(Said(R"("product_status":{"fixed":["openSUSE Leap 15.5:lib-1-2.1"]})"),
            Strings{"openSUSE:Leap 15.5 lib fixed 1-2.1 []"});
  EXPECT_EQ(Said(R"("product_status":{"known_affected":["openSUSE Leap 15.5:lib"]})"),
            Strings{"openSUSE:Leap 15.5 lib not-fixed all []"});
  EXPECT_EQ(Said(R"("product_status":{"known_affected":["openSUSE Leap 15.5:lib"]},
    "remediations":[{"category":"no_fix_planned","details":"no","product_ids":["openSUSE Leap 15.5:lib"]}])"),
            Strings{"openSUSE:Leap 15.5 lib wont-fix all []"});
  EXPECT_EQ(Said(R"("product_status":{"under_investigation":["openSUSE Leap 15.5:lib"]})"),
            Strings{"openSUSE:Leap 15.5 lib under-investigation all []"});
  EXPECT_EQ(Said(R"("product_status":{"known_not_affected":["openSUSE Leap 15.5:lib"]})"),
            Strings{"openSUSE:Leap 15.5 lib not-affected none []"});
  // A fix outweighs what else is said of the package.
  EXPECT_EQ(Said(R"("product_status":{"known_not_affected":["openSUSE Leap 15.5:lib"],
    "recommended":["openSUSE Leap 15.5:lib-1-2.1"]})"),
            Strings{"openSUSE:Leap 15.5 lib fixed 1-2.1 []"});
}

TEST(SuseCsaf, KeepsArchitecturesThatDiffer) {
  EXPECT_EQ(
      Said(
          R"("product_status":{"recommended":["openSUSE Leap 15.5:lib-1-2.1.x86_64","openSUSE Leap 15.5:lib-1-2.3.s390x"]})",
          "openSUSE-SU-2030:1"),
      (Strings{"openSUSE:Leap 15.5 lib fixed 1-2.1 [x86_64]", "openSUSE:Leap 15.5 lib fixed 1-2.3 [s390x]"}));
}

TEST(SuseCsaf, TakesLongTermSupportWhereTheServerSaysNothing) {
  EXPECT_EQ(Said(R"("product_status":{"recommended":["SUSE Linux Enterprise Server 15 SP4-LTSS:lib-1-2.1"]})"),
            Strings{"SUSE:Linux Enterprise Server 15 SP4 lib fixed 1-2.1 []"});
  EXPECT_EQ(Said(R"("product_status":{"recommended":["SUSE Linux Enterprise Server 15 SP4-LTSS:lib-1-2.1"],
    "known_affected":["SUSE Linux Enterprise Server 15 SP4:lib"]})"),
            Strings{"SUSE:Linux Enterprise Server 15 SP4 lib not-fixed all []"});
  EXPECT_EQ(Said(R"("product_status":{"known_not_affected":["SUSE Linux Enterprise Server 11 SP4 LTSS:lib"]})"),
            Strings{"SUSE:Linux Enterprise Server 11 SP4 lib not-affected none []"});
}

TEST(SuseCsaf, LeavesOutWhatIsOfNoImage) {
  EXPECT_EQ(Of(Text("CVE-2030-1234", "")).left_out, 1);
  EXPECT_EQ(Of(Text("CVE-2030-1234", R"(,"vulnerabilities":[])")).left_out, 1);
  for (const std::string_view product :
       {"SUSE Package Hub 12:lib-1-2.1.x86_64", "openSUSE Leap 15.5:kernel-livepatch-5_14-1-2.1.x86_64"}) {
    const std::string said = Format(R"("product_status":{{"recommended":["{}"]}})", product);
    EXPECT_EQ(Of(Text("SUSE-SU-2030:1-1", Vulnerability(said))).left_out, 1) << product;
  }
}

TEST(SuseCsaf, NamesWhatIsBroken) {
  const auto broken = [](std::string_view said) {
    const auto sink = Of(Text("CVE-2030-1234", Vulnerability(said)));
    EXPECT_EQ(Rows(sink), Strings{"openSUSE:Leap 15.5 tool not-fixed all []"});
    return sink.problems;
  };
  EXPECT_EQ(broken(R"("product_status":{"known_affected":["openSUSE Leap 15.5:a b","openSUSE Leap 15.5:tool"]})"),
            Strings{"corrupt: SUSE-CVE-2030-1234: \"a b\" is no package"});
  EXPECT_EQ(
      broken(
          R"("product_status":{"recommended":["openSUSE Leap 15.5:lib"],"known_affected":["openSUSE Leap 15.5:tool"]})"),
      Strings{"corrupt: SUSE-CVE-2030-1234: \"lib\" is not name-version-release"});
  EXPECT_EQ(
      broken(R"("product_status":{"known_affected":["nobody","openSUSE Leap 15.5:tool"]})"),
      Strings{"corrupt: SUSE-CVE-2030-1234: 1 product ids that the product tree does not hold left out, the first "
              "\"nobody\""});
}

TEST(SuseCsaf, RefusesWhatIsNotSuses) {
  const auto read = [](std::string_view text) {
    test::AdvisoryRecorder sink;
    const auto provider = MakeSuseProvider();
    auto result = sink.ReadJson(*provider, text);
    EXPECT_FALSE(sink.recognised && result) << text.substr(0, 100);
    return result;
  };
  ExpectError(read(Text("RHSA-1", Vulnerability(R"("title":"x")"))), ErrorKind::kCorrupt, "not an id of SUSE's");
  ExpectError(read(Text("CVE-2030-1234", Vulnerability(R"("title":"x")", "CVE-2030-5678"))), ErrorKind::kCorrupt,
              "CVE-2030-1234 is about CVE-2030-5678");
  ExpectError(read("{}"), ErrorKind::kCorrupt, "not a CSAF 2 document");
  const auto other = Value(io::JsonDocument::Parse(Text("CVE-2030-1234", "", "https://www.redhat.com")));
  EXPECT_FALSE(LooksLikeSuseCsaf(other.Root()));
}

TEST(SuseCsaf, SplitsProductIds) {
  const auto split = [](std::string_view id, bool with_version) {
    const SuseBuild build = Value(ParseSuseBuild(id, with_version));
    return Format("{}|{}|{}", build.name, build.version, build.architecture);
  };
  EXPECT_EQ(split("bind-9.9.4P2-0.6.1.x86_64", true), "bind|9.9.4P2-0.6.1|x86_64");
  EXPECT_EQ(split("samba-client-libs-4.19.4+git.339.acf1ccaa02-1.22", true),
            "samba-client-libs|4.19.4+git.339.acf1ccaa02-1.22|");
  EXPECT_EQ(split("libsamba-policy0-python3-32bit", false), "libsamba-policy0-python3-32bit||");
  EXPECT_EQ(split("bind-9.9.4P2-0.6.1.x86_64", false), "bind|9.9.4P2-0.6.1|x86_64");
  for (const std::string_view broken : {"", ".x86_64", "1-2.x86_64", "lib"})
    ExpectError(ParseSuseBuild(broken, true), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast::advisory
