#include "sbom/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/format.h"
#include "sbom/distro_name.h"
#include "support/test_support.h"

namespace holdfast::sbom {
namespace {

using model::ImageAnalysis;
using model::Package;
using test::ExpectError;
using test::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Testdata(const std::string& name) { return test::ReadFile(std::string(HF_TESTDATA "/") + name); }

// What findings depend on, in one line.
std::string Describe(const Package& package) {
  std::string line = Format("{} {} {}", package.type, package.name, package.version);
  if (!package.ecosystem.empty()) line += " of " + package.ecosystem;
  if (!package.version_scheme.empty()) line += " by " + package.version_scheme;
  if (!package.architecture.empty()) line += " on " + package.architecture;
  if (!package.module_label.empty()) line += " in " + package.module_label;
  for (const auto& upstream : package.upstreams)
    line += " from " + upstream.name + (upstream.version.empty() ? "" : "@" + upstream.version);
  for (const auto& name : package.advisory_names) line += " as " + name;
  return line;
}

std::vector<std::string> Lines(const ImageAnalysis& analysis) {
  std::vector<std::string> lines;
  for (const Package& package : analysis.packages) lines.push_back(Describe(package));
  return lines;
}

std::vector<std::string> GapIds(const Document& document) {
  std::vector<std::string> ids;
  for (const Gap& gap : document.completeness.gaps) ids.push_back(gap.id);
  return ids;
}

bool IsPartial(const Document& document) { return std::ranges::any_of(document.analysis.problems, &MakesPartial); }

std::string CycloneDx(const std::string& components) {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[)" + components + "]}";
}

// ---------------------------------------------------------------- recognition

struct Recognised {
  std::string_view text;
  std::optional<DocumentFormat> format;
};
class RecogniseDocumentTest : public testing::TestWithParam<Recognised> {};
TEST_P(RecogniseDocumentTest, TellsTheFormat) {
  EXPECT_EQ(RecogniseDocument(GetParam().text), GetParam().format);
  if (GetParam().format) EXPECT_TRUE(MayBeDocument(GetParam().text));
}
using enum DocumentFormat;
INSTANTIATE_TEST_SUITE_P(
    Table, RecogniseDocumentTest,
    testing::Values(
        Recognised{R"({"bomFormat":"CycloneDX"})", kCycloneDxJson},
        Recognised{"\xef\xbb\xbf \n{ \"components\" : [{\"bomFormat\":1}], \"bomFormat\" : \"CycloneDX\" ",
                   kCycloneDxJson},
        Recognised{R"({"specVersion":"1.2","components":[]})", kCycloneDxJson},
        Recognised{R"({"a":"\"","spdxVersion":"SPDX-2.2"})", kSpdxJson},
        Recognised{R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]})", kSpdx3Json},
        Recognised{R"({"artifacts":[],"schema":{}})", kSyftJson},
        Recognised{R"({"artifacts":[],"distro":{}})", kSyftJson},
        Recognised{R"({"schema":{"version":"1.0"},"descriptor":{},"packages":[)", kNativeJson},
        Recognised{R"({"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document"})",
                   kSpdxJson},
        Recognised{R"({"payloadType":"application/vnd.in-toto+json","payload":""})", kSpdxJson},
        Recognised{R"(<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.2"/>)", kCycloneDxXml},
        Recognised{"# SPDX\n\nSPDXVersion: SPDX-2.3\n", kSpdxTagValue}, Recognised{"# mine\npkg:npm/a@1\n", kPurls},
        // Neither by what is nested, nor by what is quoted.
        Recognised{R"({"a":{"bomFormat":"CycloneDX"}})", std::nullopt},
        Recognised{R"({"a":"\",\"bomFormat\":\"CycloneDX\""})", std::nullopt},
        Recognised{R"({"artifacts":[]})", std::nullopt}, Recognised{R"({"packages":[]})", std::nullopt},
        Recognised{R"([{"bomFormat":"CycloneDX"}])", std::nullopt},
        Recognised{R"(<html xmlns="http://www.w3.org/1999/xhtml"/>)", std::nullopt},
        Recognised{"#!/bin/sh\necho pkg:npm/a\n", std::nullopt}, Recognised{"", std::nullopt},
        Recognised{"PK\x03\x04", std::nullopt}));

TEST(RecogniseDocument, BytesOfArchivesAreNotWorthReading) {
  EXPECT_FALSE(MayBeDocument(std::string_view("{\0", 2)));
  EXPECT_FALSE(MayBeDocument("\x1f\x8b"));
  EXPECT_FALSE(MayBeDocument(""));
}

// ---------------------------------------------------------------- real documents

struct RealDocument {
  std::string_view file, format, tool, distro;
  Grade grade;
  std::vector<std::string> packages;
};
void PrintTo(const RealDocument& document, std::ostream* out) { *out << document.file; }

const std::vector<std::string>& Distroless() {
  static const auto& lines = *new std::vector<std::string>{
      "deb base-files 11.1+deb11u3 by dpkg on amd64",
      "deb libc6 2.31-13+deb11u3 by dpkg on amd64 from glibc",
      "deb libssl1.1 1.1.1n-0+deb11u2 by dpkg on amd64 from openssl",
      "deb netbase 6.3 by dpkg on all",
      "deb openssl 1.1.1n-0+deb11u2 by dpkg on amd64",
      "deb tzdata 2021a-1+deb11u4 by dpkg on all",
  };
  return lines;
}
const std::vector<std::string>& Npm() {
  static const auto& lines =
      *new std::vector<std::string>{"npm @sindresorhus/is 4.0.0 of npm by npm", "npm lodash 4.17.20 of npm by npm"};
  return lines;
}

class RealDocumentTest : public testing::TestWithParam<RealDocument> {};
TEST_P(RealDocumentTest, IsReadAsExpected) {
  const RealDocument& expected = GetParam();
  const std::string text = Testdata(std::string(expected.file));
  EXPECT_TRUE(RecogniseDocument(text));
  const Document document = Value(ReadDocument(text));
  EXPECT_EQ(Lines(document.analysis), expected.packages);
  EXPECT_EQ(document.completeness.format, expected.format);
  EXPECT_THAT(document.completeness.tool, testing::StartsWith(std::string(expected.tool)));
  EXPECT_EQ(document.analysis.distro.id + " " + document.analysis.distro.version_id, expected.distro);
  EXPECT_EQ(GradeName(document.completeness.grade), GradeName(expected.grade));
  EXPECT_FALSE(IsPartial(document));
}
INSTANTIATE_TEST_SUITE_P(
    Table, RealDocumentTest,
    testing::Values(
        RealDocument{"distroless-base.syft.cdx.json", "CycloneDX 1.6 JSON", "syft", "debian 11", Grade::kA,
                     Distroless()},
        RealDocument{"distroless-base.syft.cdx.xml", "CycloneDX 1.6 XML", "syft", "debian 11", Grade::kA, Distroless()},
        RealDocument{"distroless-base.syft.spdx.json", "SPDX 2.3 JSON", "syft", "debian 11", Grade::kA, Distroless()},
        RealDocument{"distroless-base.syft.spdx", "SPDX 2.3 tag-value", "syft", "debian 11", Grade::kA, Distroless()},
        RealDocument{"distroless-base.syft-16.1.13.json", "Syft 16.1.13 JSON", "syft", "debian 11", Grade::kA,
                     Distroless()},
        RealDocument{"npm.cdxgen.cdx.json", "CycloneDX 1.7 JSON", "cdxgen", " ", Grade::kA, Npm()},
        RealDocument{"npm.cyclonedx-npm.cdx.xml", "CycloneDX 1.4 XML", "npm", " ", Grade::kB, Npm()},
        RealDocument{"npm.npm.spdx.json", "SPDX 2.3 JSON", "npm/cli", " ", Grade::kA, Npm()},
        RealDocument{"python.cyclonedx-py.cdx.json",
                     "CycloneDX 1.2 JSON",
                     "cyclonedx-py",
                     " ",
                     Grade::kB,
                     {"python Jinja2 3.0.0 of PyPI by pep440 as jinja2",
                      "python MarkupSafe 3.0.4 of PyPI by pep440 as markupsafe", "python pip 23.2.1 of PyPI by pep440",
                      "python setuptools 65.5.0 of PyPI by pep440",
                      "python zope.interface 5.4.0 of PyPI by pep440 as zope-interface"}}));

TEST(Document, SyftsDocumentsOfOneImageAgree) {
  const auto files = [](std::string_view name) { return Value(ReadDocument(Testdata(std::string(name)))).analysis; };
  const ImageAnalysis first = files("distroless-base.syft.cdx.json");
  EXPECT_EQ(first.packages[1].locations.front().path, "var/lib/dpkg/status.d/libc6");
  EXPECT_EQ(first.layers.size(), 2U);
  for (const std::string_view other :
       {"distroless-base.syft.cdx.xml", "distroless-base.syft.spdx.json", "distroless-base.syft.spdx"})
    for (std::size_t i = 0; i < first.packages.size(); ++i) {
      const ImageAnalysis analysis = files(other);
      EXPECT_EQ(analysis.packages[i].purl.Text(), first.packages[i].purl.Text()) << other;
      EXPECT_EQ(analysis.packages[i].locations.front().path, first.packages[i].locations.front().path) << other;
    }
}

// ---------------------------------------------------------------- one package, as different tools state it

struct StatedAs {
  std::string_view component;  // of a CycloneDX document
  std::string_view package, distro;
};
class ComponentTest : public testing::TestWithParam<StatedAs> {};
TEST_P(ComponentTest, BecomesThePackage) {
  const Document document = Value(ReadDocument(CycloneDx(std::string(GetParam().component))));
  ASSERT_EQ(document.analysis.packages.size(), 1U);
  EXPECT_EQ(Describe(document.analysis.packages[0]), GetParam().package);
  const model::Distro& distro = document.analysis.distro;
  EXPECT_EQ(distro.id + " " + (distro.version_id.empty() ? distro.version_codename : distro.version_id),
            GetParam().distro);
}
INSTANTIATE_TEST_SUITE_P(
    Table, ComponentTest,
    testing::Values(
        // Trivy: epoch, source and release apart, the distribution a component of its own.
        StatedAs{R"({"type":"operating-system","name":"debian","version":"12.8"},
          {"type":"library","name":"libcap2","version":"1:2.66-4","purl":"pkg:deb/debian/libcap2@2.66-4?arch=amd64&distro=debian-12.8&epoch=1",
           "properties":[{"name":"aquasecurity:trivy:SrcName","value":"libcap2"},{"name":"aquasecurity:trivy:SrcVersion","value":"2.66"},
           {"name":"aquasecurity:trivy:SrcRelease","value":"4"},{"name":"aquasecurity:trivy:SrcEpoch","value":"1"}]})",
                 "deb libcap2 1:2.66-4 by dpkg on amd64", "debian 12.8"},
        StatedAs{R"({"type":"operating-system","name":"redhat","version":"8.6"},
          {"type":"library","name":"openssl-libs","version":"1.1.1k-6.el8_5","purl":"pkg:rpm/redhat/openssl-libs@1.1.1k-6.el8_5?arch=x86_64&distro=redhat-8.6&epoch=1",
           "properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"1.1.1k"},
           {"name":"aquasecurity:trivy:SrcRelease","value":"6.el8_5"},{"name":"aquasecurity:trivy:SrcEpoch","value":"1"}]})",
                 "rpm openssl-libs 1:1.1.1k-6.el8_5 by rpm on x86_64 from openssl", "rhel 8.6"},
        // Its older documents: no epoch in the version.
        StatedAs{
            R"({"type":"library","name":"openssl-libs","version":"1.0.2k-16.el7","purl":"pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810",
           "properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"1.0.2k"},
           {"name":"aquasecurity:trivy:SrcRelease","value":"16.el7"},{"name":"aquasecurity:trivy:SrcEpoch","value":"1"}]})",
            "rpm openssl-libs 1:1.0.2k-16.el7 by rpm on x86_64 from openssl", "centos 7.6.1810"},
        // Docker Scout.
        StatedAs{
            R"({"type":"library","name":"openssl","version":"3.0.2-0ubuntu1","purl":"pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1?os_distro=jammy&os_name=ubuntu&os_version=22.04"})",
            "deb openssl 3.0.2-0ubuntu1 by dpkg", "ubuntu 22.04"},
        // A codename for the release.
        StatedAs{R"({"type":"library","name":"curl","purl":"pkg:deb/debian/curl@7.88.1-10?arch=i386&distro=bookworm"})",
                 "deb curl 7.88.1-10 by dpkg on i386", "debian 12"},
        StatedAs{
            R"({"type":"library","name":"libcurl4","purl":"pkg:deb/debian/libcurl4@7.88.1-10?distro=debian-12&distro_name=bookworm&upstream=curl@7.88.1-9"})",
            "deb libcurl4 7.88.1-10 by dpkg from curl@7.88.1-9", "debian 12"},
        StatedAs{R"({"type":"library","name":"a","purl":"pkg:deb/debian/a@1?distro=debian-forky"})", "deb a 1 by dpkg",
                 "debian forky"},
        StatedAs{
            R"({"type":"library","name":"a","purl":"pkg:rpm/opensuse/a@1-1?distro=opensuse-leap-15.5&upstream=b-1-1.src.rpm"})",
            "rpm a 1-1 by rpm from b", "opensuse-leap 15.5"},
        StatedAs{
            R"({"type":"library","name":"m","version":"1","purl":"pkg:rpm/rocky/m@1-2?rpmmod=n:1:2:3&distro=rocky-8.9"})",
            "rpm m 1-2 by rpm in n:1:2:3", "rocky 8.9"},
        StatedAs{
            R"({"type":"library","name":"busybox-binsh","version":"1.36.1-r2","purl":"pkg:apk/alpine/busybox-binsh@1.36.1-r2?arch=x86_64&distro=3.18.4&upstream=busybox"})",
            "apk busybox-binsh 1.36.1-r2 by apk on x86_64 from busybox", "alpine 3.18.4"},
        StatedAs{R"({"type":"library","name":"w","purl":"pkg:apk/wolfi/w@1-r0"})", "apk w 1-r0 by apk", "wolfi "},
        // Languages.
        StatedAs{
            R"({"type":"library","group":"org.apache.logging.log4j","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar"})",
            "java-archive log4j-core 2.14.1 of Maven by maven as org.apache.logging.log4j:log4j-core as "
            "log4j-core:log4j-core",
            " "},
        StatedAs{
            R"({"type":"library","group":"@babel","name":"core","version":"7.0.0","purl":"pkg:npm/%40babel/core@7.0.0"})",
            "npm @babel/core 7.0.0 of npm by npm", " "},
        StatedAs{
            R"({"type":"library","name":"github.com/BurntSushi/toml","version":"v1.0.0","purl":"pkg:golang/github.com/burntsushi/toml@v1.0.0"})",
            "go-module github.com/BurntSushi/toml v1.0.0 of Go by go", " "},
        StatedAs{R"({"type":"library","name":"stdlib","version":"go1.22.1","purl":"pkg:golang/stdlib@1.22.1"})",
                 "go-module stdlib 1.22.1 of Go by go", " "},
        StatedAs{
            R"({"type":"framework","name":"http-kernel","group":"symfony","version":"v5.4.0","purl":"pkg:composer/symfony/http-kernel@v5.4.0"})",
            "php-composer symfony/http-kernel v5.4.0 of Packagist by composer as symfony/http-kernel", " "},
        StatedAs{R"({"type":"library","name":"Zope.Interface","purl":"pkg:pypi/zope-interface@5.4.0"})",
                 "python Zope.Interface 5.4.0 of PyPI by pep440 as zope-interface", " "},
        StatedAs{R"({"type":"library","name":"x","version":"1","purl":"pkg:nuget/Newtonsoft.Json@13.0.1"})",
                 "dotnet Newtonsoft.Json 1 of NuGet by nuget", " "},
        StatedAs{R"({"type":"library","name":"serde","version":"1.0.0","purl":"pkg:cargo/serde@1.0.0"})",
                 "rust-crate serde 1.0.0 of crates.io by semver", " "},
        // No package URL, but a type.
        StatedAs{
            R"({"type":"library","name":"lodash","version":"4.0.0","properties":[{"name":"syft:package:type","value":"npm"}]})",
            "npm lodash 4.0.0 of npm by npm", " "},
        StatedAs{
            R"({"type":"library","group":"g","name":"a","version":"1","properties":[{"name":"syft:package:type","value":"java-archive"}]})",
            "java-archive a 1 of Maven by maven as g:a as a:a", " "},
        StatedAs{
            R"({"type":"library","name":"zlib","version":"1.2.11","cpe":"cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*"})",
            "unknown zlib 1.2.11", " "},
        StatedAs{R"({"type":"library","name":"a","version":"UNKNOWN","purl":"pkg:npm/a"})", "npm a  of npm by npm",
                 " "}));

TEST(Document, WhatIsNoPackageIsLeftOut) {
  const Document document = Value(ReadDocument(CycloneDx(
      R"({"type":"file","name":"/bin/a"},{"type":"application","name":"package-lock.json"},{"type":"container","name":"app","purl":"pkg:oci/app@sha256:1"},
         {"type":"data","name":"d"},{"type":"library","name":"a","purl":"pkg:npm/a@1","components":[{"type":"library","name":"b","purl":"pkg:npm/b@2"}]})")));
  EXPECT_THAT(Lines(document.analysis), ElementsAre("npm a 1 of npm by npm", "npm b 2 of npm by npm"));
}

TEST(Document, CycloneDxDetailsAreKept) {
  const Document document = Value(ReadDocument(
      R"({"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","name":"registry.example/app","version":"sha256:12"},
       "tools":[{"vendor":"v","name":"t","version":"1"}]},"components":[
       {"bom-ref":"x","type":"library","name":"a","version":"1","purl":"pkg:npm/a@1","publisher":"P","licenses":[{"expression":"MIT OR ISC","acknowledgement":"declared"}],
        "evidence":{"occurrences":[{"location":"/app/node_modules/a/package.json"}]},"externalReferences":[{"type":"website","url":"https://a.example"}]},
       {"bom-ref":"y","type":"library","name":"b","version":"1","purl":"pkg:npm/b@1","licenses":[{"license":{"id":"MIT"}},{"license":{"name":"Mine"}}]}],
       "dependencies":[{"ref":"x","dependsOn":["y","nowhere"]}]})"));
  const Package& a = document.analysis.packages.at(0);
  EXPECT_EQ(document.analysis.source.name, "registry.example/app");
  EXPECT_EQ(document.analysis.source.manifest_digest, "sha256:12");
  EXPECT_EQ(document.completeness.tool, "t 1");
  EXPECT_EQ(a.supplier, "P");
  EXPECT_EQ(a.homepage, "https://a.example");
  EXPECT_EQ(a.licenses, (std::vector<model::License>{{"MIT OR ISC", "MIT OR ISC"}}));
  EXPECT_EQ(a.locations, (std::vector<model::Location>{{"app/node_modules/a/package.json", 0, true}}));
  EXPECT_EQ(document.analysis.packages.at(1).licenses, (std::vector<model::License>{{"MIT", "MIT"}, {"Mine", ""}}));
  EXPECT_THAT(document.analysis.relations, ElementsAre(model::Relation{model::RelationKind::kDependsOn, 0, 1}));
}

TEST(Document, TrivysFactsOfTheImageAreKept) {
  const Document document = Value(ReadDocument(
      R"({"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","name":"app:1","properties":[
       {"name":"aquasecurity:trivy:ImageID","value":"sha256:1"},{"name":"aquasecurity:trivy:DiffID","value":"sha256:a"},
       {"name":"aquasecurity:trivy:DiffID","value":"sha256:b"},{"name":"aquasecurity:trivy:RepoTag","value":"r/app:1"},
       {"name":"aquasecurity:trivy:RepoDigest","value":"r/app@sha256:2"}]}},"components":[{"type":"library","name":"a","purl":"pkg:npm/a@1",
       "properties":[{"name":"aquasecurity:trivy:LayerDiffID","value":"sha256:b"},{"name":"aquasecurity:trivy:FilePath","value":"app/a/package.json"}]}]})"));
  EXPECT_EQ(document.analysis.source.image_id, "sha256:1");
  EXPECT_EQ(document.analysis.source.manifest_digest, "sha256:2");
  EXPECT_THAT(document.analysis.source.tags, ElementsAre("r/app:1"));
  ASSERT_EQ(document.analysis.layers.size(), 2U);
  EXPECT_EQ(document.analysis.packages.at(0).locations,
            (std::vector<model::Location>{{"app/a/package.json", 1, true}}));
}

TEST(Document, XmlSaysTheSameAsJson) {
  const Document document = Value(ReadDocument(
      R"(<?xml version="1.0"?><!-- a comment --><bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1"><metadata>
       <tools><tool><name>t</name><version>1</version></tool></tools><component type="container"><name>app</name></component></metadata>
       <components><component type="library" bom-ref="x"><group>@a</group><name>b</name><version>1 &amp; more</version>
       <licenses><license><id>MIT</id></license><expression>ISC</expression></licenses><purl>pkg:npm/%40a/b@1</purl>
       <components><component type="library" bom-ref="y"><name>c</name><version>2</version><purl>pkg:npm/c@2</purl></component></components>
       <properties><property name="syft:package:foundBy">found</property></properties></component>
       <component type="operating-system"><name>alpine</name><version>3.18.4</version></component></components>
       <dependencies><dependency ref="x"><dependency ref="y"/></dependency></dependencies></bom>)"));
  EXPECT_THAT(Lines(document.analysis), ElementsAre("npm @a/b 1 & more of npm by npm", "npm c 2 of npm by npm"));
  EXPECT_EQ(document.analysis.packages[0].cataloger, "found");
  EXPECT_EQ(document.analysis.packages[0].licenses.size(), 2U);
  EXPECT_EQ(document.analysis.source.name, "app");
  EXPECT_EQ(document.analysis.distro.id, "alpine");
  EXPECT_THAT(document.analysis.relations, ElementsAre(model::Relation{model::RelationKind::kDependsOn, 0, 1}));
}

// ---------------------------------------------------------------- SPDX

std::string Spdx2(const std::string& packages, const std::string& rest = "") {
  return R"({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","creationInfo":{"creators":["Person: x","Tool: tool-1"]},"packages":[)" +
         packages + "]" + rest + "}";
}

TEST(Document, SpdxOfTrivyStatesSourcesInWords) {
  const Document document = Value(ReadDocument(Spdx2(
      R"({"SPDXID":"SPDXRef-OperatingSystem-1","name":"alpine","versionInfo":"3.18.4","primaryPackagePurpose":"OPERATING-SYSTEM"},
         {"SPDXID":"SPDXRef-ContainerImage-1","name":"app:1","primaryPackagePurpose":"CONTAINER","externalRefs":[
          {"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:oci/app@sha256:1"}]},
         {"SPDXID":"SPDXRef-Package-1","name":"ssl_client","versionInfo":"1.36.1-r2","sourceInfo":"built package from: busybox 1.36.1-r2",
          "licenseDeclared":"LicenseRef-1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:apk/alpine/ssl_client@1.36.1-r2?arch=x86_64&distro=3.18.4"}]})",
      R"(,"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-1","extractedText":"GPL-2.0-only"}])")));
  EXPECT_THAT(Lines(document.analysis), ElementsAre("apk ssl_client 1.36.1-r2 by apk on x86_64 from busybox"));
  EXPECT_EQ(document.analysis.distro.version_id, "3.18.4");
  EXPECT_EQ(document.analysis.packages[0].licenses.at(0).spdx_expression, "GPL-2.0-only");
  EXPECT_EQ(document.analysis.source.name, "app:1");
  EXPECT_EQ(document.completeness.tool, "tool-1");
  EXPECT_THAT(GapIds(document), ElementsAre("no-location"));
}

// No purposes, and versions without release, in Trivy's first documents.
TEST(Document, OlderSpdxOfTrivyIsReadToo) {
  const Document document = Value(ReadDocument(
      R"({"spdxVersion":"SPDX-2.2","SPDXID":"SPDXRef-DOCUMENT","name":"app.tar","creationInfo":{"creators":["Tool: trivy-0.30"]},"packages":[
      {"SPDXID":"SPDXRef-ContainerImage-1","name":"app.tar"},{"SPDXID":"SPDXRef-OperatingSystem-2","name":"redhat","versionInfo":"8.6"},
      {"SPDXID":"SPDXRef-Application-3","name":"bundler","sourceInfo":"app/Gemfile.lock"},
      {"SPDXID":"SPDXRef-Package-4","name":"glibc-common","versionInfo":"2.28","sourceInfo":"built package from: glibc 2.28-189.el8","externalRefs":[
       {"referenceType":"purl","referenceLocator":"pkg:rpm/redhat/glibc-common@2.28-189.el8?arch=x86_64&distro=redhat-8.6"}]}],
      "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-ContainerImage-1"},
       {"spdxElementId":"SPDXRef-ContainerImage-1","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-OperatingSystem-2"}]})"));
  EXPECT_THAT(Lines(document.analysis), ElementsAre("rpm glibc-common 2.28-189.el8 by rpm on x86_64 from glibc"));
  EXPECT_EQ(document.analysis.source.name, "app.tar");
  EXPECT_EQ(document.analysis.distro.id, "rhel");
  EXPECT_THAT(GapIds(document), ElementsAre("no-epoch", "no-location"));
}

TEST(Document, TheSubjectOfAnSpdxDocumentIsNoPackageUnlessItIsAll) {
  const std::string a =
      R"({"SPDXID":"SPDXRef-a","name":"a","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/a@1"}]})";
  const std::string b =
      R"({"SPDXID":"SPDXRef-b","name":"b","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/b@1"}]})";
  const auto names = [](const std::string& text) { return Lines(Value(ReadDocument(text)).analysis); };
  EXPECT_THAT(names(Spdx2(a + "," + b, R"(,"documentDescribes":["SPDXRef-a"])")), ElementsAre("npm b 1 of npm by npm"));
  EXPECT_THAT(names(Spdx2(a + "," + b, R"(,"documentDescribes":["SPDXRef-a","SPDXRef-b"])")), testing::SizeIs(2));
  EXPECT_THAT(names(Spdx2(a, R"(,"documentDescribes":["SPDXRef-a"])")), testing::SizeIs(1));
}

TEST(Document, SpdxRelationsKeepTheirDirection) {
  const std::string packages =
      R"({"SPDXID":"SPDXRef-a","name":"a"},{"SPDXID":"SPDXRef-b","name":"b"},{"SPDXID":"SPDXRef-c","name":"c"})";
  const Document document = Value(ReadDocument(Spdx2(
      packages,
      R"(,"relationships":[{"spdxElementId":"SPDXRef-a","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-b"},
        {"spdxElementId":"SPDXRef-a","relationshipType":"DEPENDENCY_OF","relatedSpdxElement":"SPDXRef-c"},
        {"spdxElementId":"SPDXRef-b","relationshipType":"OTHER","relatedSpdxElement":"SPDXRef-c","comment":"ownership-by-file-overlap: indicates"},
        {"spdxElementId":"SPDXRef-a","relationshipType":"OTHER","relatedSpdxElement":"SPDXRef-c","comment":"evident-by: x"}])")));
  using enum model::RelationKind;
  EXPECT_THAT(
      document.analysis.relations,
      ElementsAre(model::Relation{kDependsOn, 0, 1}, model::Relation{kDependsOn, 2, 0}, model::Relation{kOwns, 1, 2}));
}

TEST(Document, TagValueHasTextsOfSeveralLines) {
  const Document document = Value(ReadDocument(
      "SPDXVersion: SPDX-2.2\nDocumentName: n\nCreator: Tool: tool-2\n\n# a comment\nPackageName: libssl3\r\nSPDXID: "
      "SPDXRef-1\n"
      "PackageVersion: 3.0.11-1\nPackageComment: <text>PackageName: not this one\n\nSPDXID: nor this</text>\n"
      "ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl\n"
      "PackageSourceInfo: <text>acquired package info from DPKG DB: /var/lib/dpkg/status, "
      "/usr/share/doc/libssl3/copyright</text>\n"
      "PackageLicenseDeclared: LicenseRef-a\nFileName: ./x\nSPDXID: SPDXRef-File\nLicenseID: "
      "LicenseRef-a\nExtractedText: <text>MIT</text>\n"
      "PackageName: libc6\nSPDXID: SPDXRef-2\nExternalRef: PACKAGE_MANAGER purl "
      "pkg:deb/debian/libc6@2.36-9?distro=debian-12\n"
      "Relationship: SPDXRef-1 DEPENDS_ON SPDXRef-2\n"));
  EXPECT_THAT(Lines(document.analysis),
              ElementsAre("deb libc6 2.36-9 by dpkg", "deb libssl3 3.0.11-1 by dpkg on amd64 from openssl"));
  EXPECT_EQ(
      document.analysis.packages[1].locations,
      (std::vector<model::Location>{{"var/lib/dpkg/status", 0, true}, {"usr/share/doc/libssl3/copyright", 0, false}}));
  EXPECT_EQ(document.analysis.packages[1].licenses.at(0).value, "MIT");
  EXPECT_THAT(document.analysis.relations, ElementsAre(model::Relation{model::RelationKind::kDependsOn, 1, 0}));
  ExpectError(ReadDocument("SPDXVersion: SPDX-2.2\nPackageName: a\nPackageComment: <text>cut"), ErrorKind::kCorrupt,
              "no end");
}

TEST(Document, Spdx3NamesElements) {
  const Document document =
      Value(ReadDocument(R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
    {"type":"CreationInfo","@id":"_:c","createdUsing":["t"]},{"type":"Tool","spdxId":"t","name":"tool-3"},
    {"type":"SpdxDocument","spdxId":"d","name":"app","rootElement":["s"]},{"type":"software_Sbom","spdxId":"s","rootElement":["r"]},
    {"type":"software_Package","spdxId":"r","name":"app","software_primaryPurpose":"container"},
    {"type":"software_Package","spdxId":"o","name":"debian","software_packageVersion":"12","software_primaryPurpose":"operatingSystem"},
    {"type":"Organization","spdxId":"org","name":"Debian"},
    {"type":"software_Package","spdxId":"p","name":"libssl3","software_packageVersion":"3.0.11-1","suppliedBy":"org",
     "software_packageUrl":"pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl"},
    {"type":"software_Package","spdxId":"q","name":"a","externalIdentifier":[{"externalIdentifierType":"packageUrl","identifier":"pkg:npm/a@1"}]},
    {"type":"simplelicensing_LicenseExpression","spdxId":"l","simplelicensing_licenseExpression":"MIT"},
    {"type":"Relationship","spdxId":"x","from":"p","to":["l"],"relationshipType":"hasDeclaredLicense"},
    {"type":"Relationship","spdxId":"y","from":"q","to":["p","nowhere"],"relationshipType":"dependsOn"}]})"));
  EXPECT_THAT(Lines(document.analysis),
              ElementsAre("deb libssl3 3.0.11-1 by dpkg on amd64 from openssl", "npm a 1 of npm by npm"));
  EXPECT_EQ(document.analysis.packages[0].licenses.at(0).value, "MIT");
  EXPECT_EQ(document.analysis.packages[0].supplier, "Debian");
  EXPECT_EQ(document.analysis.distro.version_id, "12");
  EXPECT_EQ(document.completeness.tool, "tool-3");
  EXPECT_THAT(document.analysis.relations, ElementsAre(model::Relation{model::RelationKind::kDependsOn, 1, 0}));
}

// ---------------------------------------------------------------- package URLs, wrappers

TEST(Document, PackageUrlsALine) {
  const Document document =
      Value(ReadDocument("# mine\n\npkg:npm/a@1   # why\n  pkg:golang/b/c@v1#sub\r\nnonsense\npkg:deb\n"));
  EXPECT_THAT(Lines(document.analysis), ElementsAre("go-module b/c v1 of Go by go", "npm a 1 of npm by npm"));
  EXPECT_EQ(document.analysis.source.kind, "purl");
  EXPECT_THAT(GapIds(document), ElementsAre("unreadable-records", "no-location"));
  std::vector<std::string> messages;
  for (const Problem& problem : document.analysis.problems) messages.push_back(problem.message);
  EXPECT_THAT(messages,
              testing::IsSupersetOf({HasSubstr("line 5: not a package URL"), HasSubstr("line 6: not a package URL")}));
}

TEST(Document, StatementsEnvelopesAndBuildxAreOpened) {
  const std::string inner = CycloneDx(R"({"type":"library","name":"a","purl":"pkg:npm/a@1"})");
  const std::string statement =
      R"({"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://cyclonedx.org/bom","predicate":)" +
      inner + "}";
  const std::string envelope =
      R"({"payloadType":"application/vnd.in-toto+json","payload":")" + EncodeBase64(statement) + R"("})";
  for (const std::string& text : {inner, statement, envelope, R"({"SPDX":)" + inner + "}", R"({"sbom":)" + inner + "}",
                                  R"({"predicateType":"x","predicate":{"Data":)" + inner + R"(,"Timestamp":""}})"})
    EXPECT_THAT(Lines(Value(ReadDocument(text)).analysis), ElementsAre("npm a 1 of npm by npm")) << text;
  std::string deep = inner;
  for (int i = 0; i < 8; ++i) deep = R"({"predicateType":"x","predicate":)" + deep + "}";
  ExpectError(ReadDocument(deep), ErrorKind::kUnsupported, "another kind");
  ExpectError(ReadDocument(R"({"payloadType":"application/vnd.in-toto+json","payload":"!"})"), ErrorKind::kCorrupt,
              "Base64");
}

// ---------------------------------------------------------------- what is missing

struct Missing {
  std::string_view what;
  std::string components;
  Grade grade;
  std::vector<std::string> gaps;
  bool partial;
};
void PrintTo(const Missing& missing, std::ostream* out) { *out << missing.what; }
constexpr std::string_view kHere = R"("evidence":{"occurrences":[{"location":"/x"}]})";
std::string Npm(std::string_view name) {
  return Format(R"({{"type":"library","name":"{}","purl":"pkg:npm/{}@1",{}}})", name, name, kHere);
}
std::string Deb(std::string_view name, std::string_view qualifiers) {
  return Format(R"({{"type":"library","name":"{}","purl":"pkg:deb/debian/{}@1?arch=all{}",{}}})", name, name,
                qualifiers, kHere);
}

class MissingTest : public testing::TestWithParam<Missing> {};
TEST_P(MissingTest, IsToldAndGraded) {
  const Document document = Value(ReadDocument(CycloneDx(GetParam().components)));
  EXPECT_EQ(GapIds(document), GetParam().gaps);
  EXPECT_EQ(GradeName(document.completeness.grade), GradeName(GetParam().grade));
  EXPECT_EQ(IsPartial(document), GetParam().partial);
  for (const Gap& gap : document.completeness.gaps)
    EXPECT_TRUE(
        std::ranges::any_of(document.analysis.problems, [&](const Problem& p) { return p.message == gap.message; }));
}
INSTANTIATE_TEST_SUITE_P(
    Table, MissingTest,
    testing::Values(
        Missing{"nothing", Npm("a"), Grade::kA, {}, false},
        Missing{"location", R"({"type":"library","name":"a","purl":"pkg:npm/a@1"})", Grade::kB, {"no-location"}, false},
        Missing{"sources", Deb("a", "&distro=debian-12") + "," + Npm("b"), Grade::kC, {"no-source-name"}, true},
        Missing{"no source, where others have one",
                Deb("a", "&distro=debian-12") + "," + Deb("b", "&distro=debian-12&upstream=c"),
                Grade::kA,
                {},
                false},
        Missing{
            "distribution",
            R"({"type":"library","name":"a","purl":"pkg:deb/a@1?upstream=b",)" + std::string(kHere) + "}," + Npm("b"),
            Grade::kC,
            {"no-distro"},
            true},
        Missing{"release", Deb("a", "&upstream=b") + "," + Npm("b"), Grade::kC, {"no-release"}, true},
        Missing{"release, of one that has none",
                R"({"type":"library","name":"a","purl":"pkg:apk/wolfi/a@1?upstream=b",)" + std::string(kHere) + "}",
                Grade::kA,
                {},
                false},
        Missing{"distribution and version of one package",
                R"({"type":"library","name":"a","purl":"pkg:deb/a?upstream=b",)" + std::string(kHere) + "}," + Npm("b"),
                Grade::kC,
                {"no-distro", "no-version"},
                true},
        Missing{"another distribution",
                Deb("a", "&distro=debian-12&upstream=s") + "," + Deb("b", "&distro=debian-12") + "," +
                    Deb("c", "&distro=debian-11"),
                Grade::kC,
                {"other-distro"},
                true},
        Missing{"epoch",
                R"({"type":"library","name":"a","purl":"pkg:rpm/rocky/a@1-1?distro=rocky-9&upstream=a-1-1.src.rpm",)" +
                    std::string(kHere) + "}",
                Grade::kC,
                {"no-epoch"},
                true},
        Missing{"version",
                R"({"type":"library","name":"a","purl":"pkg:npm/a",)" + std::string(kHere) + "}," + Npm("b"),
                Grade::kC,
                {"no-version"},
                true},
        Missing{"type",
                R"({"type":"library","name":"a","version":"1",)" + std::string(kHere) + "}," + Npm("b"),
                Grade::kC,
                {"no-type"},
                true},
        Missing{"advisories",
                R"({"type":"library","name":"a","purl":"pkg:generic/a@1",)" + std::string(kHere) + "}," + Npm("b"),
                Grade::kB,
                {"type-without-advisories"},
                false},
        Missing{"advisories of most",
                R"({"type":"library","name":"a","purl":"pkg:generic/a@1",)" + std::string(kHere) +
                    R"(},{"type":"library","name":"c","purl":"pkg:alpm/arch/c@1",)" + std::string(kHere) + "}," +
                    Npm("b"),
                Grade::kD,
                {"type-without-advisories", "type-without-advisories", "mostly-unmatched"},
                true},
        Missing{"all types",
                R"({"type":"library","name":"a","version":"1",)" + std::string(kHere) + "}",
                Grade::kF,
                {"no-type", "nothing-matched"},
                true},
        Missing{"a name", R"({"type":"library","version":"1"},)" + Npm("b"), Grade::kC, {"unreadable-records"}, true},
        Missing{"a package URL that is one",
                R"({"type":"library","name":"a","version":"1","purl":"pkg:",)" + std::string(kHere) + "}," + Npm("b"),
                Grade::kC,
                {"no-type", "unreadable-records"},
                true},
        Missing{"everything", "", Grade::kF, {"no-packages"}, true}));

TEST(Document, EndlessTypesAreSummedUp) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += Format("pkg:t{}/a@1\n", i);
  const Document document = Value(ReadDocument(text));
  ASSERT_EQ(document.completeness.gaps.size(), 23U);
  EXPECT_EQ(document.completeness.gaps[20].message,
            "80 packages of other types are listed, but no advisories can be asked about them");
}

TEST(Document, SaysWhatItCosts) {
  std::string components;
  for (int i = 0; i < 12; ++i) components += (i > 0 ? "," : "") + Deb(Format("p{}", i), "&distro=debian-12");
  const Document document = Value(ReadDocument(CycloneDx(components)));
  ASSERT_EQ(document.completeness.gaps.size(), 1U);
  EXPECT_EQ(document.completeness.gaps[0].packages, 12U);
  EXPECT_EQ(document.completeness.gaps[0].message,
            "12 deb packages have no source name: advisories by source package cannot be found for them");
  EXPECT_EQ(DescribeCompleteness(document.completeness),
            "CycloneDX 1.5 JSON, completeness C\n"
            "  12 deb packages have no source name: advisories by source package cannot be found for them\n");
}

TEST(Document, PackagesOfAnotherDistributionAreNotMatchedAsThisOnes) {
  const Document document =
      Value(ReadDocument(CycloneDx(Deb("a", "&distro=debian-12&upstream=s") + "," + Deb("b", "&distro=debian-12") +
                                   "," + Deb("c", "&distro=ubuntu-22.04"))));
  EXPECT_EQ(document.analysis.distro.version_id, "12");
  EXPECT_EQ(document.analysis.packages[2].name, "c");
  EXPECT_EQ(document.analysis.packages[2].version_scheme, "");
}

TEST(Document, DocumentsThatSayThatTheyAreIncompleteAre) {
  const auto ids = [](const std::string& rest) {
    return GapIds(Value(
        ReadDocument(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[)" + Npm("a") + "]" + rest + "}")));
  };
  EXPECT_THAT(ids(R"(,"compositions":[{"aggregate":"complete"}])"), IsEmpty());
  EXPECT_THAT(ids(R"(,"compositions":[{"aggregate":"incomplete"}])"), ElementsAre("stated-incomplete"));
  EXPECT_THAT(ids(R"(,"metadata":{"properties":[{"name":"holdfast:complete","value":"false"}]})"),
              ElementsAre("stated-incomplete"));
}

TEST(Document, NewerFormatsAreReadWithAWarning) {
  const Document document =
      Value(ReadDocument(R"({"bomFormat":"CycloneDX","specVersion":"1.9","components":[)" + Npm("a") + "]}"));
  ASSERT_FALSE(document.analysis.problems.empty());
  EXPECT_THAT(document.analysis.problems.back().message, HasSubstr("newer than 1.7"));
  EXPECT_TRUE(IsPartial(document));
}

// ---------------------------------------------------------------- foreign and damaged

TEST(Document, ForeignDocumentsAreNeverClean) {
  for (const std::string_view text :
       {"", " \n", "{}", "[]", "{\"artifacts\":[]}", "{\"SchemaVersion\":2,\"Results\":[]}", "<html/>",
        "<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\"/>", "hello\n",
        "\x7f"
        "ELF",
        "pkg:\n", "{\"predicateType\":\"x\",\"predicate\":{}}"})
    ExpectError(ReadDocument(text), ErrorKind::kUnsupported, "no document that lists packages");
  ExpectError(ReadDocument("<rdf:RDF xmlns=\"http://spdx.org/rdf/terms#\"/>"), ErrorKind::kUnsupported, "RDF");
}

TEST(Document, LyingShapesAreSurvived) {
  for (
      const std::string_view text :
      {R"({"bomFormat":"CycloneDX","components":{"a":1},"metadata":[],"dependencies":7})",
       R"({"bomFormat":"CycloneDX","components":[1,null,[],{"name":{},"purl":[],"licenses":[1,{"license":3}],"properties":{}}]})",
       R"({"spdxVersion":"SPDX-2.3","packages":[1,{"name":3,"externalRefs":[1,{}]}],"relationships":[[]],"documentDescribes":[1]})",
       R"({"@context":"https://spdx.org/rdf/3.0.1/","@graph":[1,{"type":"SpdxDocument","rootElement":["a"]},{"type":"software_Sbom","spdxId":"a","rootElement":["a",1]}]})",
       R"({"schema":[],"descriptor":[],"packages":[1,{"name":"a","id":-1,"locations":[{"layer":-1}]}],"relations":[{"kind":"owns","from":0,"to":9}]})",
       R"(<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component/><x/></components></bom>)"}) {
    const auto document = ReadDocument(text);
    ASSERT_TRUE(document) << text;
    EXPECT_TRUE(IsPartial(*document)) << text;
  }
}

TEST(Document, BoundsAreKept) {
  Limits limits;
  limits.packages_max = 2;
  limits.problems_max = 3;
  const std::string three = Npm("a") + "," + Npm("b") + "," + Npm("c");
  ExpectError(ReadDocument(CycloneDx(three), limits), ErrorKind::kLimit, "more than 2 packages");
  ExpectError(ReadDocument("pkg:npm/a@1\npkg:npm/b@1\npkg:npm/c@1\n", limits), ErrorKind::kLimit,
              "more than 2 packages");
  const Document bad = Value(ReadDocument("pkg:npm/a@1\nx\nx\nx\nx\nx\n", limits));
  EXPECT_EQ(bad.analysis.problems.size(), 3U);
  EXPECT_EQ(bad.analysis.problems_dropped, 4U);
  EXPECT_EQ(bad.analysis.problems[0].message, "5 records could not be read");
  limits.document_depth_max = 4;
  ExpectError(ReadDocument(CycloneDx(R"({"name":"a","components":[{"components":[{"components":[]}]}]})"), limits),
              ErrorKind::kLimit);
}

// Every place at which a document may be cut, and many that may be flipped: an error or a result, and never one that
// looks whole where the document's own end is missing.
TEST(Document, DamagedDocumentsAreErrorsOrResults) {
  for (const std::string_view file :
       {"distroless-base.syft.cdx.json", "distroless-base.syft.cdx.xml", "distroless-base.syft.spdx.json",
        "distroless-base.syft.spdx", "npm.cdxgen.cdx.json", "python.cyclonedx-py.cdx.json"}) {
    const std::string whole = Testdata(std::string(file));
    const bool ends_itself = !file.ends_with(".spdx");
    for (std::size_t cut = 0; cut + 2 < whole.size(); cut += whole.size() / 199 + 1)
      if (const auto document = ReadDocument(std::string_view(whole).substr(0, cut)); document && ends_itself)
        ADD_FAILURE() << file << " cut at " << cut << " passes for whole";
    for (std::size_t at = 0; at < whole.size(); at += whole.size() / 997 + 1) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      const auto document = ReadDocument(flipped);
      if (!document) continue;
      for (const model::Relation& relation : document->analysis.relations)
        EXPECT_LT(std::max(relation.from, relation.to), document->analysis.packages.size());
    }
  }
}

TEST(DistroName, NamesOfToolsAreOsReleases) {
  EXPECT_EQ(DistroId("RedHat"), "rhel");
  EXPECT_EQ(DistroId("opensuse.leap"), "opensuse-leap");
  EXPECT_EQ(DistroId("Debian GNU/Linux"), "debian");
  EXPECT_EQ(DistroId("something"), "something");
  EXPECT_EQ(DistroFrom("amazon", "2 (Karoo)").version_id, "2");
  EXPECT_EQ(DistroFrom("debian", "bookworm").version_id, "12");
  EXPECT_EQ(DistroFrom("debian", "jammy").version_id, "");
  EXPECT_TRUE(SameDistro(DistroFrom("debian", "12"), DistroFrom("debian", "12.8")));
  EXPECT_FALSE(SameDistro(DistroFrom("debian", "1"), DistroFrom("debian", "12")));
  EXPECT_FALSE(SameDistro(DistroFrom("debian", "12"), DistroFrom("ubuntu", "12")));
}

}  // namespace
}  // namespace holdfast::sbom
