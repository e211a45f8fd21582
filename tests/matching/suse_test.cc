// Packages of SUSE Linux Enterprise, Micro and openSUSE against documents of SUSE's OVAL, each cut to one or
// two definitions (2026-01 and before). What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kVim51 = "SUSE-CVE-2009-0316 0:8.0.1568-5.14.1";
constexpr std::string_view kPython = "SUSE-CVE-2015-20107 0:3.6.15-150300.10.27.1";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // openSUSE: fixed, and before.
    {"opensuse-tumbleweed 20240101", "tar", "1.34-1.1", "SUSE-CVE-2001-1267 0:1.34-2.2"},
    {"opensuse-tumbleweed 20240101", "tar", "1.34-2.2", ""},
    {"opensuse-tumbleweed 20240101", "tar-lang", "1.34-1.1", "SUSE-CVE-2001-1267 0:1.34-2.2", "tar"},
    {"opensuse-tumbleweed 20240101", "cpio", "1.0-1.1", ""},
    {"opensuse-leap 15.2", "fastjar", "0.98-lp152.4.2.1", "SUSE-CVE-2010-2322 0:0.98-lp152.4.3.1"},
    {"opensuse-leap 15.2", "fastjar", "0.98-lp152.4.3.1", ""},
    {"opensuse-leap 15.3", "fastjar", "0.98-lp152.4.2.1", ""},
    {"opensuse-leap-micro 5.2", "python3-base", "3.6.15-150300.10.21.1", kPython, "python3"},
    {"opensuse-leap-micro 5.2", "python3", "3.6.15-150300.10.21.1", kPython},
    {"opensuse-leap-micro 5.2", "libpython3_6m1_0", "3.6.15-150300.10.27.1", "", "python3"},
    // SUSE Linux Enterprise Server 16.0: two vulnerabilities, one fix.
    {"sles 16.0", "tar", "1.35-160000.1.1",
     "SUSE-CVE-2001-1267 0:1.35-160000.2.2, SUSE-CVE-2002-0399 0:1.35-160000.2.2"},
    {"sles 16.0", "tar", "1.35-160000.2.2", ""},
    {"sles 16.0", "tar-backup-scripts", "1.35-160000.1.1",
     "SUSE-CVE-2001-1267 0:1.35-160000.2.2, SUSE-CVE-2002-0399 0:1.35-160000.2.2", "tar"},
    {"sles 16.1", "tar", "1.35-160000.1.1", ""},
    // Patch definitions say the same as others, and are not read.
    {"sles 16.0", "FastCGI", "2.4.5-1.1", ""},
    // Micro 5: each release has a fix of its own.
    {"sle-micro 5.1", "vim-small", "8.0.1568-5.13.1", kVim51, "vim"},
    {"sle-micro 5.1", "vim-small", "8.0.1568-5.14.1", "", "vim"},
    {"suse-microos 5.0", "vim-small", "8.0.1568-5.10.1", "SUSE-CVE-2009-0316 0:8.0.1568-5.11.1", "vim"},
    {"suse-microos 5.0", "vim-small", "8.0.1568-5.11.1", "", "vim"},
    {"sle-micro 5.3", "vim-data-common", "9.0.0313-150000.5.24.1", "SUSE-CVE-2009-0316 0:9.0.0313-150000.5.25.1",
     "vim"},
    {"sle-micro 5.4", "vim-data-common", "9.0.0313-150000.5.25.1", "SUSE-CVE-2009-0316 0:9.0.1234-150000.5.34.1",
     "vim"},
    {"sle-micro 5.5", "vim-data-common", "9.0.1632-150500.20.3.1", "", "vim"},
    // Not affected.
    {"sle-micro 5.3", "kernel-default", "4.12.14-1.1", ""},
    {"sl-micro 6.0", "kernel-default", "6.4.0-1.1", ""},
    {"sles 15.3", "rpcbind", "0.2.3-1.1", ""},
    {"sles 12.5", "rpcbind", "0.2.3-1.1", ""},
    {"sles 12.5", "kernel-default", "4.12.14-1.1", ""},
});

TEST(MatchingSuse, FindsWhatTheOvalSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=7 "
             "--wildcards 'vuls/fetch/suse/oval/testdata/fixtures/happy/*.xml.gz'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 11U);
  // SUSE Linux Enterprise Server 9 and 10 and openSUSE 10.2 are of another generator.
  EXPECT_EQ(report.skipped.at("other XML"), 3U);
  EXPECT_EQ(report.snapshot.advisories, 9U);
  // Two patch definitions; CVE-2012-5252, which is said of no product by name.
  EXPECT_EQ(report.bug_fixes, 3U);
  // The cut left some tests out of the document of Server 16.
  ASSERT_EQ(report.problems.size(), 2U);
  for (const Problem& problem : report.problems)
    EXPECT_NE(problem.message.find("there is no test \"oval:org.opensuse.security:tst:20100289"), std::string::npos)
        << problem.message;
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
