// Packages of SUSE Linux Enterprise and openSUSE against CSAF documents of SUSE (2015 to 2024). What is expected was
// read from the documents by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/matching_rows.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

constexpr std::string_view kBind = "SUSE-SU-2015:0011-2 9.9.4P2-0.6.1";
constexpr std::string_view kSamba = "SUSE-CVE-2023-5568 4.19.2+git.322.7e9201cef5-1.1";

constexpr auto kRows = std::to_array<test::RpmRow>({
    // An erratum: packages of one source with versions of their own.
    {"sles 11.2", "bind", "9.9.4P2-0.5.1", kBind},
    {"sles 11.2", "bind", "9.9.4P2-0.6.1", ""},
    {"sles 11.2", "bind-utils", "9.9.4P2-0.5.1", kBind, "bind", "s390x"},
    {"sles 11.2", "bind-devel", "9.9.6P1-0.5.4", "SUSE-SU-2015:0011-2 9.9.6P1-0.5.5"},
    {"sles 11.2", "bind-devel", "9.9.6P1-0.5.5", ""},
    {"sles 11.2", "bind-chrootenv", "9.9.4P2-0.6.2", ""},
    {"sles 11.3", "bind", "9.9.4P2-0.5.1", ""},
    {"sles 12", "bind", "9.9.4P2-0.5.1", ""},
    // One about several releases.
    {"sles 12", "libqt4", "4.8.6-4.1", "SUSE-SU-403 4.8.6-7.1"},
    {"sles 12.1", "libqt4", "4.8.6-4.1", "SUSE-SU-403 4.8.6-7.1"},
    {"sles 12.1", "libqt4", "4.8.6-7.1", ""},
    {"sles 12.1", "qt4-x11-tools", "4.8.6-7.2", "SUSE-SU-403 4.8.6-7.3"},
    {"sles 12.2", "libqt4", "4.8.6-4.1", ""},
    // Of long-term support alone.
    {"sles 11.1", "openssl", "0.9.8j-0.62.1", "SUSE-SU-403 0.9.8j-0.66.1"},
    {"sles 11.1", "openssl", "0.9.8j-0.66.1", ""},
    // A document of a CVE: fixed, and not affected.
    {"opensuse-tumbleweed 20231001", "ctdb", "4.18.6-1.1", kSamba, "samba"},
    {"opensuse-tumbleweed 20240801", "ctdb", "4.19.2+git.322.7e9201cef5-1.1", "", "samba"},
    {"opensuse-tumbleweed 20231001", "samba-winbind-libs", "4.18.6-1.1", kSamba, "samba"},
    {"sle-micro 6.0", "samba-client-libs", "4.18.9-1.1", "SUSE-CVE-2023-5568 4.19.4+git.339.acf1ccaa02-1.22", "samba"},
    {"sle-micro 5.5", "samba-client-libs", "4.17.9-1.1", "", "samba"},
    {"sles 15.5", "samba-winbind", "4.17.9-1.1", "", "samba"},
    {"sles 15.3", "samba", "4.15.13-1.1", ""},
    {"opensuse-leap 15.5", "samba", "4.17.9-1.1", ""},
    // SUSE Package Hub is no part of an image.
    {"sles 12.1", "chromium", "50.0-1.1", ""},
});

TEST(MatchingSuseCsaf, FindsWhatTheDocumentsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "vuls/fetch/suse/csaf/testdata/fixtures/csaf.tar.bz2 "
             "vuls/fetch/suse/csaf_vex/testdata/fixtures/csaf-vex.tar.bz2",
             shared->string(), folder.Path().string()));
  const test::RowMatcher matcher(folder.Path());
  const advisory::BuildReport& report = matcher.Report();
  EXPECT_EQ(report.documents, 5U);
  EXPECT_EQ(report.skipped.at("other CSV"), 2U);  // lists of the documents
  EXPECT_EQ(report.snapshot.advisories, 3U);
  EXPECT_EQ(report.bug_fixes, 2U);  // CVE-1999-0003, of which nothing is stated; SUSE Package Hub 12
  EXPECT_TRUE(report.problems.empty()) << report.problems.front().message;
  for (const test::RpmRow& row : kRows)
    EXPECT_EQ(matcher.Found(row), row.expected) << row.os << " " << row.package << " " << row.version;
}

TEST(MatchingSuseCsaf, WhatIsNotAffectedIsStated) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=3 "
             "vuls/fetch/suse/csaf_vex/testdata/fixtures/csaf-vex.tar.bz2",
             shared->string(), folder.Path().string()));
  const auto out = folder.Path() / "snapshot";
  ASSERT_TRUE(
      advisory::BuildSnapshot(advisory::BuiltinProviders(), folder.Path(), out, {.built = "2026-01-01T00:00:00Z"}));
  const auto snapshot = test::Value(advisory::Snapshot::Open(out));
  const service::SnapshotLookup lookup(*snapshot);
  const auto states = [&](std::string_view release, std::string_view package) {
    std::string text;
    const auto visited = lookup.Visit("SUSE", release, package, [&](const model::AffectedView& row) {
      text += Format("{} {} {}", row.advisory_id, model::FixStateName(row.fix_state), row.ranges.size());
    });
    EXPECT_TRUE(visited);
    return text;
  };
  EXPECT_EQ(states("Linux Enterprise Module for Basesystem 15 SP5", "samba-winbind-libs"),
            "SUSE-CVE-2023-5568 not-affected 0");
  EXPECT_EQ(states("Linux Enterprise Server 11 SP4", "samba"), "SUSE-CVE-2023-5568 not-affected 0");
  EXPECT_EQ(states("Linux Enterprise Micro 6.0", "samba-client-libs"), "SUSE-CVE-2023-5568 fixed 1");
}

}  // namespace
}  // namespace holdfast
