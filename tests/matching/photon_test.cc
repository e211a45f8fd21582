// Packages of Photon OS 1.0, 4.0 and 5.0 against pieces of its CVE metadata. What is expected was read from them by
// hand.
#include <gtest/gtest.h>

#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kAntOlder = "PHOTON-CVE-2020-11979 1.10.8-2.ph1, PHOTON-CVE-2020-1945 1.10.8-1.ph1",
                           kAntNewer = "PHOTON-CVE-2020-11979 1.10.8-2.ph1",
                           kCurl = "PHOTON-CVE-2025-9086 8.16.0-1.ph4", kAnsible = "PHOTON-CVE-2023-5115 2.14.12-1.ph5";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // Two vulnerabilities, fixed one after the other.
    {"photon 1.0", "apache-ant", "1.10.7-1.ph1", kAntOlder},
    {"photon 1.0", "apache-ant", "1.10.8-1.ph1", kAntNewer},
    {"photon 1.0", "apache-ant", "1.10.8-2.ph1", ""},
    {"photon 1.0", "apache-ant", "1.10.8-10.ph1", ""},
    {"photon 1.0", "apache-ant", "1.9.15-1.ph1", kAntOlder},
    {"photon 4.0", "apache-ant", "1.10.7-1.ph4", ""},
    // A source package.
    {"photon 1.0", "ant-contrib", "1.10.7-1.ph1", kAntOlder, "apache-ant"},
    {"photon 1.0", "ant-contrib", "1.10.8-2.ph1", "", "apache-ant"},
    // Binary packages beside their source.
    {"photon 4.0", "curl", "8.12.0-2.ph4", kCurl},
    {"photon 4.0", "curl", "8.16.0-1.ph4", ""},
    {"photon 4.0", "curl-libs", "8.12.0-2.ph4", kCurl, "curl"},
    {"photon 4.0", "curl-libs", "8.16.0-1.ph4", "", "curl"},
    {"photon 4.0", "curl-devel", "8.15.0-1.ph4", kCurl, "curl", "aarch64"},
    {"photon 4.0", "curl-devel", "8.16.0-2.ph4", "", "curl", "aarch64"},
    {"photon 4.0", "curl-libs", "1:8.12.0-2.ph4", "", "curl"},  // an epoch is above all without one
    {"photon 5.0", "curl", "8.12.0-2.ph5", ""},
    {"photon 1.0", "curl", "7.59.0-1.ph1", ""},
    // Not affected.
    {"photon 4.0", "linux", "5.10.224-1.ph4", ""},
    {"photon 5.0", "consul", "1.17.0-1.ph5", ""},
    // Another release.
    {"photon 5.0", "ansible", "2.14.11-1.ph5", kAnsible},
    {"photon 5.0", "ansible", "2.14.12-1.ph5", ""},
    {"photon 5.0", "ansible", "2.14.2-1.ph5", kAnsible},
    {"photon 5.0", "ansible-devel", "2.14.11-1.ph5", kAnsible, "ansible"},
    {"photon 4.0", "ansible", "2.14.11-1.ph4", ""},
    {"rhel 9.2", "ansible", "2.14.11-1.el9", ""},
});

TEST(MatchingPhoton, FindsWhatTheMetadataSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=7 "
             "--wildcards 'vuls/fetch/photon/cve/testdata/fixtures/happy/*.json'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 3U);
  EXPECT_EQ(report.skipped.at("other JSON"), 1U);  // the list of releases
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.bug_fixes, 4U);  // UNK-1 of three packages, "Re" of one
  EXPECT_EQ(report.snapshot.advisories, 5U);
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
