// Packages of CBL-Mariner 1.0 and 2.0 and of Azure Linux 3.0 against Microsoft's OVAL (2024-03, 2024-01, 2024-10).
// What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/distro.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

struct Row {
  std::string_view os, package, version, source;  // source: package, and version-release when it differs
  std::string_view expected;                      // ids with fixed versions
};

constexpr std::string_view kMariner1 = "mariner 1.0.20240101", kMariner2 = "mariner 2.0.20240123",
                           kAzure3 = "azurelinux 3.0.20241005";

constexpr auto kRows = std::to_array<Row>({
    // Fixed in 1.2.12-1 and 1.2.12-2: an old version, the first fix, the second, a later one.
    {kMariner1, "zlib", "1.2.11-3.cm1", "zlib", "AZL-10473 0:1.2.12-2.cm1, AZL-9140 0:1.2.12-1.cm1"},
    {kMariner1, "zlib", "1.2.12-1.cm1", "zlib", "AZL-10473 0:1.2.12-2.cm1"},
    {kMariner1, "zlib", "1.2.12-2.cm1", "zlib", ""},
    // The same CVEs in release 2, and one of its own.
    {kMariner2, "zlib", "1.2.12-1.cm2", "zlib", "AZL-10470 0:1.2.12-2.cm2, AZL-31500 0:1.2.13-2.cm2"},
    {kMariner2, "zlib", "1.2.13-1.cm2", "zlib", "AZL-31500 0:1.2.13-2.cm2"},
    {kMariner2, "zlib", "1.2.13-2.cm2", "zlib", ""},
    {kAzure3, "zlib", "1.3-1.azl3", "zlib", "AZL-35400 0:1.3.1-1.azl3"},
    {kAzure3, "zlib", "1.3.1-1.azl3", "zlib", ""},
    // A binary package is found by its source package.
    {kAzure3, "zlib-devel", "1.3-1.azl3", "zlib", "AZL-35400 0:1.3.1-1.azl3"},
    {kAzure3, "liboath", "2.6.7-2.azl3", "oath-toolkit", "AZL-50124 0:2.6.7-3.azl3"},
    {kAzure3, "oath-toolkit", "2.6.7-2.azl3", "oath-toolkit", "AZL-50124 0:2.6.7-3.azl3"},
    {kAzure3, "oath-toolkit", "2.6.7-3.azl3", "oath-toolkit", ""},
    // An epoch is above every version without one.
    {kAzure3, "oath-toolkit", "1:2.6.7-2.azl3", "oath-toolkit", ""},
    // Not applicable: cloud-hypervisor before 32.0-2.
    {kAzure3, "cloud-hypervisor", "32.0-1.azl3", "cloud-hypervisor", ""},
    {kMariner2, "gcc", "11.2.0-5.cm2", "gcc", "AZL-28769 0:11.2.0-6.cm2"},
    {kMariner2, "gcc", "11.2.0-7.cm2", "gcc", ""},
    // "Earlier than 29.3", without a release, is not said of 29.3-1.
    {kAzure3, "emacs", "29.2-1.azl3", "emacs",
     "AZL-37104 0:29.3-1.azl3, AZL-37105 0:29.3-1.azl3, AZL-37106 0:29.3, AZL-37107 0:29.3-1.azl3, AZL-42868 "
     "0:29.4-1.azl3"},
    {kAzure3, "emacs", "29.3-1.azl3", "emacs", "AZL-42868 0:29.4-1.azl3"},
    {kAzure3, "emacs", "29.4-1.azl3", "emacs", ""},
    {kMariner2, "libdwarf", "0.8.0-1.cm2", "libdwarf",
     "AZL-33326 0:0.9.0, AZL-33327 0:0.9.0, AZL-33328 0:0.9.0, AZL-33329 0:0.9.0"},
    {kMariner2, "libdwarf", "0.9.0-1.cm2", "libdwarf", ""},
    // Two definitions of one CVE are two advisories; "earlier than null" is none.
    {kMariner2, "moby-engine", "20.10.25-1.cm2", "moby-engine",
     "AZL-27070 0:20.10.27-1.cm2, AZL-31329 0:20.10.25-2.cm2"},
    {kMariner2, "moby-engine", "20.10.27-1.cm2", "moby-engine", ""},
    // Another release's advisories, another package, no such release.
    {kMariner1, "oath-toolkit", "2.6.7-2.cm1", "oath-toolkit", ""},
    {kAzure3, "zlib-ng", "1.3-1.azl3", "zlib-ng", ""},
    {"azurelinux 4.0.20260101", "zlib", "1.2.11-1.azl4", "zlib", ""},
});

std::string Found(const Row& row, const service::SnapshotLookup& lookup) {
  model::Distro distro;
  distro.id = row.os.substr(0, row.os.find(' '));
  distro.version_id = row.os.substr(row.os.find(' ') + 1);
  model::Package package;
  package.name = row.package;
  package.version = row.version;
  package.version_scheme = "rpm";
  package.architecture = "x86_64";
  package.upstreams = {{std::string(row.source), std::string(row.version.substr(row.version.find(':') + 1))}};
  const auto result = Value(match::SearchPackage(package, match::EcosystemsOf(distro), lookup));
  EXPECT_EQ(result.problem, "");
  std::string text;
  for (const match::Hit& hit : result.hits) {
    text += Format("{}{}", text.empty() ? "" : ", ", hit.advisory_id);
    for (const std::string& fixed : hit.fixed_versions) text += Format(" {}", fixed);
  }
  return text;
}

TEST(MatchingAzureLinux, FindsWhatTheOvalSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  std::filesystem::create_directories(data);
  std::filesystem::copy(*shared / "advisories/azurelinux-oval.tar.zst", data / "azurelinux-oval.tar.zst");
  const auto path = folder.Path() / "snapshot";
  const auto report =
      Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.documents, 3U);
  // "Not Applicable": 78, 132 and 1 of 2252, 2436 and 1222 definitions.
  EXPECT_EQ(report.bug_fixes, 211U);
  EXPECT_EQ(report.snapshot.advisories, 5697U);
  // Two say "earlier than null".
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_NE(report.problems[0].message.find("def:32280: \"0:null.cm2\" is no version"), std::string::npos);
  EXPECT_NE(report.problems[1].message.find("def:32259: \"0:null.cm2\" is no version"), std::string::npos);

  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);
  for (const Row& row : kRows)
    EXPECT_EQ(Found(row, lookup), row.expected) << row.os << " " << row.package << " " << row.version;

  // Not fixed: said of that version and all before, without a fix.
  model::Package kernel;
  kernel.name = "kernel";
  kernel.version_scheme = "rpm";
  const auto states = [&](std::string version) {
    kernel.version = std::move(version);
    const auto result = Value(match::SearchPackage(kernel, {{"Azure Linux", "1"}}, lookup));
    return std::ranges::count_if(result.hits, [](const match::Hit& hit) {
      return hit.fix_state == model::FixState::kNotFixed && hit.fixed_versions.empty();
    });
  };
  EXPECT_GT(states("5.10.189.1-1.cm1"), 0);
  EXPECT_EQ(states("5.10.189.1-2.cm1"), 0);
}

}  // namespace
}  // namespace holdfast
