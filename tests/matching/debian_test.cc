// Debian's own data: the lists of advisories as they stood in March 2023 and a piece of the tracker's JSON, and
// packages as an image has them. What is expected was read from the lists by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "match/distro.h"
#include "match/matcher.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

model::Package Deb(std::string name, std::string version, std::vector<model::Upstream> sources = {}) {
  model::Package package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.version_scheme = "dpkg";
  package.architecture = "amd64";
  package.upstreams = std::move(sources);
  return package;
}

// "11" or, of a distribution without number, a codename.
model::Distro Debian(const std::string& release) {
  model::Distro distro;
  distro.id = "debian";
  (release.find_first_of("0123456789") == 0 ? distro.version_id : distro.version_codename) = release;
  return distro;
}

struct Row {
  std::string release;
  std::string source;
  std::string version;
  std::vector<std::string> expected;  // ids; with what became of them where they are not fixed
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      // One advisory: below its version, at it, above it, and the version another release is fixed in.
      {"11", "gzip", "1.10-4", {"DSA-5122-1"}},
      {"11", "gzip", "1.10-4+deb11u1", {}},
      {"11", "gzip", "1.12-1", {}},
      {"10", "gzip", "1.9-3", {"DSA-5122-1"}},
      {"10", "gzip", "1.9-3+deb10u1", {}},
      {"9", "gzip", "1.6-5", {"DLA-2976-1"}},
      // Native versions and tildes: a backport sorts before what it was made from.
      {"11.7", "dpkg", "1.20.9", {"DSA-5147-1"}},
      {"11.7", "dpkg", "1.20.10", {}},
      {"10.13", "dpkg", "1.19.7", {"DSA-5147-1"}},
      {"10.13", "dpkg", "1.19.8", {}},
      {"11", "xz-utils", "5.2.5-2", {"DSA-5123-1"}},
      {"11", "xz-utils", "5.2.5-2.1~deb11u1", {}},
      {"11", "xz-utils", "5.2.5-2.1", {}},
      // Epochs, and several advisories one after the other; security and long term support of one release.
      {"11", "zlib", "1:1.2.11.dfsg-2", {"DSA-5111-1", "DSA-5218-1"}},
      {"11", "zlib", "1:1.2.11.dfsg-2+deb11u1", {"DSA-5218-1"}},
      {"11", "zlib", "1:1.2.11.dfsg-2+deb11u2", {}},
      {"11", "zlib", "1.2.11.dfsg-2+deb11u2", {"DSA-5111-1", "DSA-5218-1"}},
      {"10", "zlib", "1:1.2.11.dfsg-1+deb10u1", {"DLA-3103-1"}},
      {"11", "openssl", "1.1.1k-1", {"DSA-4963-1", "DSA-5103-1", "DSA-5139-1", "DSA-5169-1", "DSA-5343-1"}},
      {"11", "openssl", "1.1.1n-0+deb11u3", {"DSA-5343-1"}},
      {"11", "openssl", "1.1.1n-0+deb11u4", {}},
      {"11", "xorg-server", "2:1.20.11-1+deb11u4", {"DSA-5342-1", "DSA-5380-1"}},
      // A regression update is no vulnerability, nor is a new time zone.
      {"11", "sox", "14.4.2+git20190427-2+deb11u1", {}},
      {"11", "sox", "14.4.2+git20190427-2", {"DSA-5356-1"}},
      {"10", "tzdata", "2019a-1", {}},
      // Not affected there, and never fixed there.
      {"5.0.10", "tex-common", "1.11.3", {}},
      {"3.0", "zlib", "1:1.1.4-1.0woody0", {}},
      {"3.1", "zlib", "1:1.2.2-4", {"DSA-740-1", "DSA-763-1"}},
      {"3.0", "phpmyadmin", "2:9.0-1", {"DSA-880-1 not-fixed"}},
      // No list says anything of the next release, or of a package of another name.
      {"12", "gzip", "1.10-4", {}},
      {"11", "libssl1.1", "1.1.1k-1", {}},
      {"4.0", "kismet", "2005.08.R1-0", {"DTSA-1-1"}},
      // The tracker: fixed, given up, never affected, and unstable without a fix.
      {"11", "389-ds-base", "1.4.4.11-2", {"DEBIAN-CVE-2016-5416 wont-fix"}},
      {"11", "389-ds-base", "1.3.5.13-1", {"DEBIAN-CVE-2016-5405", "DEBIAN-CVE-2016-5416 wont-fix"}},
      {"trixie", "389-ds-base", "2.0.15-1", {"DEBIAN-CVE-2016-5416 not-fixed"}},
  };
  return rows;
}

std::vector<std::string> Found(const Row& row, const match::AdvisoryLookup& lookup) {
  const model::Package package = Deb("lib" + row.source + "-of-it", row.version, {{row.source, ""}});
  const auto found = Value(match::SearchPackage(package, match::EcosystemsOf(Debian(row.release)), lookup));
  std::vector<std::string> ids;
  for (const match::Hit& hit : found.hits) {
    const bool fixed = hit.fix_state == model::FixState::kFixed;
    EXPECT_EQ(fixed, !hit.fixed_versions.empty());
    ids.push_back(fixed ? hit.advisory_id : Format("{} {}", hit.advisory_id, model::FixStateName(hit.fix_state)));
  }
  return ids;
}

TEST(MatchingDebian, FindsWhatTheListsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  std::filesystem::create_directories(data);
  std::filesystem::copy(*shared / "advisories/debian-tracker.tar.zst", data / "debian-tracker.tar.zst");
  test::RunCommand(
      Format("tar --zstd -xf {} -C {} --wildcards '*fetch/debian/tracker/api/testdata/fixtures/advisory.json'",
             (*shared / "advisories/upstream-format-samples.tar.zst").string(), data.string()));
  const auto path = folder.Path() / "snapshot";
  const auto report =
      Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.documents, 4U);  // three lists, one piece of the tracker
  EXPECT_EQ(report.rejected, 0U);
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  // DSA, DLA, DTSA and four of the tracker. The notices: 303 by their titles, 9 without a row.
  EXPECT_EQ(report.snapshot.advisories + report.bug_fixes, 5406U + 3534U + 208U + 4U);
  EXPECT_EQ(report.bug_fixes, 312U);
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);
  for (const Row& row : Rows())
    EXPECT_EQ(Found(row, lookup), row.expected) << row.release << " " << row.source << " " << row.version;
}

constexpr std::string_view kTracker = R"({
  "libfoo": {
    "CVE-2024-1": {"description": "A hole.", "releases": {
      "bookworm": {"status": "resolved", "repositories": {}, "fixed_version": "1:2.0-3+deb12u1", "urgency": "high"}}},
    "CVE-2024-2": {"releases": {
      "bookworm": {"status": "resolved", "repositories": {}, "fixed_version": "0", "urgency": "high"}}},
    "CVE-2024-3": {"releases": {
      "bookworm": {"status": "open", "repositories": {}, "urgency": "unimportant"},
      "sid": {"status": "open", "repositories": {}, "urgency": "high"}}},
    "CVE-2024-4": {"releases": {
      "bookworm": {"status": "undetermined", "repositories": {}, "urgency": "not yet assigned"}}}},
  "bar": {
    "CVE-2024-2": {"releases": {
      "bookworm": {"status": "open", "repositories": {}, "urgency": "low", "nodsa": "x", "nodsa_reason": "ignored"}}}}
})";

constexpr std::string_view kList = R"([01 Feb 2024] DSA-2-1 libfoo - security update
	{CVE-2024-1 CVE-2024-2}
	[bookworm] - libfoo 1:2.0-3+deb12u1
[01 Jan 2024] DSA-1-1 libfoo - security update
	{CVE-2024-1}
	[bookworm] - libfoo 1:2.0-3+deb12u1
)";

TEST(MatchingDebian, MakesOneFindingOfTrackerAndListThroughTheSourcePackage) {
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "debian";
  std::filesystem::create_directories(data / "DSA");
  test::WriteFile(data / "DSA/list", kList);
  test::WriteFile(data / "tracker.json", kTracker);
  const auto path = folder.Path() / "snapshot";
  Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);

  model::ImageAnalysis analysis;
  analysis.distro = Debian("12.8");
  analysis.packages = {
      Deb("libfoo", "1:2.0-3"),                                       // named as its source
      Deb("libfoo2", "1:2.0-3+b1", {{"libfoo", "1:2.0-3"}}),          // rebuilt without a change of the source
      Deb("libfoo-tools", "5:7.1", {{"libfoo", "1:2.0-3+deb12u1"}}),  // a version of its own; the source is fixed
      Deb("libfoo-fixed", "1:2.0-3+deb12u1+b2", {{"libfoo", "1:2.0-3+deb12u1"}}),
      Deb("bar", "1"),
      Deb("other", "1", {{"nothing", ""}}),
  };
  const auto result = Value(match::Match(analysis, lookup));
  std::vector<std::string> lines;
  for (const model::Finding& finding : result.findings) {
    std::string line = Format("{} {} {} {}", analysis.packages[finding.package].name, finding.id,
                              model::SeverityName(finding.severity), model::FixStateName(finding.fix_state));
    for (const std::string& alias : finding.aliases) line += " " + alias;
    for (const std::string& fixed : finding.fixed_versions) line += " " + fixed;
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  // DSA-2-1 would call CVE-2024-2 a vulnerability of libfoo, which the tracker knows better.
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "bar CVE-2024-2 Low wont-fix DEBIAN-CVE-2024-2",
                       "libfoo CVE-2024-1 High fixed DEBIAN-CVE-2024-1 DSA-1-1 1:2.0-3+deb12u1",
                       "libfoo CVE-2024-3 Negligible not-fixed DEBIAN-CVE-2024-3",
                       "libfoo CVE-2024-4 Unknown under-investigation DEBIAN-CVE-2024-4",
                       "libfoo-fixed CVE-2024-3 Negligible not-fixed DEBIAN-CVE-2024-3",
                       "libfoo-fixed CVE-2024-4 Unknown under-investigation DEBIAN-CVE-2024-4",
                       "libfoo-tools CVE-2024-3 Negligible not-fixed DEBIAN-CVE-2024-3",
                       "libfoo-tools CVE-2024-4 Unknown under-investigation DEBIAN-CVE-2024-4",
                       "libfoo2 CVE-2024-1 High fixed DEBIAN-CVE-2024-1 DSA-1-1 1:2.0-3+deb12u1",
                       "libfoo2 CVE-2024-3 Negligible not-fixed DEBIAN-CVE-2024-3",
                       "libfoo2 CVE-2024-4 Unknown under-investigation DEBIAN-CVE-2024-4",
                   }));
  EXPECT_TRUE(result.problems.empty());

  analysis.distro = Debian("trixie");
  const auto unstable = Value(match::Match(analysis, lookup));
  EXPECT_TRUE(unstable.problems.empty());
  ASSERT_EQ(unstable.findings.size(), 4U);
  EXPECT_EQ(unstable.findings.front().id, "CVE-2024-3");
  EXPECT_EQ(unstable.findings.front().severity, model::Severity::kHigh);
}

}  // namespace
}  // namespace holdfast
