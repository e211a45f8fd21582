#include "advisory/osv/osv.h"

#include <gtest/gtest.h>

#include "advisory/osv/osv_ranges.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;

Result<model::Advisory> Parse(std::string_view json) {
  const auto document = Value(io::JsonDocument::Parse(json));
  return ParseOsv(document.Root());
}

std::string Text(const std::vector<model::VersionRange>& ranges) {
  std::string text;
  for (const auto& range : ranges)
    text += Format("[{} {}{}] ", range.introduced, range.fixed ? "<" + *range.fixed : "",
                   range.last_affected ? "<=" + *range.last_affected : "");
  return text;
}

TEST(OsvRanges, FollowTheEvaluationAlgorithm) {
  using enum OsvEventKind;
  const std::pair<std::vector<OsvEvent>, std::string_view> cases[] = {
      {{{kIntroduced, "0"}, {kFixed, "1.2"}}, "[0 <1.2] "},
      {{{kIntroduced, "0"}}, "[0 ] "},
      {{}, ""},
      {{{kFixed, "1.2"}}, ""},
      {{{kIntroduced, "1.0"}, {kLastAffected, "1.4"}}, "[1.0 <=1.4] "},
      {{{kIntroduced, "0"}, {kFixed, "1.2"}, {kIntroduced, "2.0"}, {kFixed, "2.3"}}, "[0 <1.2] [2.0 <2.3] "},
      // Unsorted, and 10 is after 9.
      {{{kFixed, "10.3"}, {kIntroduced, "9.0"}, {kFixed, "9.4"}, {kIntroduced, "10.0"}}, "[9.0 <9.4] [10.0 <10.3] "},
      {{{kIntroduced, "0"}, {kIntroduced, "2.0"}, {kFixed, "1.5"}, {kFixed, "2.3"}}, "[0 <1.5] [2.0 <2.3] "},
      // The second "introduced" changes nothing while the first holds.
      {{{kIntroduced, "1.0"}, {kIntroduced, "1.1"}, {kFixed, "1.5"}}, "[1.0 <1.5] "},
      // Nothing is affected: introduced and fixed at once.
      {{{kIntroduced, "0"}, {kFixed, "0"}}, "[0 <0] "},
      {{{kIntroduced, "0"}, {kLimit, "3.0"}}, "[0 <3.0] "},
      {{{kIntroduced, "0"}, {kLimit, "*"}}, "[0 ] "},
      {{{kIntroduced, "0"}, {kFixed, "5.0"}, {kLimit, "2.0"}, {kLimit, "3.0"}}, "[0 <3.0] "},
      {{{kIntroduced, "0"}, {kFixed, "1.0"}, {kIntroduced, "4.0"}, {kLimit, "3.0"}}, "[0 <1.0] "},
      // Versions that cannot be read keep the order of the document.
      {{{kIntroduced, "1.0"}, {kFixed, "not a version"}}, "[1.0 <not a version] "},
  };
  for (const auto& [events, expected] : cases) EXPECT_EQ(Text(IntervalsOf(events, "semver")), expected);
}

TEST(Osv, ReadsAnAlmaLinuxAdvisory) {
  const auto advisory = Value(Parse(R"({"id":"ALSA-2023:6938","summary":"Moderate: container-tools:4.0 security update",
    "affected":[{"package":{"ecosystem":"AlmaLinux:8","name":"buildah"},"ranges":[{"type":"ECOSYSTEM",
      "events":[{"introduced":"0"},{"fixed":"1:1.24.6-7.module_el8.9.0+3627+db8ec155"}]}]}],
    "related":["CVE-2022-3064","CVE-2023-24540"],"published":"2023-11-14T00:00:00Z","modified":"2023-11-24T13:34:19Z",
    "references":[{"type":"ADVISORY","url":"https://errata.almalinux.org/8/ALSA-2023-6938.html"}]})"));
  EXPECT_EQ(advisory.id, "ALSA-2023:6938");
  EXPECT_EQ(advisory.severity, model::Severity::kMedium);
  EXPECT_EQ(advisory.related, (std::vector<std::string>{"CVE-2022-3064", "CVE-2023-24540"}));
  ASSERT_EQ(advisory.affected.size(), 1U);
  const model::Affected& affected = advisory.affected.front();
  EXPECT_EQ(affected.ecosystem, "AlmaLinux");
  EXPECT_EQ(affected.release, "8");
  EXPECT_EQ(affected.package, "buildah");
  EXPECT_EQ(affected.version_scheme, "rpm");
  EXPECT_EQ(affected.module_label, "container-tools:4.0");
  EXPECT_EQ(affected.fix_state, model::FixState::kFixed);
  EXPECT_EQ(Text(affected.ranges), "[0 <1:1.24.6-7.module_el8.9.0+3627+db8ec155] ");
  EXPECT_EQ(advisory.references.front().type, "ADVISORY");
}

TEST(Osv, TellsModuleStreamsFromOtherColons) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Low: virt:rhel and virt-devel:rhel security and bug fix update", "virt:rhel,virt-devel:rhel"},
      {"Important: nodejs:18 security update", "nodejs:18"},
      {"container-tools:rhel8 bug fix and enhancement update", "container-tools:rhel8"},
      {"Important: openssl security update", ""},
      {"new module: nodejs:20", "nodejs:20"},
      {"Moderate: a: b security update", ""},
  };
  for (const auto& [summary, modules] : cases) {
    const auto advisory = Value(Parse(Format(
        R"({{"id":"ALSA-1","summary":"{}","affected":[{{"package":{{"ecosystem":"AlmaLinux:9","name":"x"}}}}]}})",
        summary)));
    EXPECT_EQ(advisory.affected.front().module_label, modules) << summary;
  }
}

TEST(Osv, ReadsYamlWithListedVersions) {
  const auto document = Value(io::JsonDocument::ParseYaml(R"(id: PYSEC-2019-26
modified: "2019-07-12T14:15:00Z"
aliases: [CVE-2019-1020006]
affected:
- package:
    ecosystem: PyPI
    name: Invenio.Previewer
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: 1.0.0a12
  - type: GIT
    repo: https://example.org/r.git
    events:
    - introduced: "0"
  versions: [1.0.0a1, "1.0"]
)"));
  EXPECT_TRUE(LooksLikeOsv(document.Root()));
  const auto advisory = Value(ParseOsv(document.Root()));
  EXPECT_EQ(advisory.aliases, std::vector<std::string>{"CVE-2019-1020006"});
  EXPECT_EQ(advisory.affected.front().package, "invenio-previewer");
  EXPECT_EQ(Text(advisory.affected.front().ranges), "[0 <1.0.0a12] ");
  EXPECT_EQ(advisory.affected.front().versions, (std::vector<std::string>{"1.0.0a1", "1.0"}));
}

TEST(Osv, TakesSeverityFromTheDatabaseBeforeTheVector) {
  const std::pair<std::string_view, model::Severity> cases[] = {
      {R"("database_specific":{"severity":"CRITICAL","cwe_ids":["CWE-79"]})", model::Severity::kCritical},
      {R"("severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}])",
       model::Severity::kHigh},
      {R"("severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
          "database_specific":{"severity":"MODERATE"})",
       model::Severity::kMedium},
      {R"("severity":[{"type":"Ubuntu","score":"negligible"}])", model::Severity::kNegligible},
      {R"("severity":[{"type":"CVSS_V3","score":"nonsense"}])", model::Severity::kUnknown},
      {R"("severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N"}])", model::Severity::kUnknown},
      {R"("database_specific":"<any value>")", model::Severity::kUnknown},
  };
  for (const auto& [fields, severity] : cases)
    EXPECT_EQ(Value(Parse(Format(R"({{"id":"GHSA-1","affected":[],{}}})", fields))).severity, severity) << fields;
}

TEST(Osv, RatesTheVectorOfTheHighestVersion) {
  constexpr std::string_view kCritical2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C";
  constexpr std::string_view kHigh3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
  constexpr std::string_view kCritical3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  constexpr std::string_view kMedium4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N";
  const std::string threat4 = std::string(kMedium4) + "/E:U", broken4 = std::string(kMedium4) + "/";
  const std::pair<std::vector<std::string_view>, model::Severity> cases[] = {
      {{kCritical3, kMedium4}, model::Severity::kMedium},
      {{kMedium4, kCritical3, kCritical2}, model::Severity::kMedium},
      {{kHigh3, kCritical3}, model::Severity::kCritical},
      {{kCritical3, kHigh3}, model::Severity::kCritical},
      {{kCritical2}, model::Severity::kHigh},  // version 2 has no Critical
      {{kCritical2, kCritical3}, model::Severity::kCritical},
      {{threat4}, model::Severity::kLow},
      {{broken4, kHigh3}, model::Severity::kHigh},
  };
  for (const auto& [vectors, severity] : cases) {
    std::string list;
    for (const std::string_view vector : vectors)
      list += Format(R"({}{{"type":"CVSS_V{}","score":"{}"}})", list.empty() ? "" : ",",
                     vector.starts_with("CVSS:") ? vector.substr(5, 1) : "2", vector);
    const auto advisory = Value(Parse(Format(R"({{"id":"GHSA-1","affected":[],"severity":[{}]}})", list)));
    EXPECT_EQ(advisory.severity, severity) << list;
    EXPECT_EQ(advisory.cvss.size(), vectors.size()) << "vectors are kept, readable or not";
  }
}

TEST(Osv, ReadsGoSymbolsAndTheLastKnownAffectedVersion) {
  const auto advisory = Value(Parse(R"({"id":"GO-1","modified":"x","summary":"s","related":["CVE-2000-1"],"affected":[
    {"package":{"ecosystem":"Go","name":"stdlib"},"ecosystem_specific":{"imports":[
      {"path":"net/http","symbols":["Get","Client.Do"]},{"path":"crypto/tls"}]},
     "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]},
    {"package":{"ecosystem":"npm","name":"x"},"database_specific":{"last_known_affected_version_range":"<= 1.2.3"},
     "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]},
    {"package":{"ecosystem":"npm","name":"y"},"database_specific":{"last_known_affected_version_range":"< 2.0"},
     "ranges":[{"type":"SEMVER","events":[{"introduced":"1.0"}]}]}]})"));
  EXPECT_EQ(advisory.affected[0].symbols,
            (std::vector<std::string>{"net/http.Get", "net/http.Client.Do", "crypto/tls"}));
  EXPECT_EQ(advisory.affected[0].fix_state, model::FixState::kNotFixed);
  EXPECT_EQ(Text(advisory.affected[1].ranges), "[0 <=1.2.3] ");
  EXPECT_EQ(Text(advisory.affected[2].ranges), "[1.0 <2.0] ");
  EXPECT_EQ(advisory.affected[2].fix_state, model::FixState::kUnknown);
  EXPECT_TRUE(advisory.related.empty()) << "related ids of a language database are other vulnerabilities";
}

// Each pair of events is stated the wrong way round; what is not of the ecosystem's order would leave it so.
TEST(Osv, SortsRangesByTheOrderOfTheEcosystem) {
  struct Case {
    std::string_view ecosystem, scheme, introduced, fixed;
  };
  constexpr Case kCases[] = {
      {"NuGet", "nuget", "1.0.0-beta2", "1.0.0-RC1"},
      {"Packagist", "composer", "1.0", "1.0-p1"},
      {"Pub", "pub", "1.0.0+1", "1.0.0+2"},
      {"CRAN", "cran", "1.0-9", "1.0-10"},
      {"Bioconductor", "cran", "1.0", "1.0-0"},
      {"Hackage", "hackage", "1.0", "1.0.0"},
      {"GHC", "hackage", "9.8", "9.8.0"},
      {"Bitnami", "bitnami", "1.0.0-2", "1.0.1-1"},
      {"crates.io", "semver", "1.0.0-RC1", "1.0.0-beta2"},
  };
  for (const Case& one : kCases) {
    const auto advisory = Value(Parse(Format(R"({{"id":"X-1","modified":"x","affected":[{{
      "package":{{"ecosystem":"{}","name":"x"}},
      "ranges":[{{"type":"ECOSYSTEM","events":[{{"fixed":"{}"}},{{"introduced":"{}"}}]}}]}}]}})",
                                             one.ecosystem, one.fixed, one.introduced)));
    const model::Affected& affected = advisory.affected.at(0);
    EXPECT_EQ(affected.version_scheme, one.scheme);
    EXPECT_EQ(Text(affected.ranges), Format("[{} <{}] ", one.introduced, one.fixed)) << one.ecosystem;
  }
}

TEST(Osv, KeepsWithdrawnAndUnknownEcosystems) {
  const auto advisory = Value(Parse(R"({"id":"X-1","withdrawn":"2024-01-01T00:00:00Z","affected":[
    {"package":{"ecosystem":"Klingon:v1","name":"qa'"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},
    {"ranges":[]},{"package":{"ecosystem":"","name":""},"ranges":[{"type":"GIT"}]}]})"));
  EXPECT_EQ(advisory.withdrawn, "2024-01-01T00:00:00Z");
  ASSERT_EQ(advisory.affected.size(), 1U);
  EXPECT_EQ(advisory.affected.front().ecosystem, "Klingon");
  EXPECT_EQ(advisory.affected.front().version_scheme, "");
}

TEST(Osv, RefusesWhatCannotBeCitedOrMatched) {
  ExpectError(Parse(R"({"id":"","affected":[]})"), ErrorKind::kCorrupt, "id");
  ExpectError(Parse(R"({"id":"a\u0000b","affected":[]})"), ErrorKind::kCorrupt, "id");
  ExpectError(Parse(R"({"id":"X","affected":[{"package":{"ecosystem":"Go"}}]})"), ErrorKind::kCorrupt, "name");
  ExpectError(Parse(R"({"id":"X","affected":[{"package":{"name":"x"}}]})"), ErrorKind::kCorrupt, "ecosystem");
  std::string many = R"({"id":"X","aliases":[)";
  for (std::size_t i = 0; i <= kOsvTextsMax; ++i) many += i == 0 ? "\"a\"" : ",\"a\"";
  ExpectError(Parse(many + "]}"), ErrorKind::kLimit, "aliases");
}

TEST(Osv, IsToldFromOtherJson) {
  const std::pair<std::string_view, bool> cases[] = {
      {R"({"id":"X","affected":[]})", true},
      {R"({"id":"X","modified":"2024-01-01T00:00:00Z","withdrawn":"2024-01-01T00:00:00Z"})", true},
      {R"({"name":"left-pad","version":"1.0.0"})", false},
      {R"({"$id":"https://x","type":"object"})", false},
      {R"([])", false},
      {R"("x")", false},
  };
  for (const auto& [json, expected] : cases)
    EXPECT_EQ(LooksLikeOsv(Value(io::JsonDocument::Parse(json)).Root()), expected) << json;
}

TEST(Osv, BugFixNoticesAreNoVulnerabilitiesUnlessTheyNameOne) {
  model::Advisory advisory;
  advisory.id = "ALBA-2021:1099";
  EXPECT_FALSE(IsVulnerability(advisory));
  advisory.related = {"CVE-2021-1"};
  EXPECT_TRUE(IsVulnerability(advisory));
  advisory.related.clear();
  advisory.id = "ALSA-2021:1099";
  EXPECT_TRUE(IsVulnerability(advisory));
}

TEST(Osv, KeepsUnmaintainedCratesApart) {
  const auto release = [](std::string_view kind) {
    return Value(Parse(Format(R"({{"id":"RUSTSEC-2022-0057","modified":"2022-08-31T12:00:00Z","affected":[{{
                                   "package":{{"ecosystem":"crates.io","name":"badge"}},
                                   "database_specific":{{"informational":"{}"}},
                                   "ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}}]}}]}}]}})",
                              kind)))
        .affected.at(0)
        .release;
  };
  EXPECT_EQ(release("unmaintained"), "unmaintained");
  EXPECT_EQ(release("notice"), "notice");
  EXPECT_EQ(release("unsound"), "");
}

}  // namespace
}  // namespace holdfast::advisory
