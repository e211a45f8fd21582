#include "match/matcher.h"

#include <gtest/gtest.h>

#include "match/distro.h"
#include "match/memory_lookup.h"
#include "support/test_support.h"

namespace holdfast::match {
namespace {

using test::Value;

model::Package Deb(std::string name, std::string version, std::vector<model::Upstream> upstreams = {}) {
  model::Package package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.type = "deb";
  package.version_scheme = "dpkg";
  package.upstreams = std::move(upstreams);
  package.locations = {{"var/lib/dpkg/status", 0, true}};
  return package;
}

model::Package Python(std::string name, std::string version) {
  model::Package package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.type = "python";
  package.ecosystem = "PyPI";
  package.version_scheme = "pep440";
  return package;
}

model::Advisory MakeAdvisory(std::string id, std::string ecosystem, std::string release, std::string package,
                             std::string fixed) {
  model::Advisory advisory;
  advisory.id = std::move(id);
  advisory.source = "osv";
  model::Affected affected;
  affected.version_scheme = ecosystem == "PyPI" ? "pep440" : "dpkg";
  affected.ecosystem = std::move(ecosystem);
  affected.release = std::move(release);
  affected.package = std::move(package);
  affected.ranges = {{"0", std::move(fixed), std::nullopt}};
  affected.fix_state = model::FixState::kFixed;
  advisory.affected = {std::move(affected)};
  return advisory;
}

model::ImageAnalysis Debian(std::vector<model::Package> packages) {
  model::ImageAnalysis analysis;
  analysis.distro.id = "debian";
  analysis.distro.version_id = "12.8";
  analysis.packages = std::move(packages);
  return analysis;
}

std::vector<std::string> Lines(const MatchResult& result, const model::ImageAnalysis& analysis) {
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings) {
    std::string line = analysis.packages[finding.package].name + " " + finding.id + " (" + finding.advisory_id + ")";
    for (const std::string& fixed : finding.fixed_versions) line += " " + fixed;
    lines.push_back(std::move(line));
  }
  return lines;
}

TEST(Matcher, FindsADebianPackageThroughItsSource) {
  model::Advisory advisory = MakeAdvisory("DSA-1", "Debian", "12", "openssl", "3.0.15-1");
  advisory.related = {"CVE-2024-2", "CVE-2024-1"};
  const MemoryAdvisories advisories({advisory});
  const auto analysis = Debian({Deb("libssl3", "3.0.14-1", {{"openssl", ""}}), Deb("openssl", "3.0.15-1"),
                                Deb("other", "1-1", {{"openssl", "3.0.1-1"}})});
  const MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis),
            (std::vector<std::string>{"libssl3 CVE-2024-1 (DSA-1) 3.0.15-1", "libssl3 CVE-2024-2 (DSA-1) 3.0.15-1",
                                      "other CVE-2024-1 (DSA-1) 3.0.15-1", "other CVE-2024-2 (DSA-1) 3.0.15-1"}));
  EXPECT_EQ(result.findings[0].reason,
            (model::MatchReason{"distro-source", "Debian:12 openssl", "3.0.14-1", "dpkg", ">= 0, < 3.0.15-1"}));
  EXPECT_EQ(result.findings[0].aliases, std::vector<std::string>{"DSA-1"});
  EXPECT_TRUE(result.problems.empty());
}

// Red Hat's rows name binary packages, but those of architecture "src" name what packages are built from.
TEST(Matcher, FindsARedHatPackageByItsNameAndByMarkedSources) {
  model::Advisory advisory = MakeAdvisory("CVE-2024-1", "Red Hat", "9", "openssl", "1:3.0.7-27.el9");
  advisory.affected[0].version_scheme = "rpm";
  model::Advisory unfixed = advisory;
  unfixed.id = "CVE-2024-2";
  unfixed.affected[0].architecture = "src";
  unfixed.affected[0].ranges = {{}};
  unfixed.affected[0].fix_state = model::FixState::kWontFix;
  const MemoryAdvisories advisories({advisory, unfixed});
  model::Package own = Deb("openssl", "1:3.0.7-25.el9_3", {{"openssl", "3.0.7-25.el9_3"}});
  own.version_scheme = "rpm";
  model::Package sibling = own;
  sibling.name = "openssl-libs";
  auto analysis = Debian({own, sibling});
  analysis.distro.id = "rhel";
  analysis.distro.version_id = "9.4";
  EXPECT_EQ(Lines(Value(Match(analysis, advisories)), analysis),
            (std::vector<std::string>{"openssl CVE-2024-1 (CVE-2024-1) 1:3.0.7-27.el9",
                                      "openssl CVE-2024-2 (CVE-2024-2)", "openssl-libs CVE-2024-2 (CVE-2024-2)"}));
}

TEST(Matcher, TakesThePackagesSeverityBeforeTheAdvisorys) {
  model::Advisory advisory = MakeAdvisory("CVE-2024-1", "Debian", "12", "a", "2-1");
  advisory.severity = model::Severity::kHigh;
  advisory.affected.push_back(advisory.affected[0]);
  advisory.affected[1].package = "b";
  advisory.affected[1].severity = model::Severity::kLow;
  const auto analysis = Debian({Deb("a", "1-1"), Deb("b", "1-1")});
  const MatchResult result = Value(Match(analysis, MemoryAdvisories({advisory})));
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_EQ(result.findings[0].severity, model::Severity::kHigh);
  EXPECT_EQ(result.findings[1].severity, model::Severity::kLow);
}

TEST(Matcher, MakesOneFindingOfAdvisoriesAboutOneVulnerability) {
  model::Advisory ghsa = MakeAdvisory("GHSA-a", "PyPI", "", "django", "3.2");
  ghsa.aliases = {"CVE-2024-1"};
  ghsa.severity = model::Severity::kHigh;
  ghsa.published = "2024-05-01T00:00:00Z";
  ghsa.references = {{"WEB", "https://a"}};
  model::Advisory pysec = MakeAdvisory("PYSEC-1", "PyPI", "", "django", "3.1");
  pysec.aliases = {"GHSA-a", "CVE-2024-1"};
  pysec.source = "pypa";
  pysec.severity = model::Severity::kCritical;
  pysec.published = "2024-04-01T00:00:00Z";
  pysec.references = {{"WEB", "https://b"}, {"WEB", "https://a"}};
  model::Advisory indirect = MakeAdvisory("PYSEC-2", "PyPI", "", "django", "3.3");
  indirect.aliases = {"GHSA-a"};
  model::Advisory alone = MakeAdvisory("PYSEC-3", "PyPI", "", "django", "3.0");
  const MemoryAdvisories advisories({ghsa, pysec, indirect, alone});
  const auto analysis = Debian({Python("Django", "2.0")});
  const MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis),
            (std::vector<std::string>{"Django CVE-2024-1 (PYSEC-1) 3.3", "Django PYSEC-3 (PYSEC-3) 3.0"}));
  const model::Finding& finding = result.findings[0];
  EXPECT_EQ(finding.aliases, (std::vector<std::string>{"GHSA-a", "PYSEC-1", "PYSEC-2"}));
  EXPECT_EQ(finding.source, "osv,pypa");
  EXPECT_EQ(finding.severity, model::Severity::kCritical);
  EXPECT_EQ(finding.published, "2024-04-01T00:00:00Z");
  EXPECT_EQ(finding.references.size(), 2U);
}

TEST(Matcher, SplitsAnAdvisoryAboutSeveralCves) {
  model::Advisory go = MakeAdvisory("GO-1", "PyPI", "", "x", "2");
  go.aliases = {"CVE-2024-1", "CVE-2024-2"};
  model::Advisory ghsa = MakeAdvisory("GHSA-2", "PyPI", "", "x", "3");
  ghsa.aliases = {"CVE-2024-2"};
  const MemoryAdvisories advisories({go, ghsa});
  const auto analysis = Debian({Python("x", "1")});
  const MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis), (std::vector<std::string>{"x CVE-2024-1 (GO-1) 2", "x CVE-2024-2 (GHSA-2) 3"}));
  EXPECT_EQ(result.findings[0].aliases, std::vector<std::string>{"GO-1"});
}

TEST(Matcher, TellsWhoOwnsALanguagePackage) {
  const MemoryAdvisories advisories({MakeAdvisory("PYSEC-1", "PyPI", "", "six", "2")});
  auto analysis = Debian({Deb("python3-six", "1-1"), Python("six", "1"), Python("six", "1.1")});
  analysis.relations = {{model::RelationKind::kOwns, 0, 1}, {model::RelationKind::kDependsOn, 0, 2}};
  const MatchResult result = Value(Match(analysis, advisories));
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_EQ(result.findings[0].owned_by, 0);
  EXPECT_EQ(result.findings[1].owned_by, -1);
}

TEST(Matcher, IsNeverSilentlyClean) {
  const MemoryAdvisories advisories({MakeAdvisory("DSA-1", "Debian", "12", "a", "2")});
  auto analysis = Debian({Deb("a", ""), Python("x", "1")});
  MatchResult result = Value(Match(analysis, advisories));
  ASSERT_EQ(result.problems.size(), 2U);
  EXPECT_EQ(result.problems[0].message, "there are no advisories for PyPI packages");
  EXPECT_EQ(result.problems[1].path, "var/lib/dpkg/status");
  EXPECT_EQ(result.problems[1].kind, ErrorKind::kUnsupported);

  analysis.distro.version_id = "11";
  analysis.packages = {Deb("a", "1")};
  result = Value(Match(analysis, advisories));
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].message, "there are no advisories for debian 11: its packages were not matched");
  analysis.distro = {};
  EXPECT_EQ(Value(Match(analysis, advisories)).problems[0].message,
            "the distribution is not known: its packages were not matched");
  MatchOptions options;
  options.limits.problems_max = 0;
  EXPECT_EQ(Value(Match(analysis, advisories, options)).problems_dropped, 1U);
}

TEST(Matcher, SortsBySeverityThenNameThenId) {
  std::vector<model::Advisory> list;
  for (const auto& [id, name, severity] :
       {std::tuple("A-1", "b", model::Severity::kLow), std::tuple("A-2", "a", model::Severity::kLow),
        std::tuple("A-3", "b", model::Severity::kCritical), std::tuple("A-0", "b", model::Severity::kLow)}) {
    list.push_back(MakeAdvisory(id, "Debian", "12", name, "9"));
    list.back().severity = severity;
  }
  const MemoryAdvisories advisories(list);
  const auto analysis = Debian({Deb("a", "1"), Deb("b", "1")});
  EXPECT_EQ(Lines(Value(Match(analysis, advisories)), analysis),
            (std::vector<std::string>{"b A-3 (A-3) 9", "a A-2 (A-2) 9", "b A-0 (A-0) 9", "b A-1 (A-1) 9"}));
}

TEST(Matcher, IgnoresWithdrawnAdvisoriesAndForeignPackages) {
  model::Advisory withdrawn = MakeAdvisory("DSA-1", "Debian", "12", "a", "2");
  withdrawn.withdrawn = "2024-01-01T00:00:00Z";
  const MemoryAdvisories advisories({withdrawn, MakeAdvisory("DSA-2", "Debian", "12", "rpm-thing", "2")});
  model::Package rpm = Deb("rpm-thing", "1-1");
  rpm.version_scheme = "rpm";
  EXPECT_TRUE(Value(Match(Debian({Deb("a", "1"), rpm}), advisories)).findings.empty());
}

// A row that says that versions of the package are not affected: all of them, without ranges.
model::Advisory NotAffected(std::string id, std::string release, std::string package) {
  model::Advisory advisory = MakeAdvisory(std::move(id), "Debian", std::move(release), std::move(package), "");
  advisory.affected[0].fix_state = model::FixState::kNotAffected;
  advisory.affected[0].ranges.clear();
  return advisory;
}

std::vector<std::string> SilencedLines(const MatchResult& result, const model::ImageAnalysis& analysis) {
  std::vector<std::string> lines;
  for (const model::SilencedFinding& silenced : result.silenced)
    lines.push_back(analysis.packages[silenced.finding.package].name + " " + silenced.finding.id + ": " +
                    std::string(SilencedByName(silenced.by)) + ", " + silenced.source + ": " + silenced.statement);
  return lines;
}

TEST(Silence, NotAffectedOutweighsANoticeInTheSamePlaceOnly) {
  model::Advisory notice = MakeAdvisory("DSA-1", "Debian", "12", "openssl", "3");
  notice.related = {"CVE-2024-1", "CVE-2024-2"};
  const MemoryAdvisories advisories(
      {notice, NotAffected("DEBIAN-CVE-2024-1", "12", "openssl"), NotAffected("DEBIAN-CVE-2024-2", "11", "openssl")});
  // The id alone does not make it one about a CVE: aliases do.
  std::vector<model::Advisory> named = {notice, NotAffected("DEBIAN-CVE-2024-1", "12", "openssl")};
  named[1].related = {"CVE-2024-1"};
  const auto analysis = Debian({Deb("openssl", "2")});
  EXPECT_EQ(Value(Match(analysis, advisories)).findings.size(), 2U);
  const MatchResult result = Value(Match(analysis, MemoryAdvisories(named)));
  EXPECT_EQ(Lines(result, analysis), std::vector<std::string>{"openssl CVE-2024-2 (DSA-1) 3"});
  EXPECT_EQ(SilencedLines(result, analysis),
            std::vector<std::string>{
                "openssl CVE-2024-1: not-affected, DEBIAN-CVE-2024-1: Debian:12 openssl is not affected"});
}

TEST(Silence, NotAffectedVersionsAreThoseOfItsRanges) {
  model::Advisory notice = MakeAdvisory("DSA-1", "Debian", "12", "a", "9");
  notice.related = {"CVE-1"};
  model::Advisory denial = NotAffected("CVE-1", "12", "a");
  denial.affected[0].ranges = {{"0", "2", std::nullopt}};
  const MemoryAdvisories advisories({notice, denial});
  EXPECT_EQ(Value(Match(Debian({Deb("a", "1")}), advisories)).silenced.size(), 1U);
  EXPECT_EQ(Value(Match(Debian({Deb("a", "3")}), advisories)).findings.size(), 1U);
}

// A notice's fix has all that it covers; the statement about one vulnerability knows its own.
TEST(Silence, AFixOfTheVulnerabilityItselfOutweighsTheNotices) {
  model::Advisory notice = MakeAdvisory("DSA-1", "Debian", "12", "a", "9");
  notice.related = {"CVE-1", "CVE-2"};
  model::Advisory own = MakeAdvisory("CVE-1", "Debian", "12", "a", "4");
  const MemoryAdvisories advisories({notice, own});
  const auto analysis = Debian({Deb("a", "5")});
  const MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis), std::vector<std::string>{"a CVE-2 (DSA-1) 9"});
  EXPECT_EQ(SilencedLines(result, analysis),
            std::vector<std::string>{"a CVE-1: not-affected, CVE-1: Debian:12 a is fixed from 4 on"});
  // Two that are both about it disagree: it stays.
  notice.related.clear();
  notice.aliases = {"CVE-1"};
  EXPECT_EQ(Value(Match(analysis, MemoryAdvisories({notice, own}))).findings.size(), 1U);
}

model::ImageAnalysis WithOwnedPackage(std::string_view owner_version) {
  auto analysis = Debian({Deb("python3-urllib3", std::string(owner_version)), Python("urllib3", "1.26.5")});
  analysis.relations = {{model::RelationKind::kOwns, 0, 1}};
  return analysis;
}

TEST(Silence, TheOwnerKnowsItsLanguagePackages) {
  model::Advisory language = MakeAdvisory("GHSA-1", "PyPI", "", "urllib3", "1.26.18");
  language.aliases = {"CVE-1"};
  const model::Advisory other = MakeAdvisory("GHSA-2", "PyPI", "", "urllib3", "1.26.18");
  const MemoryAdvisories advisories(
      {language, other, MakeAdvisory("CVE-1", "Debian", "12", "python3-urllib3", "1.26.5-2")});
  auto analysis = WithOwnedPackage("1.26.5-2");
  MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis), std::vector<std::string>{"urllib3 GHSA-2 (GHSA-2) 1.26.18"});
  EXPECT_EQ(SilencedLines(result, analysis),
            std::vector<std::string>{
                "urllib3 CVE-1: fixed-by-owner, CVE-1: Debian:12 python3-urllib3 is fixed from 1.26.5-2 on"});
  analysis = WithOwnedPackage("1.26.5-1");
  result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis),
            (std::vector<std::string>{"python3-urllib3 CVE-1 (CVE-1) 1.26.5-2", "urllib3 GHSA-2 (GHSA-2) 1.26.18"}));
  EXPECT_EQ(SilencedLines(result, analysis),
            std::vector<std::string>{
                "urllib3 CVE-1: found-in-owner, CVE-1: Debian:12 python3-urllib3 has it: >= 0, < 1.26.5-2"});
}

TEST(Silence, HeadersOfAKernelHaveNoneOfItsCode) {
  const MemoryAdvisories advisories({MakeAdvisory("CVE-1", "Debian", "12", "linux", "6.2")});
  const auto analysis =
      Debian({Deb("linux-libc-dev", "6.1", {{"linux", ""}}), Deb("linux-image-amd64", "6.1", {{"linux", ""}})});
  const MatchResult result = Value(Match(analysis, advisories));
  EXPECT_EQ(Lines(result, analysis), std::vector<std::string>{"linux-image-amd64 CVE-1 (CVE-1) 6.2"});
  EXPECT_EQ(
      SilencedLines(result, analysis),
      std::vector<std::string>{"linux-libc-dev CVE-1: no-vulnerable-code, holdfast: linux-libc-dev has a kernel's "
                               "headers, and none of its code"});
  EXPECT_EQ(Value(Match(analysis, advisories, {.kernel_headers = true})).findings.size(), 2U);
}

TEST(Matcher, AsksEpelForWhatFedoraBuilt) {
  model::Advisory advisory = MakeAdvisory("FEDORA-EPEL-1", "EPEL", "9", "a", "2");
  advisory.affected[0].version_scheme = "rpm";
  const MemoryAdvisories advisories({advisory});
  model::Package package = Deb("a", "1");
  package.version_scheme = "rpm";
  auto analysis = Debian({package, package, package});
  analysis.distro.id = "rhel";
  analysis.distro.version_id = "9.4";
  analysis.packages[0].supplier = "Fedora Project";
  analysis.packages[1].supplier = "Red Hat, Inc.";
  const MatchResult result = Value(Match(analysis, advisories));
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_EQ(result.findings[1].package, 2U);
  // EPEL alone does not cover the distribution.
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].message, "there are no advisories for rhel 9.4: its packages were not matched");
}

TEST(Matcher, TellsAFixThatIsNotForEverybody) {
  model::Advisory advisory = MakeAdvisory("CVE-1", "Debian", "12", "a", "1.2+esm1");
  advisory.affected[0].fix_state = model::FixState::kWontFix;
  const auto analysis = Debian({Deb("a", "1.2")});
  const MatchResult result = Value(Match(analysis, MemoryAdvisories({advisory})));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].fix_state, model::FixState::kWontFix);
  EXPECT_EQ(result.findings[0].fixed_versions, std::vector<std::string>{"1.2+esm1"});
}

TEST(Matcher, ReportsTheEndOfLife) {
  const model::ReleaseLife life{"debian", "12", "bookworm", "2026-06-10", "2026-06-10", "2028-06-30"};
  const MemoryAdvisories advisories({MakeAdvisory("A", "Debian", "12", "a", "1")}, {}, {life});
  const auto analysis = Debian({Deb("a", "1")});
  EXPECT_TRUE(Value(Match(analysis, advisories)).problems.empty());
  EXPECT_TRUE(Value(Match(analysis, advisories, {.today = "2026-06-10"})).problems.empty());
  const MatchResult result = Value(Match(analysis, advisories, {.today = "2026-06-11"}));
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].message,
            "debian 12 reached its end of life on 2026-06-10: what was found since is not in its advisories");
}

model::VulnerabilityFacts Facts(std::string id) {
  model::VulnerabilityFacts facts;
  facts.id = std::move(id);
  facts.cvss = {{"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N", "cna"},
                {"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "nvd"}};
  return facts;
}

model::Severity SeverityWith(model::Severity own, SeverityOrder order) {
  model::Advisory advisory = MakeAdvisory("CVE-1", "Debian", "12", "a", "2");
  advisory.severity = own;
  const MemoryAdvisories advisories({advisory}, {Facts("CVE-1")});
  return Value(Match(Debian({Deb("a", "1")}), advisories, {.severity = order})).findings.at(0).severity;
}

TEST(Rating, SeverityIsTheVendorsOrNvdsOrTheHighest) {
  using enum model::Severity;
  EXPECT_EQ(SeverityWith(kLow, SeverityOrder::kVendor), kLow);
  EXPECT_EQ(SeverityWith(kUnknown, SeverityOrder::kVendor), kCritical);
  EXPECT_EQ(SeverityWith(kLow, SeverityOrder::kNvd), kCritical);
  EXPECT_EQ(SeverityWith(kLow, SeverityOrder::kHighest), kCritical);
  EXPECT_EQ(SeverityWith(kCritical, SeverityOrder::kHighest), kCritical);
}

TEST(Rating, RiskFollowsThreatImpactAndKnownExploitation) {
  model::Finding finding;
  finding.severity = model::Severity::kHigh;
  EXPECT_EQ(RiskOf(finding), 0);
  finding.facts.epss = model::Epss{0.2, 0.9};
  EXPECT_NEAR(RiskOf(finding), 100 * 0.2 * 0.75, 1e-9);
  // 9.8 beside the middle of High.
  finding.cvss = {{"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "nvd"}};
  finding.facts.cvss = finding.cvss;  // counted once
  EXPECT_NEAR(RiskOf(finding), 100 * 0.2 * (7.5 + 9.8) / 20, 1e-9);
  finding.facts.ssvc = model::Ssvc{"poc", "no", "partial", ""};
  EXPECT_NEAR(RiskOf(finding), 100 * 0.2 * (7.5 + 9.8) / 20, 1e-9);
  finding.facts.epss->probability = 0.001;
  EXPECT_NEAR(RiskOf(finding), 100 * 0.05 * (7.5 + 9.8) / 20, 1e-9);
  finding.facts.known_exploited = model::KnownExploited{"2024-05-01", "", "", false};
  EXPECT_NEAR(RiskOf(finding), 100 * (7.5 + 9.8) / 20 * 1.05, 1e-9);
  finding.facts.known_exploited->ransomware = true;
  finding.severity = model::Severity::kCritical;
  EXPECT_EQ(RiskOf(finding), 100);
}

TEST(Distro, MapsOsReleaseToEcosystems) {
  const std::tuple<std::string_view, std::string_view, std::string_view> cases[] = {
      {"debian", "12.8", "Debian:12"},
      {"debian", "6.0.10", "Debian:6"},
      {"debian", "3.1", "Debian:3.1"},
      {"debian", "", ""},
      {"ubuntu", "22.04", "Ubuntu:22.04"},
      {"arch", "", "Arch Linux:"},
      {"amzn", "2018.03", "Amazon Linux:1"},
      {"amzn", "2", "Amazon Linux:2"},
      {"amzn", "2023", "Amazon Linux:2023"},
      {"amzn", "2023.8.20250915", "Amazon Linux:2023"},
      {"amzn", "", ""},
      {"alpine", "3.20.3", "Alpine:v3.20"},
      {"alpine", "3.21_alpha20240807", "Alpine:edge"},
      {"almalinux", "9.3", "AlmaLinux:9"},
      {"rocky", "8.9", "Rocky Linux:8"},
      {"rhel", "9.2", "Red Hat:9"},
      {"rhel", "9.4", "Red Hat:9"},
      {"rhel", "10", "Red Hat:10"},
      {"centos", "8", "Red Hat:8"},
      {"centos", "9.4", "Red Hat:9"},
      {"wolfi", "20230201", "Wolfi:"},
      {"opensuse-leap", "15.5", "openSUSE:Leap 15.5"},
      {"opensuse-tumbleweed", "20240101", "openSUSE:Tumbleweed"},
      {"sles", "15.5", "SUSE:Linux Enterprise Server 15 SP5"},
      {"sles", "15", "SUSE:Linux Enterprise Server 15"},
      {"sles", "16.0", "SUSE:Linux Enterprise Server 16.0"},
      {"sl-micro", "6.1", "SUSE:Linux Micro 6.1"},
      {"sle-micro", "5.5", "SUSE:Linux Enterprise Micro 5.5"},
      {"opensuse-leap-micro", "5.2", "openSUSE:Leap Micro 5.2"},
      {"mariner", "2.0.20240123", "Azure Linux:2"},
      {"azurelinux", "3.0.20241005", "Azure Linux:3"},
      {"ol", "8.10", "Oracle Linux:8"},
      {"photon", "5.0", "Photon OS:5.0"},
      {"fedora", "40", "Fedora:40"},
      {"gentoo", "", "Gentoo:"},
      {"windows", "10.0.17763", "Microsoft:"},
      {"linuxmint", "21", ""},
  };
  for (const auto& [id, version, expected] : cases) {
    model::Distro distro;
    distro.id = id;
    distro.version_id = version;
    const auto found = EcosystemsOf(distro);
    EXPECT_EQ(found.empty() ? "" : found.front().ecosystem + ":" + found.front().release, expected) << id;
  }
  for (const auto& [pretty, release] :
       {std::pair("openEuler 22.03 (LTS-SP1)", "22.03-LTS-SP1"), std::pair("openEuler 20.03 (LTS)", "20.03-LTS"),
        std::pair("openEuler 23.03", "23.03"), std::pair("openEuler 22.03 LTS", "22.03-LTS"), std::pair("", "22.03")}) {
    model::Distro euler;
    euler.id = "openeuler";
    euler.version_id = std::string_view(release).substr(0, 5);
    euler.pretty_name = pretty;
    EXPECT_EQ(EcosystemsOf(euler), (std::vector<model::EcosystemRelease>{{"openEuler", release}})) << pretty;
  }
  model::Distro rocky;
  rocky.id = "rocky";
  rocky.version_id = "9.4";
  EXPECT_EQ(EcosystemsOf(rocky), (std::vector<model::EcosystemRelease>{{"Rocky Linux", "9"}, {"EPEL", "9"}}));
  EXPECT_EQ(OwnEcosystemsOf(rocky), (std::vector<model::EcosystemRelease>{{"Rocky Linux", "9"}}));
  model::Distro testing;
  testing.id = "debian";
  testing.version_codename = "forky";
  EXPECT_EQ(EcosystemsOf(testing), (std::vector<model::EcosystemRelease>{{"Debian", "unstable"}}));
}

}  // namespace
}  // namespace holdfast::match
