// What Holdfast writes about an image, it reads again: in every format the same findings as the image itself has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "io/byte_source.h"
#include "match/matcher.h"
#include "match/memory_lookup.h"
#include "sbom/cyclonedx.h"
#include "sbom/document.h"
#include "sbom/native_json.h"
#include "sbom/spdx.h"
#include "sbom/syft_json.h"
#include "service/analyzer.h"
#include "service/snapshot_lookup.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using model::ImageAnalysis;
using model::Package;
using test::Value;

struct OutputFormat {
  std::string_view name;
  std::string (*write)(const ImageAnalysis&);
};

sbom::WriteOptions Options() { return {.tool_version = "1", .timestamp = "2026-01-01T00:00:00Z"}; }

template <typename Write>
std::string Written(Write write) {
  io::StringSink sink;
  Value(write(sink));
  return sink.Take();
}

constexpr std::array kFormats = {
    OutputFormat{"json",
                 [](const ImageAnalysis& analysis) {
                   return Written(
                       [&](io::ByteSink& sink) { return sbom::WriteNativeJson(analysis, {}, Options(), sink); });
                 }},
    OutputFormat{"cyclonedx-json",
                 [](const ImageAnalysis& analysis) {
                   return Written(
                       [&](io::ByteSink& sink) { return sbom::WriteCycloneDx(analysis, {}, Options(), sink); });
                 }},
    OutputFormat{"spdx-json",
                 [](const ImageAnalysis& analysis) {
                   return Written([&](io::ByteSink& sink) { return sbom::WriteSpdx(analysis, Options(), sink); });
                 }},
    OutputFormat{"syft-json",
                 [](const ImageAnalysis& analysis) {
                   return Written([&](io::ByteSink& sink) { return sbom::WriteSyftJson(analysis, Options(), sink); });
                 }},
};

std::vector<std::string> Findings(const ImageAnalysis& analysis, const match::AdvisoryLookup& advisories) {
  const match::MatchResult result = Value(match::Match(analysis, advisories));
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings) {
    const Package& package = analysis.packages[finding.package];
    const std::string owner =
        finding.owned_by < 0 ? "nobody" : analysis.packages[static_cast<std::size_t>(finding.owned_by)].name;
    lines.push_back(Format(
        "{} {} {} {} at {} {} by {} fixed in {}, compared {} {}, range {}, owned by {}", package.type, package.name,
        package.version, package.architecture, package.locations.empty() ? "" : package.locations.front().path,
        finding.id, finding.reason.looked_up, finding.fixed_versions.empty() ? "-" : finding.fixed_versions[0],
        finding.reason.version_scheme, finding.reason.compared_version, finding.reason.range, owner));
  }
  std::ranges::sort(lines);
  return lines;
}

// Every package has a finding for each name by which it can be asked: what a document loses shows.
match::MemoryAdvisories AdvisoriesAboutAll(const ImageAnalysis& analysis, const std::string& ecosystem,
                                           const std::string& release) {
  std::vector<model::Advisory> advisories;
  const auto add = [&](const std::string& where, const std::string& in, const std::string& name,
                       const std::string& scheme) {
    model::Advisory advisory;
    advisory.id = Format("A-{}", advisories.size());
    model::Affected affected;
    affected.ecosystem = where;
    affected.release = in;
    affected.package = model::NormalisePackageName(where, name);
    affected.version_scheme = scheme;
    affected.ranges = {{.introduced = "0", .fixed = {}, .last_affected = {}}};
    advisory.affected = {affected};
    advisories.push_back(std::move(advisory));
  };
  for (const Package& package : analysis.packages) {
    const bool language = !package.ecosystem.empty();
    const std::string& where = language ? package.ecosystem : ecosystem;
    add(where, language ? "" : release, package.name, package.version_scheme);
    for (const auto& upstream : package.upstreams) add(where, release, upstream.name, package.version_scheme);
    for (const auto& name : package.advisory_names) add(where, "", name, package.version_scheme);
  }
  return match::MemoryAdvisories(std::move(advisories));
}

void ExpectRoundTrips(const ImageAnalysis& analysis, const match::AdvisoryLookup& advisories,
                      std::size_t findings_min) {
  const std::vector<std::string> expected = Findings(analysis, advisories);
  EXPECT_GE(expected.size(), findings_min);
  for (const OutputFormat& format : kFormats) {
    const std::string text = format.write(analysis);
    const sbom::Document document = Value(sbom::ReadDocument(text));
    EXPECT_EQ(Findings(document.analysis, advisories), expected) << format.name;
    EXPECT_EQ(sbom::GradeName(document.completeness.grade), "A")
        << format.name << sbom::DescribeCompleteness(document.completeness);
    EXPECT_EQ(document.analysis.problems, std::vector<Problem>()) << format.name;
    // Once more, from what was read.
    const sbom::Document again = Value(sbom::ReadDocument(format.write(document.analysis)));
    EXPECT_EQ(Findings(again.analysis, advisories), expected) << format.name;
  }
}

ImageAnalysis Analyse(const std::string& layer) {
  const auto analyzer = service::MakeLocalAnalyzer({});
  io::MemorySource source(AsBytes(layer));
  const std::string record = Value(analyzer->AnalyzeLayer(source, {}));
  return Value(analyzer->AnalyzeImage({record}, {}));
}

TEST(DocumentRoundTrip, TheDemonstrationImage) {
  const std::filesystem::path repository = HF_SOURCE_DIR;
  const test::TemporaryFolder folder;
  const auto snapshot_path = folder.Path() / "snapshot";
  Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), repository / "demo/advisories", snapshot_path,
                                {.built = "2026-01-01T00:00:00Z"}));
  const auto snapshot = Value(advisory::Snapshot::Open(snapshot_path));
  ExpectRoundTrips(Analyse(test::ReadFile(repository / "demo/image.tar.xz")), service::SnapshotLookup(*snapshot), 20);
}

TEST(DocumentRoundTrip, DebianWithLanguagesThatItOwns) {
  const ImageAnalysis analysis =
      Analyse(test::TarBuilder()
                  .File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
                  .File("var/lib/dpkg/status",
                        "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl "
                        "(3.0.11-1~deb12u1)\n"
                        "Version: 3.0.11-1~deb12u2\n\n"
                        "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
                        "1:5.2.15-2+b2\nDepends: libssl3\n\n"
                        "Package: python3-zope\nStatus: install ok installed\nArchitecture: all\nVersion: 5.4.0-1\n\n")
                  .File("var/lib/dpkg/info/python3-zope.list",
                        "/.\n/usr/lib/python3/dist-packages/zope.interface-5.4.0.dist-info/METADATA\n")
                  .File("usr/lib/python3/dist-packages/zope.interface-5.4.0.dist-info/METADATA",
                        "Metadata-Version: 2.1\nName: zope.interface\nVersion: 5.4.0\nLicense: ZPL 2.1\n")
                  .File("app/node_modules/@babel/core/package.json",
                        R"({"name":"@babel/core","version":"7.0.0","license":"MIT"})")
                  .File("app/Gemfile.d/specifications/rack-2.0.0.gemspec",
                        "Gem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"2.0.0\"\nend\n")
                  .Text());
  ASSERT_GE(analysis.packages.size(), 5U);
  ExpectRoundTrips(analysis, AdvisoriesAboutAll(analysis, "Debian", "12"), analysis.packages.size());
}

TEST(DocumentRoundTrip, AlpineOrigins) {
  const ImageAnalysis analysis =
      Analyse(test::TarBuilder()
                  .File("etc/os-release", "ID=alpine\nVERSION_ID=3.18.4\n")
                  .File("lib/apk/db/installed",
                        "P:busybox-binsh\nV:1.36.1-r2\nA:x86_64\no:busybox\nL:GPL-2.0-only\n\n"
                        "P:musl\nV:1.2.4-r1\nA:x86_64\no:musl\n\n")
                  .Text());
  ExpectRoundTrips(analysis, AdvisoriesAboutAll(analysis, "Alpine", "v3.18"), 2);
}

// Made by hand: RPM modules and epochs, a source whose version differs, jars of several possible groups.
TEST(DocumentRoundTrip, ModulesEpochsAndGuessedGroups) {
  ImageAnalysis analysis;
  analysis.distro.id = "rocky";
  analysis.distro.version_id = "8.9";
  analysis.source.reference = "made";
  analysis.layers = {{.diff_id = "sha256:" + std::string(64, 'a')}, {.diff_id = "sha256:" + std::string(64, 'b')}};
  const auto rpm = [&](std::string name, std::string version, std::string epoch, std::string module,
                       model::Upstream from) {
    Package package{.name = name, .version = epoch.empty() ? version : epoch + ":" + version, .type = "rpm"};
    package.version_scheme = "rpm";
    package.architecture = "x86_64";
    package.module_label = module;
    package.cataloger = "rpm-database";
    const std::string source = from.name + "-" + (from.version.empty() ? version : from.version) + ".src.rpm";
    package.purl = Value(model::Purl::Make(
        {.type = "rpm",
         .name_space = "rocky",
         .name = name,
         .version = version,
         .qualifiers =
             {{"arch", "x86_64"}, {"distro", "rocky-8.9"}, {"epoch", epoch}, {"rpmmod", module}, {"upstream", source}},
         .subpath = {}}));
    package.attributes = {{"rpm:source-rpm", source}};
    package.upstreams = {std::move(from)};
    package.locations = {{.path = "var/lib/rpm/rpmdb.sqlite", .layer = 1}};
    analysis.packages.push_back(std::move(package));
  };
  Package jar{.name = "core", .version = "1.2", .type = "java-archive", .language = "java"};
  jar.version_scheme = "maven";
  jar.ecosystem = "Maven";
  jar.advisory_names = {"org.a:core", "com.b:core", "core:core"};
  jar.purl = Value(model::Purl::Make({.type = "maven", .name_space = "org.a", .name = "core", .version = "1.2"}));
  jar.locations = {{.path = "app/x.war:WEB-INF/lib/core.jar"}};
  analysis.packages.push_back(jar);
  rpm("nodejs", "16.20.2-3.module_el8", "1", "nodejs:16:8:c", {"nodejs", ""});
  rpm("openssl-libs", "1.1.1k-6.el8", "1", "", {"openssl", ""});
  rpm("zlib", "1.2.11-1.el8", "", "", {"zlib-src", "1.2.11-0.el8"});
  // Syft's JSON has the group that stands in the package URL, and no list of guesses.
  const match::MemoryAdvisories advisories = AdvisoriesAboutAll(analysis, "Rocky Linux", "8");
  const std::vector<std::string> expected = Findings(analysis, advisories);
  EXPECT_GE(expected.size(), 7U);
  for (const OutputFormat& format : kFormats) {
    if (format.name == "syft-json") continue;
    const sbom::Document document = Value(sbom::ReadDocument(format.write(analysis)));
    EXPECT_EQ(Findings(document.analysis, advisories), expected) << format.name;
    EXPECT_EQ(document.analysis.packages[1].module_label, "nodejs:16:8:c") << format.name;
  }
}

TEST(DocumentRoundTrip, WhatAnImageLacksItsListLacks) {
  ImageAnalysis analysis = Analyse(test::TarBuilder().File("etc/os-release", "ID=alpine\nVERSION_ID=3.18.4\n").Text());
  for (const OutputFormat& format : kFormats) {
    const sbom::Document document = Value(sbom::ReadDocument(format.write(analysis)));
    EXPECT_EQ(sbom::GradeName(document.completeness.grade), "F") << format.name;
    EXPECT_TRUE(std::ranges::any_of(document.analysis.problems, &MakesPartial)) << format.name;
  }
  Package package{.name = "a", .version = "1", .type = "npm"};
  package.ecosystem = package.version_scheme = "npm";
  package.purl = Value(model::Purl::Make({.type = "npm", .name = "a", .version = "1"}));
  package.locations = {{.path = "a"}};
  analysis.packages = {package};
  analysis.problems = {{"x", ErrorKind::kCorrupt, "a damaged database"}};
  for (const OutputFormat& format : kFormats) {
    if (format.name == "syft-json") continue;  // has no place for it
    const sbom::Document document = Value(sbom::ReadDocument(format.write(analysis)));
    EXPECT_TRUE(std::ranges::any_of(document.analysis.problems, &MakesPartial)) << format.name;
  }
}

}  // namespace
}  // namespace holdfast
