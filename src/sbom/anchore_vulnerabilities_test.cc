#include "sbom/anchore_vulnerabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::sbom {
namespace {

using model::Finding;
using model::ImageAnalysis;
using model::Package;
using test::ExpectError;
using test::Value;
using testing::HasSubstr;

Package Deb() {
  Package package;
  package.type = "deb";
  package.name = "libssl3";
  package.version = "3.0.11-1";
  package.locations = {{"var/lib/dpkg/status", 0, true}};
  return package;
}

Package Java() {
  Package package;
  package.type = "java-archive";
  package.language = "java";
  package.ecosystem = "Maven";
  package.name = "log4j-core";
  package.version = "2.14.1";
  package.locations = {{"app.jar:lib/log4j-core.jar", 0, true}};
  return package;
}

model::Distro Named(std::string id, std::string version) {
  model::Distro distro;
  distro.id = std::move(id);
  distro.version_id = std::move(version);
  return distro;
}

std::string Element(const Finding& finding, const Package& package, const AnchoreReportOptions& options = {}) {
  io::JsonWriter writer;
  WriteAnchoreVulnerability(finding, package, Named("debian", "12.8"), options, writer);
  return writer.Take();
}

TEST(AnchoreVulnerabilities, AnElementOfADistributionsPackage) {
  Finding finding;
  finding.id = "CVE-2023-5363";
  finding.advisory_id = "DSA-5532-1";
  finding.aliases = {"DSA-5532-1"};
  finding.source = "osv";
  finding.severity = model::Severity::kHigh;
  finding.fixed_versions = {"3.0.11-1~deb12u2", "3.0.12-1"};
  finding.references = {{"WEB", "https://example.org/a"}, {"ADVISORY", "https://www.debian.org/security/dsa-5532"}};
  EXPECT_EQ(Element(finding, Deb()),
            R"({"vuln":"CVE-2023-5363","severity":"High","url":"https://www.debian.org/security/dsa-5532",)"
            R"("fix":"3.0.11-1~deb12u2, 3.0.12-1","package":"libssl3-3.0.11-1","package_name":"libssl3",)"
            R"("package_version":"3.0.11-1","package_type":"dpkg","package_cpe":"None","package_cpe23":"None",)"
            R"("package_path":"pkgdb","feed":"vulnerabilities","feed_group":"debian:12",)"
            R"("nvd_data":[{"id":"CVE-2023-5363","cvss_v2":{"base_score":-1,"exploitability_score":-1,)"
            R"("impact_score":-1},"cvss_v3":{"base_score":-1,"exploitability_score":-1,"impact_score":-1}}],)"
            R"("vendor_data":[],"will_not_fix":false})");
}

TEST(AnchoreVulnerabilities, AnElementOfALanguagePackage) {
  Finding finding;
  finding.id = "GHSA-jfh8-c2jp-5v3q";
  finding.advisory_id = "GHSA-jfh8-c2jp-5v3q";
  finding.aliases = {"CVE-2021-44228", "CVE-2021-45046"};
  finding.source = "osv";
  finding.severity = model::Severity::kCritical;
  finding.fix_state = model::FixState::kWontFix;
  finding.cvss = {{"3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", ""},
                  {"2.0", "AV:N/AC:M/Au:N/C:C/I:C/A:C", "nvd@nist.gov"},
                  {"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", ""}};
  EXPECT_EQ(Element(finding, Java(), {.query_url = "http://localhost/v1/query/vulnerabilities?id="}),
            R"({"vuln":"GHSA-jfh8-c2jp-5v3q","severity":"Critical",)"
            R"("url":"http://localhost/v1/query/vulnerabilities?id=GHSA-jfh8-c2jp-5v3q","fix":"None",)"
            R"("package":"log4j-core-2.14.1","package_name":"log4j-core","package_version":"2.14.1",)"
            R"("package_type":"java","package_cpe":"None","package_cpe23":"None",)"
            R"("package_path":"/app.jar:lib/log4j-core.jar","feed":"vulnerabilities","feed_group":"github:java",)"
            R"("nvd_data":[{"id":"CVE-2021-44228","cvss_v2":{"base_score":9.3,"exploitability_score":8.6,)"
            R"("impact_score":10},"cvss_v3":{"base_score":-1,"exploitability_score":-1,"impact_score":-1}},)"
            R"({"id":"CVE-2021-45046","cvss_v2":{"base_score":-1,"exploitability_score":-1,"impact_score":-1},)"
            R"("cvss_v3":{"base_score":-1,"exploitability_score":-1,"impact_score":-1}}],)"
            R"("vendor_data":[{"id":"GHSA-jfh8-c2jp-5v3q","cvss_v2":{"base_score":-1,"exploitability_score":-1,)"
            R"("impact_score":-1},"cvss_v3":{"base_score":10,"exploitability_score":3.9,"impact_score":6}}],)"
            R"("will_not_fix":true})");
}

TEST(AnchoreVulnerabilities, WhatIsAbsentIsTheWordNone) {
  Finding finding;
  finding.id = "X-1";
  Package package = Java();
  package.version.clear();
  package.locations.clear();
  const std::string element = Element(finding, package);
  for (const char* part :
       {R"("severity":"Unknown")", R"("url":"None")", R"("fix":"None")", R"("package":"log4j-core")",
        R"("package_version":"None")", R"("package_path":"None")", R"("nvd_data":[])", R"("vendor_data":[])"})
    EXPECT_THAT(element, HasSubstr(part));
}

TEST(AnchoreVulnerabilities, OnlyAMatchByCpeNamesOne) {
  Finding finding;
  finding.id = "CVE-1";
  finding.source = "nvd";
  finding.reason.matcher = "cpe";
  EXPECT_THAT(Element(finding, Java()),
              HasSubstr(R"("package_cpe23":"cpe:2.3:a:log4j-core:log4j-core:2.14.1:*:*:*:*:*:*:*")"));
  EXPECT_THAT(Element(finding, Java()), HasSubstr(R"("feed_group":"nvd")"));
}

TEST(AnchoreVulnerabilities, FeedGroups) {
  struct Case {
    const char* id;
    const char* version;
    const char* group;
  };
  constexpr Case kCases[] = {
      {"debian", "12", "debian:12"},
      {"debian", "12.8", "debian:12"},
      {"debian", "", "debian:unstable"},
      {"raspbian", "11", "debian:11"},
      {"alpine", "3.15.4", "alpine:3.15"},
      {"alpine", "3.21.0_alpha20240807", "alpine:edge"},
      {"alpine", "", "alpine:edge"},
      {"rhel", "8.6", "rhel:8"},
      {"centos", "7", "rhel:7"},
      {"almalinux", "9.3", "almalinux:9"},
      {"rocky", "9.2", "rocky:9"},
      {"ol", "8.9", "ol:8"},
      {"amzn", "2", "amzn:2"},
      {"amzn", "2023", "amzn:2023"},
      {"ubuntu", "22.04", "ubuntu:22.04"},
      {"sles", "15.3", "sles:15.3"},
      {"wolfi", "20230201", "wolfi:rolling"},
      {"chainguard", "", "chainguard:rolling"},
      {"mariner", "2.0", "mariner:2.0"},
      {"void", "1", "void:1"},
      {"", "", "None"},
  };
  for (const Case& c : kCases) EXPECT_EQ(FeedGroup({}, Deb(), Named(c.id, c.version)), c.group) << c.id << c.version;
  constexpr std::pair<const char*, const char*> kEcosystems[] = {
      {"Maven", "github:java"},     {"PyPI", "github:python"},
      {"npm", "github:npm"},        {"RubyGems", "github:gem"},
      {"Go", "github:go"},          {"NuGet", "github:nuget"},
      {"crates.io", "github:rust"}, {"Packagist", "github:composer"},
      {"Pub", "github:pub"}};
  for (const auto& [ecosystem, group] : kEcosystems) {
    Package package;
    package.ecosystem = ecosystem;
    EXPECT_EQ(FeedGroup({}, package, Named("debian", "12")), group);
  }
  for (const char* source : {"nvd", "nvdv2", "NVD", "nvd:cpe"}) {
    Finding finding;
    finding.source = source;
    EXPECT_EQ(FeedGroup(finding, Deb(), Named("debian", "12")), "nvd");
  }
}

std::string Report(const AnchoreReportOptions& options) {
  ImageAnalysis analysis;
  analysis.packages = {Deb(), Java()};
  std::vector<Finding> findings(3);
  findings[0].id = "CVE-1";
  findings[1].id = "CVE-2";
  findings[1].package = 1;
  findings[2].id = "CVE-3";
  findings[2].fix_state = model::FixState::kWontFix;
  io::StringSink sink;
  Value(WriteAnchoreVulnerabilities(analysis, findings, options, sink));
  const auto document = Value(io::JsonDocument::Parse(sink.Text()));
  std::string ids;
  for (const io::JsonView element : document.Root()) ids += std::string(element["vuln"].StringOr("")) + " ";
  return ids;
}

TEST(AnchoreVulnerabilities, ReportsAreCutAsAskedFor) {
  EXPECT_EQ(Report({}), "CVE-1 CVE-2 ");
  EXPECT_EQ(Report({.vendor_only = false}), "CVE-1 CVE-2 CVE-3 ");
  EXPECT_EQ(Report({.type = *ParseAnchoreVulnerabilityType("os")}), "CVE-1 ");
  EXPECT_EQ(Report({.type = *ParseAnchoreVulnerabilityType("non-os")}), "CVE-2 ");
  EXPECT_EQ(Report({.type = *ParseAnchoreVulnerabilityType("all")}), "CVE-1 CVE-2 ");
  EXPECT_EQ(ParseAnchoreVulnerabilityType("nonos"), std::nullopt);
}

TEST(AnchoreVulnerabilities, AFindingOfNoPackageIsRefused) {
  io::StringSink sink;
  ExpectError(WriteAnchoreVulnerabilities({}, std::vector<Finding>(1), {}, sink), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast::sbom
