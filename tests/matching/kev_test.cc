// CISA's whole catalogue of 2026-08-07. What is expected was read from it by hand.
#include "language_support.h"

namespace holdfast {
namespace {

struct KevRow {
  std::string_view cve;
  std::string_view expected;  // "ADDED DUE CWE,CWE"; "!" behind: used by ransomware; empty: not in the catalogue
};

constexpr KevRow kRows[] = {
    {"CVE-2021-44228", "2021-12-10 2021-12-24 CWE-20,CWE-400,CWE-502!"},
    {"CVE-2024-3094", ""},
    {"CVE-2014-0160", "2022-05-04 2022-05-25 CWE-125"},
    {"CVE-2023-44487", "2023-10-10 2023-10-31 CWE-400"},
    {"CVE-2014-6271", "2022-01-28 2022-07-28 CWE-78"},
    {"CVE-2021-31956", "2021-11-03 2021-11-17 CWE-191,CWE-787"},
    {"CVE-2017-5638", "2021-11-03 2022-05-03 CWE-20!"},
    {"CVE-2022-0847", "2022-04-25 2022-05-16 CWE-665"},
    {"CVE-2021-4034", "2022-06-27 2022-07-18 CWE-787"},
    {"CVE-2023-38831", "2023-08-24 2023-09-14 CWE-351!"},
    {"CVE-2019-11510", "2021-11-03 2022-05-03 CWE-22!"},
    {"CVE-2024-1086", "2024-05-30 2024-06-20 CWE-416!"},
    {"CVE-2016-5195", "2022-03-03 2022-03-24 CWE-362"},
    {"CVE-2022-22965", "2022-04-04 2022-04-25 CWE-94"},
    {"CVE-2020-1938", "2022-03-03 2022-03-17 "},
    {"CVE-2017-12615", "2022-03-25 2022-04-15 CWE-434!"},
    {"CVE-2023-4911", "2023-11-21 2023-12-12 CWE-122"},
    {"CVE-2026-8037", "2026-08-07 2026-08-10 CWE-77"},
    {"CVE-2025-32463", "2025-09-29 2025-10-20 CWE-829"},
    {"CVE-2021-3156", "2022-04-06 2022-04-27 CWE-122,CWE-193"},
    {"CVE-2024-38475", "2025-05-01 2025-05-22 CWE-116"},
    {"CVE-2023-5363", ""},
};

std::string Told(const std::optional<model::VulnerabilityFacts>& facts) {
  if (!facts || !facts->known_exploited) return "";
  std::string cwes;
  for (const std::string& cwe : facts->cwes) cwes += Format("{}{}", cwes.empty() ? "" : ",", cwe);
  return Format("{} {} {}{}", facts->known_exploited->added, facts->known_exploited->due, cwes,
                facts->known_exploited->ransomware ? "!" : "");
}

TEST(MatchingKev, KnowsWhatTheCatalogueSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "kev");
  EXPECT_EQ(snapshot.Report().documents, 1U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_EQ(snapshot.Report().skipped, (std::map<std::string, std::uint64_t>{{"other JSON", 1}}));  // its schema
  EXPECT_EQ(snapshot.Get().Info().vulnerabilities, 1662U);
  for (const KevRow& row : kRows)
    EXPECT_EQ(Told(test::Value(snapshot.Get().FindFacts(row.cve))), row.expected) << row.cve;
}

}  // namespace
}  // namespace holdfast
