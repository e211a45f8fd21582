// Packages of Oracle Linux 5 and 8 against two errata of Oracle's OVAL: ELSA-2007-0057 (bind 30:9.3.3-8.el5, eight
// packages on two architectures) and ELSA-2023-12342 (hivex of the module virt:kvm_utils on aarch64). What is expected
// was read from the document by hand.
#include <gtest/gtest.h>

#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kBind = "ELSA-2007-0057 30:9.3.3-8.el5",
                           kHivex = "ELSA-2023-12342 0:1.3.18-21.module+el8.7.0+21037+8ee66348";
constexpr std::string_view kOld8 = "1.3.18-20.module+el8.5.0+100+abc", kLabel = "virt:kvm_utils:8070020230501:abc";

constexpr auto kRows = std::to_array<test::RpmRow>({
    {"ol 5.11", "bind", "30:9.3.3-7.el5", kBind},
    {"ol 5.11", "bind", "30:9.3.3-8.el5", ""},
    {"ol 5.11", "bind", "30:9.3.3-9.el5", ""},
    {"ol 5.11", "bind", "30:9.3.4-1.el5", ""},
    {"ol 5.11", "bind", "31:9.3.3-7.el5", ""},
    {"ol 5.11", "bind", "9.9.9-1.el5", kBind},  // no epoch is epoch 0
    {"ol 5.11", "bind-chroot", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "bind-devel", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "bind-libbind-devel", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "bind-libs", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "bind-libs", "30:9.3.3-8.el5", "", "bind"},
    {"ol 5.11", "bind-sdb", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "bind-utils", "30:9.3.3-7.el5", kBind, "bind"},
    {"ol 5.11", "caching-nameserver", "30:9.3.3-7.el5", kBind, "bind"},
    // Binary packages are named: not every package of bind's is.
    {"ol 5.11", "bind-doc", "30:9.3.3-7.el5", "", "bind"},
    // One fix for x86_64 and i386 is one for all.
    {"ol 5.11", "bind", "30:9.3.3-7.el5", kBind, "", "i686"},
    {"ol 5.11", "bind", "30:9.3.3-7.el5", kBind, "", "ia64"},
    // Other releases, and another distribution of the same packages.
    {"ol 6.10", "bind", "30:9.3.3-7.el5", ""},
    {"ol 8.10", "bind", "30:9.3.3-7.el5", ""},
    {"rhel 5.11", "bind", "30:9.3.3-7.el5", ""},
    // Modular: the module's own builds, of that stream.
    {"ol 8.7", "hivex", kOld8, kHivex, "", "aarch64", kLabel},
    {"ol 8.7", "hivex", kOld8, kHivex, "", "aarch64", ""},
    {"ol 8.7", "hivex", "1.3.18-21.module+el8.7.0+21037+8ee66348", "", "", "aarch64", kLabel},
    {"ol 8.7", "hivex", kOld8, "", "", "aarch64", "virt:ol:8070020230501:abc"},
    {"ol 8.7", "hivex", "1.3.18-20.el8", "", "", "aarch64", ""},
    {"ol 9.1", "hivex", kOld8, "", "", "aarch64", kLabel},
});

TEST(MatchingOracleLinux, FindsWhatTheOvalSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=6 "
             "vuls/fetch/oracle/linux/testdata/fixtures/com.oracle.elsa-all.xml.bz2",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  EXPECT_EQ(matcher.Report().documents, 1U);
  EXPECT_EQ(matcher.Report().rejected, 0U);
  EXPECT_EQ(matcher.Report().bug_fixes, 0U);
  EXPECT_EQ(matcher.Report().snapshot.advisories, 2U);
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
