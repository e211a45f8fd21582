#include "match/cpe_search.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "match/cpe_names.h"
#include "match/matcher.h"
#include "match/memory_lookup.h"
#include "support/test_support.h"

namespace holdfast::match {
namespace {

using test::Value;

model::Package PackageOf(std::string_view ecosystem, std::string_view scheme, std::string_view name,
                         std::string_view version) {
  model::Package package;
  package.ecosystem = ecosystem;
  package.version_scheme = scheme;
  package.name = name;
  package.version = version;
  return package;
}
model::Package Python(std::string_view name, std::string_view version) {
  return PackageOf("PyPI", "pep440", name, version);
}

bool MayBe(const model::Package& package, std::string_view product) {
  return std::ranges::any_of(CpeNamesOf(package), [&](const CpeName& name) { return name.product == product; });
}

TEST(CpeNames, GuessesAreByEcosystem) {
  for (const char* product : {"pillow:pillow", "pillow_project:pillow", "python:pillow", "python-pillow:pillow"})
    EXPECT_TRUE(MayBe(Python("Pillow", "1"), product)) << product;
  EXPECT_TRUE(MayBe(Python("open-webui", "1"), "open_webui_project:open_webui"));
  EXPECT_TRUE(MayBe(PackageOf("npm", "npm", "@astrojs/node", "1"), "astrojs:@astrojs/node"));
  EXPECT_TRUE(MayBe(PackageOf("npm", "npm", "@astrojs/node", "1"), "astrojs:node"));
  EXPECT_TRUE(MayBe(PackageOf("npm", "npm", "ghost", "1"), "ghost:ghost"));
  const auto java = PackageOf("Maven", "maven", "org.apache.logging.log4j:log4j-core", "1");
  for (const char* product : {"org.apache.logging.log4j:log4j-core", "apache:log4j-core", "log4j-core:log4j-core"})
    EXPECT_TRUE(MayBe(java, product)) << product;
  EXPECT_FALSE(MayBe(java, "org:log4j-core"));
  EXPECT_TRUE(MayBe(PackageOf("Go", "go", "github.com/hashicorp/vault/sdk", "1"), "hashicorp:vault"));
  EXPECT_TRUE(MayBe(PackageOf("Go", "go", "stdlib", "1"), "golang:go"));
  EXPECT_TRUE(MayBe(PackageOf("Packagist", "composer", "guzzlehttp/psr7", "1"), "guzzlehttp:psr7"));
  EXPECT_TRUE(MayBe(PackageOf("NuGet", "nuget", "Newtonsoft.Json", "1"), "newtonsoft:newtonsoft.json"));
  EXPECT_TRUE(MayBe(PackageOf("RubyGems", "gem", "rack", "1"), "rack_project:rack"));
  EXPECT_TRUE(MayBe(PackageOf("", "dpkg", "curl", "1"), "haxx:curl"));
  auto library = PackageOf("", "dpkg", "libcurl4", "7.88.1-10");
  library.upstreams = {{"curl", ""}};
  EXPECT_TRUE(MayBe(library, "haxx:curl"));
  EXPECT_TRUE(CpeNamesOf(PackageOf("", "dpkg", "", "1")).empty());
}

TEST(CpeNames, StatedOnesAreTakenAndNoOthers) {
  auto package = Python("Pillow", "9.0");
  package.attributes = {{std::string(model::kCpesAttribute),
                         "cpe:2.3:a:acme:pil\\/low:*:*:*:*:*:python:*:* nonsense cpe:/a:oracle:jdk:1.8.0:update191 "
                         "cpe:2.3:h:acme:box:*:*:*:*:*:*:*:*"}};
  EXPECT_EQ(CpeNamesOf(package),
            (std::vector<CpeName>{{"acme:pil/low", "9.0", "python"}, {"oracle:jdk", "1.8.0_191", ""}}));
}

TEST(CpeNames, NeverTooMany) {
  auto package = Python("a-b_c", "1");
  for (int i = 0; i < 1'000; ++i) package.advisory_names.push_back(Format("name{}", i));
  for (int i = 0; i < 1'000; ++i) package.upstreams.push_back({Format("source{}", i), "1"});
  EXPECT_EQ(CpeNamesOf(package).size(), kCpeNamesMax);
  EXPECT_TRUE(CpeNamesOf(Python(std::string(1'000, 'x'), "1")).empty());
}

TEST(CpeNames, UpstreamVersionsHaveNothingOfTheDistribution) {
  EXPECT_EQ(UpstreamVersion("1:3.0.11+dfsg-1~deb12u2", "dpkg"), "3.0.11");
  EXPECT_EQ(UpstreamVersion("3.0~rc1-1", "dpkg"), "3.0-rc1");
  EXPECT_EQ(UpstreamVersion("7.88.1-10+deb12u5", "dpkg"), "7.88.1");
  EXPECT_EQ(UpstreamVersion("2.0", "dpkg"), "2.0");
  EXPECT_EQ(UpstreamVersion("1:3.0.7-27.el9", "rpm"), "3.0.7");
  EXPECT_EQ(UpstreamVersion("9.7_p1-r3", "apk"), "9.7_p1");
  EXPECT_EQ(UpstreamVersion("1.0-beta-2", "maven"), "1.0-beta-2");
}

TEST(CpeSearch, TargetSoftwareIsTheKindOfPackage) {
  const auto python = Python("x", "1"), distro = PackageOf("", "dpkg", "x", "1"), binary = PackageOf("", "", "x", "1");
  for (const char* target : {"", "python", "pypi", "kubernetes"}) EXPECT_TRUE(TargetFits(target, python, "")) << target;
  for (const char* target : {"node.js", "wordpress", "windows", "joomla!"})
    EXPECT_FALSE(TargetFits(target, python, "")) << target;
  EXPECT_TRUE(TargetFits("node.js", distro, ""));
  EXPECT_FALSE(TargetFits("wordpress", distro, ""));
  EXPECT_FALSE(TargetFits("python", binary, ""));
  EXPECT_TRUE(TargetFits("python", binary, "python"));
  EXPECT_TRUE(TargetFits("wordpress", PackageOf("Packagist", "composer", "x", "1"), "wordpress"));
  EXPECT_FALSE(TargetFits("kubernetes", python, "openshift"));
}

TEST(CpeSearch, OneOfThePlatformsMustBePossible) {
  model::Distro debian;
  debian.id = "debian";
  const auto fits = [&](std::vector<std::string_view> platforms, const model::Distro& distro) {
    model::AffectedView row;
    row.platforms = platforms;
    return PlatformFits(row, distro);
  };
  EXPECT_TRUE(fits({}, debian));
  EXPECT_FALSE(fits({"microsoft:windows"}, debian));
  EXPECT_FALSE(fits({"apple:macos", "microsoft:windows_server_2019"}, debian));
  EXPECT_TRUE(fits({"microsoft:windows", "linux:linux_kernel"}, debian));
  EXPECT_TRUE(fits({"acme:box"}, debian));
  EXPECT_TRUE(fits({"debian:debian_linux"}, debian));
  EXPECT_FALSE(fits({"canonical:ubuntu_linux", "redhat:enterprise_linux"}, debian));
  EXPECT_TRUE(fits({"canonical:ubuntu_linux"}, model::Distro{}));
  EXPECT_FALSE(fits({"wordpress:wordpress"}, debian));
}

model::Advisory AdvisoryOf(std::string_view id, std::string_view ecosystem, std::string_view release,
                           std::string_view package, std::string_view fixed) {
  model::Advisory advisory;
  advisory.id = id;
  advisory.source = "test";
  advisory.aliases = {std::string(id.substr(id.find("CVE-")))};
  model::Affected row;
  row.ecosystem = ecosystem;
  row.release = release;
  row.package = package;
  row.version_scheme = ecosystem == "CPE" ? "calver" : "apk";
  row.fix_state = fixed.empty() ? model::FixState::kNotAffected : model::FixState::kFixed;
  if (!fixed.empty()) row.ranges.push_back({"0", std::string(fixed), std::nullopt});
  advisory.affected = {row};
  return advisory;
}

model::ImageAnalysis AlpineWith(model::Package package) {
  model::ImageAnalysis analysis;
  analysis.distro.id = "alpine";
  analysis.distro.version_id = "3.20.1";
  analysis.packages = {std::move(package)};
  return analysis;
}

std::vector<std::string> Told(const MatchResult& result) {
  std::vector<std::string> told;
  for (const auto& finding : result.findings) {
    std::string text = Format("{} {} {}", finding.id, finding.reason.matcher, model::FixStateName(finding.fix_state));
    for (const std::string& fixed : finding.fixed_versions) text += Format(" {}", fixed);
    told.push_back(std::move(text));
  }
  for (const auto& silenced : result.silenced)
    told.push_back(Format("({} {}: {})", silenced.finding.id, silenced.source, silenced.statement));
  return told;
}

TEST(CpeSearch, ADistributionsStatementsOutweighWhatIsFoundByName) {
  const MemoryAdvisories advisories({
      AdvisoryOf("NVD-CVE-2024-1001", "CPE", "", "haxx:curl", "9"),  // only there
      AdvisoryOf("NVD-CVE-2024-1002", "CPE", "", "haxx:curl", "9"),  // backported
      AdvisoryOf("ALPINE-CVE-2024-1002", "Alpine", "v3.20", "curl", "8.1-r1"),
      AdvisoryOf("NVD-CVE-2024-1003", "CPE", "", "haxx:curl", "9"),  // never affected
      AdvisoryOf("ALPINE-CVE-2024-1003", "Alpine", "v3.20", "curl", ""),
      AdvisoryOf("NVD-CVE-2024-1004", "CPE", "", "haxx:curl", "9"),  // found by both
      AdvisoryOf("ALPINE-CVE-2024-1004", "Alpine", "v3.20", "curl", "8.1-r9"),
      AdvisoryOf("NVD-CVE-2024-1005", "CPE", "", "haxx:curl", "8.1"),  // fixed upstream
  });
  const auto analysis = AlpineWith(PackageOf("", "apk", "curl", "8.1-r2"));
  EXPECT_EQ(Told(Value(Match(analysis, advisories, {.cpe = CpeSearch::kAll}))),
            (std::vector<std::string>{"CVE-2024-1001 cpe unknown", "CVE-2024-1004 distro-package fixed 8.1-r9",
                                      "(CVE-2024-1002 ALPINE-CVE-2024-1002: Alpine:v3.20 curl is fixed from 8.1-r1 on)",
                                      "(CVE-2024-1003 ALPINE-CVE-2024-1003: Alpine:v3.20 curl is not affected)"}));
  // There are other advisories for it, or nobody asked.
  for (const CpeSearch cpe : {CpeSearch::kNoEcosystem, CpeSearch::kOff})
    EXPECT_EQ(Told(Value(Match(analysis, advisories, {.cpe = cpe}))),
              (std::vector<std::string>{"CVE-2024-1004 distro-package fixed 8.1-r9"}));
}

TEST(CpeSearch, WhereThereIsNothingElseNamesAreAsked) {
  const MemoryAdvisories advisories({AdvisoryOf("NVD-CVE-2024-1001", "CPE", "", "redis:redis", "7.2.6")});
  auto analysis = AlpineWith(PackageOf("", "", "redis", "7.2.5"));  // a program that no database lists
  const std::vector<std::string> found = {"CVE-2024-1001 cpe fixed 7.2.6"};
  EXPECT_EQ(Told(Value(Match(analysis, advisories, {.cpe = CpeSearch::kNoEcosystem}))), found);
  EXPECT_TRUE(Told(Value(Match(analysis, advisories))).empty());
  analysis.packages[0].version = "7.2.6";
  EXPECT_TRUE(Told(Value(Match(analysis, advisories, {.cpe = CpeSearch::kAll}))).empty());
  analysis.packages[0].version = "unknown";
  EXPECT_TRUE(Told(Value(Match(analysis, advisories, {.cpe = CpeSearch::kAll}))).empty());
}

}  // namespace
}  // namespace holdfast::match
