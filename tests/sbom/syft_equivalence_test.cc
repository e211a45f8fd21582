// One image, read once by our own catalogers and once from what Syft says of it: advisories that are asked about its
// packages must give the same findings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "io/byte_source.h"
#include "match/matcher.h"
#include "match/memory_lookup.h"
#include "sbom/syft_json.h"
#include "service/analyzer.h"
#include "service/snapshot_lookup.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using model::ImageAnalysis;
using test::Value;

std::vector<std::string> Lines(const ImageAnalysis& analysis, const match::AdvisoryLookup& advisories) {
  const match::MatchResult result = Value(match::Match(analysis, advisories));
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings) {
    const model::Package& package = analysis.packages[finding.package];
    lines.push_back(Format("{} {} {} {} fixed in {}, compared {} {}, range {}", package.name, package.version,
                           finding.id, finding.reason.looked_up,
                           finding.fixed_versions.empty() ? "-" : finding.fixed_versions[0],
                           finding.reason.version_scheme, finding.reason.compared_version, finding.reason.range));
  }
  std::ranges::sort(lines);
  return lines;
}

ImageAnalysis Analyse(const std::string& layer) {
  const auto analyzer = service::MakeLocalAnalyzer({});
  io::MemorySource source(AsBytes(layer));
  const std::string record = Value(analyzer->AnalyzeLayer(source, {}));
  return Value(analyzer->AnalyzeImage({record}, {}));
}

std::string WriteSyft(const ImageAnalysis& analysis) {
  io::StringSink sink;
  Value(sbom::WriteSyftJson(analysis, {}, sink));
  return sink.Take();
}

TEST(SyftEquivalence, TheDemonstrationImageHasTheSameFindings) {
  const std::filesystem::path repository = HF_SOURCE_DIR;
  const test::TemporaryFolder folder;
  const auto snapshot_path = folder.Path() / "snapshot";
  Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), repository / "demo/advisories", snapshot_path,
                                {.built = "2026-01-01T00:00:00Z"}));
  const auto snapshot = Value(advisory::Snapshot::Open(snapshot_path));
  const service::SnapshotLookup advisories(*snapshot);

  const ImageAnalysis ours = Analyse(test::ReadFile(repository / "demo/image.tar.xz"));
  const ImageAnalysis syfts =
      Value(sbom::ParseSyftJson(test::ReadFile(HF_TESTDATA "/almalinux-9.3-micro.syft-16.1.13.json")));
  const std::vector<std::string> expected = Lines(ours, advisories);
  EXPECT_GT(expected.size(), 20U);
  EXPECT_EQ(Lines(syfts, advisories), expected);
  EXPECT_EQ(Lines(Value(sbom::ParseSyftJson(WriteSyft(ours))), advisories), expected);
}

TEST(SyftEquivalence, PackagesAreTheSame) {
  const ImageAnalysis ours = Analyse(test::ReadFile(HF_SOURCE_DIR "/demo/image.tar.xz"));
  const ImageAnalysis syfts =
      Value(sbom::ParseSyftJson(test::ReadFile(HF_TESTDATA "/almalinux-9.3-micro.syft-16.1.13.json")));
  const auto describe = [](const ImageAnalysis& analysis) {
    std::vector<std::string> lines;
    for (const model::Package& p : analysis.packages) {
      if (p.name == "gpg-pubkey") continue;  // a key in the RPM database, which Syft lists as a package
      std::string line = Format("{} {} {} {} {} {} {} {}", p.type, p.name, p.version, p.architecture, p.version_scheme,
                                p.ecosystem, p.supplier, p.purl.Text());
      for (const auto& upstream : p.upstreams) line += Format(" from {} {}", upstream.name, upstream.version);
      for (const auto& license : p.licenses) line += Format(" under {} ({})", license.value, license.spdx_expression);
      for (const auto& location : p.locations) line += Format(" in {}", location.path);
      lines.push_back(std::move(line));
    }
    return lines;
  };
  EXPECT_THAT(describe(syfts), testing::Pointwise(testing::Eq(), describe(ours)));
  EXPECT_EQ(syfts.distro.id, ours.distro.id);
  EXPECT_EQ(syfts.distro.version_id, ours.distro.version_id);
  EXPECT_EQ(syfts.distro.id_like, ours.distro.id_like);
}

model::Advisory DistroAdvisory(std::string id, std::string ecosystem, std::string release, std::string package,
                               std::string scheme, std::string fixed) {
  model::Advisory advisory;
  advisory.id = std::move(id);
  advisory.source = "osv";
  model::Affected affected;
  affected.ecosystem = std::move(ecosystem);
  affected.release = std::move(release);
  affected.package = std::move(package);
  affected.version_scheme = std::move(scheme);
  affected.ranges = {{.introduced = "0", .fixed = std::move(fixed), .last_affected = {}}};
  advisory.affected = {affected};
  return advisory;
}

std::string DebianLayer() {
  return test::TarBuilder()
      .File("etc/os-release", "ID=debian\nVERSION_ID=\"11\"\n")
      .File("var/lib/dpkg/status",
            "Package: libssl1.1\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\n"
            "Version: 1.1.1k-1+deb11u1\n\n"
            "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nSource: bash (5.1-2)\n"
            "Version: 5.1-2+b3\n")
      .Text();
}

// The same packages as a document of the first schema lists them, by hand.
TEST(SyftEquivalence, DebianSourcesAreFoundFromTheFirstSchemaToo) {
  const match::MemoryAdvisories advisories(
      {DistroAdvisory("DSA-1", "Debian", "11", "openssl", "dpkg", "1.1.1n-0+deb11u1"),
       DistroAdvisory("DSA-2", "Debian", "11", "bash", "dpkg", "5.1-2+b1"),
       DistroAdvisory("DSA-3", "Debian", "11", "bash", "dpkg", "5.1-3"),
       DistroAdvisory("DSA-4", "Debian", "11", "libssl1.1", "dpkg", "9")});
  const std::vector<std::string> expected = Lines(Analyse(DebianLayer()), advisories);
  EXPECT_EQ(expected.size(), 3U);
  const ImageAnalysis syfts =
      Value(sbom::ParseSyftJson(test::ReadFile(HF_SOURCE_DIR "/src/sbom/testdata/syft-1.1.json")));
  EXPECT_EQ(Lines(syfts, advisories), expected);
}

std::string AlpineLayer() {
  return test::TarBuilder()
      .File("etc/os-release", "ID=alpine\nVERSION_ID=3.18.4\n")
      .File("lib/apk/db/installed",
            "P:busybox-binsh\nV:1.36.1-r2\nA:x86_64\no:busybox\n\n"
            "P:musl\nV:1.2.4-r1\nA:x86_64\no:musl\n\n")
      .Text();
}

TEST(SyftEquivalence, AlpineOriginsAreFound) {
  const match::MemoryAdvisories advisories({DistroAdvisory("A-1", "Alpine", "v3.18", "busybox", "apk", "1.36.1-r5"),
                                            DistroAdvisory("A-2", "Alpine", "v3.18", "musl", "apk", "1.2.4-r2"),
                                            DistroAdvisory("A-3", "Alpine", "v3.18", "musl", "apk", "1.2.4-r1")});
  const ImageAnalysis ours = Analyse(AlpineLayer());
  const std::vector<std::string> expected = Lines(ours, advisories);
  EXPECT_EQ(expected.size(), 2U);
  EXPECT_EQ(Lines(Value(sbom::ParseSyftJson(WriteSyft(ours))), advisories), expected);
  const ImageAnalysis syfts = Value(sbom::ParseSyftJson(R"({"distro":{"name":"alpine","version":"3.18.4"},"artifacts":[
      {"name":"busybox-binsh","version":"1.36.1-r2","type":"apk","metadata":{"originPackage":"busybox","architecture":"x86_64"}},
      {"name":"musl","version":"1.2.4-r1","type":"apk","metadata":{"originPackage":"musl","architecture":"x86_64"}}]})"));
  EXPECT_EQ(Lines(syfts, advisories), expected);
}

}  // namespace
}  // namespace holdfast
