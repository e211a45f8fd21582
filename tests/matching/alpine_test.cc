// The packages of the gliderlabs/alpine:3.9 image (lib/apk/db/installed) against Alpine's own security database
// of that release, as it stood in 2020. What is expected was read from main.yaml by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/matcher.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

model::Package Apk(std::string name, std::string version, std::string origin) {
  model::Package package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.version_scheme = "apk";
  package.architecture = "x86_64";
  package.upstreams = {{std::move(origin), ""}};
  return package;
}

TEST(MatchingAlpine, FindsWhatTheSecurityDatabaseSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  std::filesystem::create_directories(data);
  std::filesystem::copy(*shared / "advisories/alpine-secdb.tar.zst", data / "alpine-secdb.tar.zst");
  const auto path = folder.Path() / "snapshot";
  const auto report =
      Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.rejected, 0U);
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);

  model::ImageAnalysis analysis;
  analysis.distro.id = "alpine";
  analysis.distro.version_id = "3.9.0";
  analysis.packages = {
      Apk("musl", "1.1.20-r3", "musl"),
      Apk("busybox", "1.29.3-r10", "busybox"),
      Apk("libcrypto1.1", "1.1.1a-r1", "openssl"),
      Apk("libssl1.1", "1.1.1a-r1", "openssl"),
      Apk("zlib", "1.2.11-r1", "zlib"),
      Apk("musl-utils", "1.1.20-r3", "musl"),
  };
  const auto result = Value(match::Match(analysis, lookup));
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings)
    lines.push_back(Format("{} {} {}", analysis.packages[finding.package].name, finding.id,
                           finding.fixed_versions.empty() ? "" : finding.fixed_versions.front()));
  std::ranges::sort(lines);
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "libcrypto1.1 CVE-2019-1543 1.1.1b-r1",
                       "libcrypto1.1 CVE-2019-1547 1.1.1d-r0",
                       "libcrypto1.1 CVE-2019-1549 1.1.1d-r0",
                       "libcrypto1.1 CVE-2019-1563 1.1.1d-r0",
                       "libssl1.1 CVE-2019-1543 1.1.1b-r1",
                       "libssl1.1 CVE-2019-1547 1.1.1d-r0",
                       "libssl1.1 CVE-2019-1549 1.1.1d-r0",
                       "libssl1.1 CVE-2019-1563 1.1.1d-r0",
                       "musl CVE-2019-14697 1.1.20-r5",
                       "musl-utils CVE-2019-14697 1.1.20-r5",
                   }));
  EXPECT_TRUE(result.problems.empty());
}

}  // namespace
}  // namespace holdfast
