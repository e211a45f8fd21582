// Packages of Fedora and EPEL against documents of Bodhi, each cut to some updates (2018 to 2025). What is expected was
// read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kLibcap = "FEDORA-2023-5911638116";
constexpr std::string_view kKernel = "FEDORA-2023-bd14c83780";
constexpr std::string_view kSanitizer = "FEDORA-2023-91e69ea326 1.6.0-1.fc40";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // Published.
    {"fedora 40", "rubygem-rails-html-sanitizer", "1.5.0-1.fc40", kSanitizer},
    {"fedora 40", "rubygem-rails-html-sanitizer", "1.6.0-1.fc40", ""},
    {"fedora 40", "rubygem-rails-html-sanitizer-doc", "1.5.0-1.fc40", kSanitizer, "rubygem-rails-html-sanitizer"},
    {"fedora 39", "rubygem-rails-html-sanitizer", "1.5.0-1.fc39", ""},
    {"fedora 40", "rubygem-rails", "1.5.0-1.fc40", ""},
    // Tested: affected, and no fix yet.
    {"fedora 38", "libcap", "2.48-6.fc38", kLibcap},
    {"fedora 38", "libcap", "2.48-7.fc38", ""},
    {"fedora 38", "libcap-devel", "2.48-6.fc38", kLibcap, "libcap"},
    {"fedora 39", "libcap", "2.48-6.fc39", ""},
    {"fedora 38", "thunderbird", "115.4.1-1.fc38", "FEDORA-2023-bb021a4854"},
    {"fedora 38", "thunderbird", "115.5.0-1.fc38", ""},
    // Three builds of one update, each with a version of its own.
    {"fedora 38", "kernel-core", "6.5.12-200.fc38", kKernel, "kernel"},
    {"fedora 38", "kernel-core", "6.6.2-101.fc38", "", "kernel"},
    {"fedora 38", "kernel-headers", "6.6.2-100.fc38", kKernel},
    {"fedora 38", "kernel-headers", "6.6.2-101.fc38", ""},
    {"fedora 38", "kernel-tools-libs", "6.6.2-100.fc38", "", "kernel-tools"},
    {"fedora 38", "kernel-tools-libs", "6.5.12-100.fc38", kKernel, "kernel-tools"},
    // Modules, whose packages are not listed; flatpaks; containers.
    {"fedora 38", "community-mysql", "8.0.33-1.module_f38+1+ab", "", "", "x86_64",
     "mysql:8.0:3820230720145532:75741a8b"},
    {"fedora 38", "mysql", "8.0.33-1.fc38", ""},
    {"fedora 38", "nginx", "1.25.3-1.module_f38+1+ab", "", "", "x86_64", "nginx:mainline:1:f38"},
    {"fedora 38", "firefox", "117.0-1.fc38", ""},
    {"fedora 29", "golang", "1.11-5.fc29", ""},
    // Fixes of bugs.
    {"fedora 43", "python3-boto3", "1.41.0-1.fc43", "", "python-boto3"},
    {"centos 6", "zabbix22-agent", "2.2.20-1.el6", "", "zabbix22"},
});

TEST(MatchingFedora, FindsWhatBodhiSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 --wildcards "
             "'vuls/fetch/fedora/api/testdata/fixtures/updates/*.json' "
             "'vuls/fetch/fedora/updateinfo/testdata/fixtures/happy/*-updateinfo.xml.*'",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 8U);
  EXPECT_EQ(report.skipped.at("other JSON"), 1U);  // an empty list
  EXPECT_EQ(report.snapshot.advisories, 4U);
  // Two fixes of bugs; the update of a flatpak, of a container; two of modules.
  EXPECT_EQ(report.bug_fixes, 6U);
  EXPECT_TRUE(report.problems.empty()) << report.problems.front().message;
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

// An update of the API's form.
constexpr std::string_view kEpel = R"([{"alias":"FEDORA-EPEL-2025-1","bugs":[{"title":"CVE-2025-1234 lib"}],
"builds":[{"epoch":0,"nvr":"lib-2-1.el10_1","type":"rpm"}],"date_submitted":"2025-01-01 00:00:00","severity":"high",
"release":{"id_prefix":"FEDORA-EPEL","long_name":"Fedora EPEL 10.1"},"status":"stable","type":"security"}])";

constexpr auto kEpelRows = std::to_array<test::RpmRow>({
    {"rhel 10.1", "lib", "1-9.el10_1", "FEDORA-EPEL-2025-1 2-1.el10"},
    {"rocky 10.0", "lib", "1-9.el10_0", "FEDORA-EPEL-2025-1 2-1.el10"},
    {"almalinux 10.0", "lib-libs", "1-9.el10_0", "FEDORA-EPEL-2025-1 2-1.el10", "lib"},
    {"centos 10", "lib", "1-9.el10_2", "FEDORA-EPEL-2025-1 2-1.el10"},
    {"rhel 10.1", "lib", "2-1.el10_0", ""},
    {"rhel 10.1", "lib", "2-1.el10_1", ""},
    {"rhel 9.6", "lib", "1-9.el9", ""},
    {"fedora 10", "lib", "1-9.fc10", ""},
    {"ol 10.0", "lib", "1-9.el10", ""},
});

TEST(MatchingFedora, EpelIsAskedForByEnterpriseDistributions) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.Path() / "epel.json") << kEpel;
  const test::RowMatcher matcher(folder.Path());
  EXPECT_TRUE(matcher.Report().problems.empty());
  for (const test::RpmRow& row : kEpelRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

}  // namespace
}  // namespace holdfast
