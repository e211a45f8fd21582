// Packages of Amazon Linux 1, 2, 2022 and 2023 against one advisory of each, one of the extra kernel-5.15, and one of
// each additional repository of 2023. What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kKernel = "ALAS2-2018-939 0:4.9.76-38.79.amzn2",
                           kExtra = "ALAS2KERNEL-5.15-2022-001 0:5.15.43-20.123.amzn2",
                           kRsyslog = "ALAS2023-2023-001 0:8.2204.0-3.amzn2023.0.2",
                           kVim = "ALAS2022-2021-001 2:8.2.3512-1.amzn2022",
                           kNvidia = "ALAS2023NVIDIA-2025-001 0:1.17.4-1";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // The first Amazon Linux, whichever month it is of.
    {"amzn 2018.03", "httpd-devel", "2.2.21-1.17.amzn1", "ALAS-2011-1 0:2.2.21-1.18.amzn1", "httpd"},
    {"amzn 2011.09", "httpd-devel", "2.2.21-1.17.amzn1", "ALAS-2011-1 0:2.2.21-1.18.amzn1", "httpd"},
    {"amzn 2018.03", "httpd-devel", "2.2.21-1.18.amzn1", "", "httpd"},
    {"amzn 2018.03", "httpd-devel", "2.4.46-1.amzn1", "", "httpd"},
    {"amzn 2018.03", "httpd", "2.2.21-1.17.amzn1", ""},  // the sample names the one package
    {"amzn 2", "httpd-devel", "2.2.21-1.17.amzn2", "", "httpd"},
    // The release's kernel, and the extra's: neither holds for the other.
    {"amzn 2", "kernel", "4.9.75-25.55.amzn2", kKernel},
    {"amzn 2", "kernel", "4.9.76-38.79.amzn2", ""},
    {"amzn 2", "kernel", "4.14.101-91.76.amzn2", ""},
    {"amzn 2", "kernel", "5.10.50-44.131.amzn2", ""},
    {"amzn 2", "kernel", "5.15.25-14.106.amzn2", kExtra},
    {"amzn 2", "kernel", "5.15.43-20.122.amzn2", kExtra},
    {"amzn 2", "kernel", "5.15.43-20.123.amzn2", ""},
    {"amzn 2", "kernel", "5.15.167-112.165.amzn2", ""},
    {"amzn 2", "kernel-headers", "4.14.355-275.572.amzn2", "", "kernel"},
    {"amzn 2", "kernel-headers", "5.15.25-14.106.amzn2", kExtra, "kernel", "i686"},
    {"amzn 2", "python-perf", "5.15.25-14.106.amzn2", kExtra, "kernel", "aarch64"},
    {"amzn 2", "kernel-livepatch-5.15.43-20.123", "1.0-0.amzn2", "", "kernel-livepatch-5.15.43-20.123"},
    // An epoch.
    {"amzn 2022", "vim-X11-debuginfo", "2:8.2.2801-1.amzn2022", kVim, "vim"},
    {"amzn 2022", "vim-X11-debuginfo", "2:8.2.3512-1.amzn2022", "", "vim"},
    {"amzn 2022", "vim-X11-debuginfo", "9.0-1.amzn2022", kVim, "vim"},
    {"amzn 2022", "vim-common", "2:8.2.2801-1.amzn2022", "", "vim"},
    // 2023: one fix for three architectures.
    {"amzn 2023", "rsyslog", "8.2204.0-3.amzn2023.0.1", kRsyslog},
    {"amzn 2023", "rsyslog", "8.2204.0-3.amzn2023.0.2", ""},
    {"amzn 2023", "rsyslog", "8.2204.0-3.amzn2023.0.4", ""},
    {"amzn 2023", "rsyslog-crypto", "8.2204.0-3.amzn2023.0.1", kRsyslog, "rsyslog", "aarch64"},
    {"amzn 2023", "rsyslog-crypto", "8.2204.0-2.amzn2023", kRsyslog, "rsyslog", "i686"},
    {"amzn 2023", "rsyslog-gnutls", "8.2204.0-2.amzn2023", "", "rsyslog"},
    {"amzn 2022", "rsyslog", "8.2204.0-3.amzn2023.0.1", ""},
    {"rhel 9.1", "rsyslog", "8.2204.0-3.el9", ""},
    // Additional repositories of 2023.
    {"amzn 2023", "libnvidia-container1", "1.17.3-1", kNvidia, "libnvidia-container"},
    {"amzn 2023", "libnvidia-container1", "1.17.4-1", "", "libnvidia-container"},
    {"amzn 2023", "kernel-livepatch-6.1.12-19.43", "1.0-0.amzn2023", "ALAS2023LIVEPATCH-2023-001 0:1.0-1.amzn2023"},
    {"amzn 2023", "kernel-livepatch-6.1.12-19.43", "1.0-1.amzn2023", ""},
});

TEST(MatchingAmazon, FindsWhatTheUpdatesSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=5 "
             "--wildcards 'vuls/fetch/amazon/testdata/fixtures/updateinfo_[12]*.xml.gz'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 7U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.bug_fixes, 0U);
  EXPECT_EQ(report.snapshot.advisories, 7U);
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
