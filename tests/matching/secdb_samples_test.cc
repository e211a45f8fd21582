// Packages of Wolfi, Chainguard and MinimOS against their secdb files, each cut to a few packages. What is expected was
// read from them by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

struct Row {
  std::string_view os, package, version, expected;
  std::string_view source = "";
};

constexpr std::string_view kLast = "WOLFI-CVE-2025-30204 0.4.12-r29, WOLFI-GHSA-mh63-6h87-95cp 0.4.12-r29";
constexpr std::string_view kLastTwo =
    "WOLFI-CVE-2025-22868 0.4.12-r28, WOLFI-CVE-2025-22870 0.4.12-r28, WOLFI-CVE-2025-30204 0.4.12-r29, "
    "WOLFI-GHSA-mh63-6h87-95cp 0.4.12-r29, WOLFI-GHSA-qxp5-gwg8-xv66 0.4.12-r28";
constexpr std::string_view kFips = "CHAINGUARD-CVE-2025-30204 0.10.1-r7, CHAINGUARD-GHSA-mh63-6h87-95cp 0.10.1-r7";
constexpr std::string_view kFipsTwo =
    "CHAINGUARD-CVE-2020-8559 0.10.1-r6, CHAINGUARD-CVE-2025-22870 0.10.1-r6, CHAINGUARD-CVE-2025-30204 0.10.1-r7, "
    "CHAINGUARD-GHSA-33c5-9fx5-fvjm 0.10.1-r6, CHAINGUARD-GHSA-mh63-6h87-95cp 0.10.1-r7, "
    "CHAINGUARD-GHSA-qxp5-gwg8-xv66 0.10.1-r6";
constexpr std::string_view kBinutils = "MINIMOS-CVE-2025-0840 2.44-r0, MINIMOS-GHSA-c5qp-mx9f-m5c7 2.44-r0";

constexpr auto kRows = std::to_array<Row>({
    {"wolfi 20230201", "aactl", "0.4.12-r29", ""},
    {"wolfi 20230201", "aactl", "0.4.12-r30", ""},
    {"wolfi 20230201", "aactl", "0.4.13-r0", ""},
    {"wolfi 20230201", "aactl", "0.4.12-r28", kLast},
    {"wolfi 20230201", "aactl", "0.4.12-r27", kLastTwo},
    {"wolfi 20230201", "aactl-doc", "0.4.12-r28", kLast, "aactl"},
    {"wolfi 20240101", "aactl", "0.4.12-r28", kLast},
    {"chainguard 20230214", "aactl", "0.4.12-r28", ""},
    {"chainguard 20230214", "actions-runner-controller-fips", "0.10.1-r7", ""},
    {"chainguard 20230214", "actions-runner-controller-fips", "0.10.1-r6", kFips},
    {"chainguard 20230214", "actions-runner-controller-fips", "0.10.1-r5", kFipsTwo},
    {"chainguard 20230214", "actions-runner-controller-fips", "0.11.0-r0", ""},
    {"chainguard 20230214", "actions-runner-controller-fips-compat", "0.10.1-r6", kFips,
     "actions-runner-controller-fips"},
    {"wolfi 20230201", "actions-runner-controller-fips", "0.10.1-r5", ""},
    {"minimos 20240101", "binutils", "2.43-r1", kBinutils},
    {"minimos 20240101", "binutils", "2.43.1-r5", kBinutils},
    {"minimos 20240101", "binutils", "2.44-r0", ""},
    {"minimos 20240101", "binutils", "2.44-r1", ""},
    {"minimos 20240101", "binutils-dev", "2.43-r1", kBinutils, "binutils"},
    // Never affected, whatever the version.
    {"minimos 20240101", "apache2", "1.3-r0", ""},
    {"minimos 20240101", "apache2", "2.4.63-r0", ""},
    {"wolfi 20230201", "binutils", "2.43-r1", ""},
    {"alpine 3.19.0", "binutils", "2.43-r1", ""},
});

TEST(MatchingSecdb, FindsWhatTheFilesSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=2 "
             "--wildcards 'vuls/fetch/wolfi/secdb/testdata/fixtures/happy/security.json' "
             "'vuls/fetch/chainguard/secdb/testdata/fixtures/happy/security.json' "
             "'vuls/fetch/minimos/secdb/testdata/fixtures/happy/security.json'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 3U);
  EXPECT_TRUE(matcher.Report().skipped.empty());
  for (const Problem& problem : matcher.Report().problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  for (const Row& row : kRows) {
    const test::RpmRow asked{.os = row.os,
                             .package = row.package,
                             .version = row.version,
                             .expected = row.expected,
                             .source = row.source,
                             .scheme = "apk"};
    EXPECT_EQ(matcher.Found(asked), row.expected) << row.os << " " << row.package << " " << row.version;
  }
}

}  // namespace
}  // namespace holdfast
