// Rows by CPE name of Anchore's corrections of NVD as they stood in summer 2026. What is expected was read from the
// files by hand. (What packages make of them: cpe_test.cc.)
#include "language_support.h"

namespace holdfast {
namespace {

using test::LanguageRow;

constexpr LanguageRow kRows[] = {
    {"busybox:busybox", "1.19.4", "NVD-CVE-2011-2716 NVD-CVE-2013-1813 NVD-CVE-2024-58251 NVD-CVE-2025-46394"},
    {"busybox:busybox", "1.20.0", "NVD-CVE-2013-1813 NVD-CVE-2024-58251 NVD-CVE-2025-46394"},
    {"busybox:busybox", "1.21.0", "NVD-CVE-2024-58251 NVD-CVE-2025-46394"},
    {"busybox:busybox", "1.37.0", "NVD-CVE-2024-58251 NVD-CVE-2025-46394"},  // up to and with it
    {"busybox:busybox", "1.37.1", ""},
    {"libpng:libpng", "1.6.55", "NVD-CVE-2026-33416 NVD-CVE-2026-33636 NVD-CVE-2026-34757"},
    {"libpng:libpng", "1.6.56", "NVD-CVE-2026-34757"},
    {"libpng:libpng", "1.6.57", ""},
    {"libpng:libpng", "1.8.0", "NVD-CVE-2026-40930"},  // exactly that one
    {"libpng:libpng", "1.8.1", ""},
    {"openbsd:openssh", "9.9p2",
     "NVD-CVE-2025-32728 NVD-CVE-2025-61984 NVD-CVE-2025-61985 NVD-CVE-2026-73281 "
     "NVD-CVE-2026-73282 NVD-CVE-2026-73283"},
    {"openbsd:openssh", "10.0p2",
     "NVD-CVE-2025-61984 NVD-CVE-2025-61985 NVD-CVE-2026-73281 NVD-CVE-2026-73282 "
     "NVD-CVE-2026-73283"},
    {"openbsd:openssh", "10.1", "NVD-CVE-2026-73281 NVD-CVE-2026-73282 NVD-CVE-2026-73283"},
    {"openbsd:openssh", "10.5", ""},
    {"openssl:openssl", "0.9.6f", "NVD-CVE-2004-0975 NVD-CVE-2015-4000"},
    {"openssl:openssl", "0.9.7b", "NVD-CVE-2015-4000"},
    {"openssl:openssl", "1.1.1zg",
     "NVD-CVE-2026-34180 NVD-CVE-2026-42766 NVD-CVE-2026-45447 NVD-CVE-2026-7383 "
     "NVD-CVE-2026-9076"},
    {"openssl:openssl", "1.1.1zh", ""},
    {"python:pillow", "11.3.0",
     "NVD-CVE-2026-25990 NVD-CVE-2026-40192 NVD-CVE-2026-42308 NVD-CVE-2026-42309 "
     "NVD-CVE-2026-42310 NVD-CVE-2026-42311 NVD-CVE-2026-54058 NVD-CVE-2026-59197 "
     "NVD-CVE-2026-59200"},
    {"python:pillow", "12.2.0", "NVD-CVE-2026-54058 NVD-CVE-2026-59197 NVD-CVE-2026-59200"},
    {"python:pillow", "12.3.0", ""},
    {"Fasterxml:Jackson-Core", "2.12.7", "NVD-CVE-2025-49128 NVD-CVE-2025-52999"},
    {"fasterxml:jackson-core", "2.13.0-rc1", "NVD-CVE-2025-49128 NVD-CVE-2025-52999"},
    {"fasterxml:jackson-core", "2.15.0", ""},
    {"org.apache.logging.log4j:log4j-core", "3.0.0-beta3",
     "NVD-CVE-2025-68161 NVD-CVE-2026-34477 NVD-CVE-2026-34478 NVD-CVE-2026-34480"},
    {"org.apache.logging.log4j:log4j-core", "2.25.3", "NVD-CVE-2026-34477 NVD-CVE-2026-34478 NVD-CVE-2026-34480"},
    {"org.apache.logging.log4j:log4j-core", "2.25.4", ""},
};

TEST(MatchingNvd, FindsWhatTheOverridesSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "nvd-overrides");
  EXPECT_EQ(snapshot.Report().documents, 32184U);
  for (const auto& problem : snapshot.Report().problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  EXPECT_EQ(snapshot.Get().Info().advisories, 32053U);  // others have rows of hardware only, or none
  for (const LanguageRow& row : kRows)
    EXPECT_EQ(snapshot.Matches("CPE", row.package, row.version), row.expected) << row.package << " " << row.version;
  const auto fixed = snapshot.Search("CPE", "libpng:libpng", "1.6.56");
  ASSERT_EQ(fixed.hits.size(), 1U);
  EXPECT_EQ(fixed.hits[0].fix_state, model::FixState::kFixed);
  EXPECT_EQ(fixed.hits[0].fixed_versions, std::vector<std::string>{"1.6.57"});
  EXPECT_EQ(snapshot.Search("CPE", "busybox:busybox", "1.37.0").hits.at(0).fix_state, model::FixState::kUnknown);
}

// A feed of a year is larger than what a tree is made of; here most of it is blanks.
TEST(MatchingNvd, LargeFeedsAreRead) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.Path() / "data");
  const std::string blanks(100'000'000, ' ');
  const auto build = [&](std::string_view format) {
    test::WriteFile(
        folder.Path() / "data" / "nvdcve-2.0-2021.json",
        Format(R"({{"resultsPerPage": 1, "format": "{}", "vulnerabilities": [{}{{"cve": {{"id": "CVE-2021-3002",
        "configurations": [{{"nodes": [{{"cpeMatch": [{{"vulnerable": true,
        "criteria": "cpe:2.3:a:acme:lib:1.0:*:*:*:*:*:*:*"}}]}}]}}]}}}}]}})",
               format, blanks));
    return advisory::BuildSnapshot(advisory::BuiltinProviders(), folder.Path() / "data", folder.Path() / "snapshot",
                                   {.built = "2026-01-01T00:00:00Z"});
  };
  const auto report = test::Value(build("NVD_CVE"));
  EXPECT_EQ(report.documents, 1U);
  EXPECT_EQ(report.rejected, 0U);
  EXPECT_EQ(report.snapshot.advisories, 1U);
  test::ExpectError(build("OTHER"), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast
