#include "advisory/cve.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

TEST(Cve, IdentifiersAreAYearAndFourDigitsOrMore) {
  for (const char* good : {"CVE-2024-3094", "CVE-1999-0001", "CVE-2023-1234567", "CVE-2024-1234567890123456789"})
    EXPECT_TRUE(IsCveId(good)) << good;
  for (const char* bad : {"", "CVE-", "CVE-2024", "CVE-2024-", "CVE-2024-309", "cve-2024-3094", "CVE-20-30940",
                          "CVE-2024-30a4", "CVE-2024-3094 ", "CVE-2024-12345678901234567890", "CVE-20240-3094"})
    EXPECT_FALSE(IsCveId(bad)) << bad;
  EXPECT_EQ(test::Value(CveIdOf("CVE-2024-3094")), "CVE-2024-3094");
  test::ExpectError(CveIdOf("GHSA-1"), ErrorKind::kCorrupt, "GHSA-1");
}

TEST(Cve, WeaknessesAreTakenFromTheBeginningOfTexts) {
  EXPECT_EQ(CweOf("CWE-79"), "CWE-79");
  EXPECT_EQ(CweOf("CWE-79 Improper Neutralization"), "CWE-79");
  EXPECT_EQ(CweOf("CWE-79: x"), "CWE-79");
  for (const char* none : {"", "CWE-", "NVD-CWE-noinfo", "CWE-Other", "n/a", "CWE-1234567"}) EXPECT_EQ(CweOf(none), "");
}

TEST(Cve, TextsAreCutBetweenCharacters) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("abcd", 3), "abc");
  EXPECT_EQ(CutText("ab\u00e9d", 3), "ab");
  EXPECT_EQ(CutText("\x80\x80\x80", 2), "");
}

TEST(Cve, TimesAreUtcAndWholeSeconds) {
  EXPECT_EQ(UtcTime("2021-01-01T19:15:11.077"), "2021-01-01T19:15:11Z");
  EXPECT_EQ(UtcTime("2022-02-04T00:00:00+0000"), "2022-02-04T00:00:00Z");
  EXPECT_EQ(UtcTime("2024-10-09T18:37:41.621875Z"), "2024-10-09T18:37:41Z");
  EXPECT_EQ(UtcTime("2024-10-09T18:37:41+02:00"), "2024-10-09T16:37:41Z");
  EXPECT_EQ(UtcTime("2021-04-14"), "2021-04-14T00:00:00Z");
  for (const char* none : {"", "soon", "2021-13-01", "2021-01-01T", "2021-01-01T00:00:00Zx"})
    EXPECT_EQ(UtcTime(none), "");
}

}  // namespace
}  // namespace holdfast::advisory
