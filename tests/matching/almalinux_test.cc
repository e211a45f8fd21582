// Packages of AlmaLinux against its errata (2019 to 2023), each document cut to one or two. What is expected was read
// from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kTen3 = "mariadb:10.3:8050020220427075058:c5368500";
constexpr std::string_view kTen5 = "mariadb:10.5:8060020220420124706:9edba152";
constexpr std::string_view kDevel = "mariadb-devel:10.3:8030020210324132345:229f0a1c";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // Streams and architectures with fixes of their own.
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.4.0+1+ab", "ALSA-2019:3708 1.0.5-18.module_el8.5.0+2632+14ced695",
     "", "x86_64", kTen3},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.5.0+2632+14ced695", "", "", "x86_64", kTen3},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.5.0+2632+14ced695",
     "ALSA-2019:3708 1.0.5-18.module_el8.6.0+2867+72759d2f", "", "ppc64le", kTen3},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.6.0+2867+72759d2f", "", "", "ppc64le", kTen3},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.4.0+1+ab", "", "", "s390x", kTen3},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.5.0+1+ab", "ALSA-2019:3708 1.0.5-18.module_el8.6.0+2761+593e5e59",
     "", "aarch64", kTen5},
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.6.0+2761+593e5e59", "", "", "aarch64", kTen5},
    {"almalinux 8.6", "Judy-devel", "1.0.5-18.module_el8.2.0+1+ab",
     "ALSA-2019:3708 1.0.5-18.module_el8.3.0+2028+5e3224e9", "", "x86_64", kDevel},
    {"almalinux 8.6", "Judy-devel", "1.0.5-18.module_el8.3.0+2028+5e3224e9", "", "", "x86_64", kDevel},
    {"almalinux 8.6", "Judy-devel", "1.0.5-18.module_el8.3.0+2028+5e3224e9",
     "ALSA-2019:3708 1.0.5-18.module_el8.6.0+2867+72759d2f", "", "ppc64le", kDevel},
    // Another stream; no module at all; another release.
    {"almalinux 8.6", "Judy", "1.0.5-18.module_el8.4.0+1+ab", "", "", "x86_64", "mariadb:10.1:1:ab"},
    {"almalinux 8.6", "Judy", "1.0.5-17.el8", ""},
    {"almalinux 9.0", "Judy", "1.0.5-18.module_el8.4.0+1+ab", "", "", "x86_64", kTen3},
    // Fixes of bugs.
    {"almalinux 8.6", "pcsc-lite-ccid", "1.4.29-5.el8_4", "", "pcsc-lite-ccid"},
    {"almalinux 8.6", "pcsc-lite-devel", "1.8.23-4.el8", "", "pcsc-lite"},
    // updateinfo.xml.
    {"almalinux 9.3", "nodejs", "1:18.18.1-1.el9", "ALSA-2023:7549 1:18.18.2-1.el9"},
    {"almalinux 9.3", "nodejs", "1:16.20.2-3.el9", "ALSA-2023:7549 1:18.18.2-1.el9"},
    {"almalinux 9.3", "nodejs", "1:18.18.2-1.el9", ""},
    {"almalinux 9.3", "nodejs", "1:18.18.2-2.el9", ""},
    {"almalinux 8.9", "nodejs", "1:18.18.1-1.el8", ""},
    {"almalinux 9.3", "nodejs", "1:18.18.1-1.module_el9.3.0+1+ab", "", "", "x86_64", "nodejs:18:9030:ab"},
    {"rocky 9.3", "nodejs", "1:18.18.1-1.el9", ""},
});

TEST(MatchingAlmaLinux, FindsWhatTheErrataSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "--wildcards 'vuls/fetch/alma/errata/testdata/fixtures/errata.full.json' "
             "'vuls/fetch/alma/updateinfo/testdata/fixtures/happy/*updateinfo.xml.gz'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 3U);
  EXPECT_TRUE(report.skipped.empty());
  EXPECT_EQ(report.snapshot.advisories, 3U);
  EXPECT_EQ(report.bug_fixes, 2U);
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
