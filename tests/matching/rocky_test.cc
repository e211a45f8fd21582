// Packages of Rocky Linux against its errata (2022 to 2025). What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kGo = "RLSA-2025:21816 1.25.3-1.el10_1";
constexpr std::string_view kMariadb = "RLSA-2023:3820 3:10.5.16-2.module+el9.1.0+13358+56c3b6a3";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // The API's form: two sources with versions of their own.
    {"rocky 10.1", "golang", "1.25.2-1.el10_1", kGo},
    {"rocky 10.1", "golang", "1.25.3-1.el10_1", ""},
    {"rocky 10.1", "golang-bin", "1.24.6-1.el10_0", kGo, "golang", "aarch64"},
    {"rocky 10.1", "golang-bin", "1.25.5-1.el10_1", "", "golang", "aarch64"},
    {"rocky 10.1", "golang-src", "1.24.6-1.el10_0", kGo, "golang", "noarch"},
    {"rocky 10.0", "golang-race", "1.24.6-1.el10_0", kGo, "golang"},
    {"rocky 10.1", "delve", "1.24.1-1.el10_0", "RLSA-2025:21816 1.25.2-1.el10_1"},
    {"rocky 10.1", "delve", "1.25.2-1.el10_1", ""},
    {"rocky 10.1", "delve-debuginfo", "1.24.1-1.el10_0", ""},
    {"rocky 9.6", "golang", "1.24.6-1.el9_6", ""},
    {"almalinux 10.1", "golang", "1.25.2-1.el10_1", ""},
    // updateinfo.xml.
    {"rocky 9.1", "xz", "5.2.5-7.el9", "RLSA-2022:7513 5.2.5-8.el9_0"},
    {"rocky 9.1", "xz", "5.2.5-8.el9_0", ""},
    {"rocky 9.1", "xz", "0:5.2.5-7.el9", "RLSA-2022:7513 5.2.5-8.el9_0"},
    {"rocky 8.6", "xz", "5.2.4-3.el8", ""},
    {"rocky 8.6", "openssl", "1:1.1.1k-5.el8_5", "RLSA-2022:1234 1:1.1.1k-6.el8_5"},
    {"rocky 8.6", "openssl", "1:1.1.1k-6.el8_5", ""},
    {"rocky 9.0", "openssl", "1:1.1.1k-5.el8_5", ""},
    {"rhel 8.6", "openssl", "1:1.1.1k-5.el8_5", ""},
    // A module; the ordinary package of that name is another.
    {"rocky 9.1", "mariadb", "3:10.5.16-1.module+el9.1.0+1+ab", kMariadb, "", "x86_64", "mariadb:10.5:9010:ab"},
    {"rocky 9.1", "mariadb", "3:10.5.16-2.module+el9.1.0+13358+56c3b6a3", "", "", "x86_64", "mariadb:10.5:9010:ab"},
    {"rocky 9.1", "mariadb", "3:10.5.13-1.el9", ""},
    // Fixes of bugs.
    {"rocky 9.1", "curl", "7.76.1-19.el9", ""},
    {"rocky 8.6", "oci-umount", "2:2.3.4-1.git87f9237.module+el8.4.0+1+ab", "", "", "x86_64",
     "container-tools:1.0:1:a"},
});

void Unpack(const test::TemporaryFolder& folder, std::string_view shared, std::string_view members) {
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 --wildcards {}",
             shared, folder.Path().string(), members));
}

TEST(MatchingRocky, FindsWhatTheErrataSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  Unpack(folder, shared->string(),
         "'vuls/fetch/rocky/errata/testdata/fixtures/happy/*.json' "
         "'vuls/fetch/rocky/updateinfo/testdata/fixtures/happy/*updateinfo.xml.gz'");
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 5U);
  EXPECT_TRUE(report.skipped.empty());
  EXPECT_EQ(report.snapshot.advisories, 4U);
  EXPECT_EQ(report.bug_fixes, 2U);
  EXPECT_TRUE(report.problems.empty()) << report.problems.front().message;
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

TEST(MatchingRocky, NamesWhatIsBroken) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  Unpack(folder, shared->string(),
         "'vuls/fetch/rocky/updateinfo/testdata/fixtures/happy/pub/*BaseOS*updateinfo.xml.gz' "
         "'vuls/fetch/rocky/updateinfo/testdata/fixtures/corruptcrc/*updateinfo.xml.gz' "
         "'vuls/fetch/rocky/updateinfo/testdata/fixtures/badid/*updateinfo.xml.gz'");
  const test::RowMatcher matcher(folder.Path());
  const auto& problems = matcher.Report().problems;
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].message, "NOT-A-VALID-ADVISORY-ID: not an id of Rocky Linux's");
  EXPECT_TRUE(problems[1].path.contains("corrupt-updateinfo.xml.gz")) << problems[1].path;
  EXPECT_EQ(matcher.Report().snapshot.advisories, 1U);
}

}  // namespace
}  // namespace holdfast
