// Packages of CBL-Mariner 1.0 and 2.0 and of Azure Linux 3.0 against Microsoft's OVAL (2024-03, 2024-01, 2024-10).
// What is expected was read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kMariner1 = "mariner 1.0.20240101", kMariner2 = "mariner 2.0.20240123",
                           kAzure3 = "azurelinux 3.0.20241005";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // Fixed in 1.2.12-1 and 1.2.12-2: an old version, the first fix, the second, a later one.
    {kMariner1, "zlib", "1.2.11-3.cm1", "AZL-10473 0:1.2.12-2.cm1, AZL-9140 0:1.2.12-1.cm1"},
    {kMariner1, "zlib", "1.2.12-1.cm1", "AZL-10473 0:1.2.12-2.cm1"},
    {kMariner1, "zlib", "1.2.12-2.cm1", ""},
    // The same CVEs in release 2, and one of its own.
    {kMariner2, "zlib", "1.2.12-1.cm2", "AZL-10470 0:1.2.12-2.cm2, AZL-31500 0:1.2.13-2.cm2"},
    {kMariner2, "zlib", "1.2.13-1.cm2", "AZL-31500 0:1.2.13-2.cm2"},
    {kMariner2, "zlib", "1.2.13-2.cm2", ""},
    {kAzure3, "zlib", "1.3-1.azl3", "AZL-35400 0:1.3.1-1.azl3"},
    {kAzure3, "zlib", "1.3.1-1.azl3", ""},
    // A binary package is found by its source package.
    {kAzure3, "zlib-devel", "1.3-1.azl3", "AZL-35400 0:1.3.1-1.azl3", "zlib"},
    {kAzure3, "liboath", "2.6.7-2.azl3", "AZL-50124 0:2.6.7-3.azl3", "oath-toolkit"},
    {kAzure3, "oath-toolkit", "2.6.7-2.azl3", "AZL-50124 0:2.6.7-3.azl3"},
    {kAzure3, "oath-toolkit", "2.6.7-3.azl3", ""},
    // An epoch is above every version without one.
    {kAzure3, "oath-toolkit", "1:2.6.7-2.azl3", ""},
    // Not applicable: cloud-hypervisor before 32.0-2.
    {kAzure3, "cloud-hypervisor", "32.0-1.azl3", ""},
    {kMariner2, "gcc", "11.2.0-5.cm2", "AZL-28769 0:11.2.0-6.cm2"},
    {kMariner2, "gcc", "11.2.0-7.cm2", ""},
    // "Earlier than 29.3", without a release, is not said of 29.3-1.
    {kAzure3, "emacs", "29.2-1.azl3",
     "AZL-37104 0:29.3-1.azl3, AZL-37105 0:29.3-1.azl3, AZL-37106 0:29.3, AZL-37107 0:29.3-1.azl3, AZL-42868 "
     "0:29.4-1.azl3"},
    {kAzure3, "emacs", "29.3-1.azl3", "AZL-42868 0:29.4-1.azl3"},
    {kAzure3, "emacs", "29.4-1.azl3", ""},
    {kMariner2, "libdwarf", "0.8.0-1.cm2",
     "AZL-33326 0:0.9.0, AZL-33327 0:0.9.0, AZL-33328 0:0.9.0, AZL-33329 0:0.9.0"},
    {kMariner2, "libdwarf", "0.9.0-1.cm2", ""},
    // Two definitions of one CVE are two advisories; "earlier than null" is none.
    {kMariner2, "moby-engine", "20.10.25-1.cm2", "AZL-27070 0:20.10.27-1.cm2, AZL-31329 0:20.10.25-2.cm2"},
    {kMariner2, "moby-engine", "20.10.27-1.cm2", ""},
    // Another release's advisories, another package, no such release.
    {kMariner1, "oath-toolkit", "2.6.7-2.cm1", ""},
    {kAzure3, "zlib-ng", "1.3-1.azl3", ""},
    {"azurelinux 4.0.20260101", "zlib", "1.2.11-1.azl4", ""},
});

TEST(MatchingAzureLinux, FindsWhatTheOvalSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  std::filesystem::create_directories(data);
  std::filesystem::copy(*shared / "advisories/azurelinux-oval.tar.zst", data / "azurelinux-oval.tar.zst");
  const test::RowMatcher matcher(data);
  const auto& report = matcher.Report();
  EXPECT_EQ(report.documents, 3U);
  // "Not Applicable": 78, 132 and 1 of 2252, 2436 and 1222 definitions.
  EXPECT_EQ(report.bug_fixes, 211U);
  EXPECT_EQ(report.snapshot.advisories, 5697U);
  // Two say "earlier than null".
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_NE(report.problems[0].message.find("def:32280: \"0:null.cm2\" is no version"), std::string::npos);
  EXPECT_NE(report.problems[1].message.find("def:32259: \"0:null.cm2\" is no version"), std::string::npos);

  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;

  // Not fixed: said of that version and all before, without a fix.
  const auto not_fixed = [&](std::string_view version) {
    const auto result = matcher.Search({kMariner1, "kernel", version, ""});
    return std::ranges::count_if(result.hits, [](const match::Hit& hit) {
      return hit.fix_state == model::FixState::kNotFixed && hit.fixed_versions.empty();
    });
  };
  EXPECT_EQ(not_fixed("5.10.189.1-1.cm1"), 16);
  EXPECT_EQ(not_fixed("5.10.189.1-2.cm1"), 0);
}

}  // namespace
}  // namespace holdfast
