// CVE records as CISA enriched them until October 2024. What is expected was read from the records by hand.
#include "language_support.h"

namespace holdfast {
namespace {

struct FactsRow {
  std::string_view cve;
  std::string_view
      expected;  // "SOURCE=VECTOR … CWE … EXPLOITATION/AUTOMATABLE/IMPACT", then since when it is exploited
};

constexpr std::string_view kAllHigh = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

constexpr FactsRow kRows[] = {
    {"CVE-2024-3094", "redhat=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H CWE-506 none/yes/total"},
    {"CVE-2024-38475", "CISA-ADP=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N CWE-116 none/yes/total"},
    {"CVE-2024-4577", "php=* CWE-78 active/yes/total 2024-06-12"},
    {"CVE-2024-1086", "Google=CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H CWE-416 active/no/total 2024-05-30"},
    {"CVE-2019-15045", "none/no/partial"},
    {"CVE-2024-6387", "redhat=CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H CWE-364 poc/no/total"},
    {"CVE-2024-45490", "CISA-ADP=* none/yes/total"},
    {"CVE-2021-31956",
     "microsoft=CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:F/RL:O/RC:C active/no/total 2021-11-03"},
    {"CVE-2019-25161", "rejected"},
    {"CVE-2024-21626", ""},
    {"CVE-2024-27198", "JetBrains=* CWE-288 active/yes/total 2024-03-07"},
    {"CVE-2024-24919", "checkpoint=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N CWE-200 active/yes/partial 2024-05-30"},
    {"CVE-2024-5535", "CISA-ADP=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H CWE-200 none/yes/partial"},
    {"CVE-2023-6246", "redhat=CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H CWE-122 poc/no/total"},
    {"CVE-2024-28849", "GitHub_M=CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N CWE-200 poc/no/partial"},
    {"CVE-2024-29041", "GitHub_M=CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N CWE-601 CWE-1286 none/no/partial"},
    {"CVE-2024-20017", "CISA-ADP=* CWE-787 CWE-20 none/yes/total"},
    {"CVE-2024-21413", "microsoft=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C CWE-20 poc/yes/total"},
    {"CVE-2024-37085", "vmware=CVSS:3.1/AV:N/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H CWE-305 active/no/total 2024-07-30"},
    {"CVE-2024-9680", "CISA-ADP=* CWE-416 active/yes/total 2024-10-15"},
    {"CVE-2023-52425", "CISA-ADP=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H CWE-400 none/yes/partial"},
    {"CVE-2024-2961", "CISA-ADP=CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:H CWE-787 poc/no/total"},
};

std::string Told(const std::optional<model::VulnerabilityFacts>& facts) {
  if (!facts) return "";
  std::vector<std::string> words;
  if (facts->rejected) words.emplace_back("rejected");
  for (const auto& score : facts->cvss)
    words.push_back(Format("{}={}", score.source, score.vector == kAllHigh ? "*" : score.vector));
  words.insert(words.end(), facts->cwes.begin(), facts->cwes.end());
  if (facts->ssvc)
    words.push_back(
        Format("{}/{}/{}", facts->ssvc->exploitation, facts->ssvc->automatable, facts->ssvc->technical_impact));
  if (facts->known_exploited) words.push_back(facts->known_exploited->added);
  std::string text;
  for (const std::string& word : words) text += Format("{}{}", text.empty() ? "" : " ", word);
  return text;
}

TEST(MatchingCveList, KnowsWhatTheRecordsSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "cve5-vulnrichment");
  EXPECT_EQ(snapshot.Report().documents, 44130U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  for (const auto& problem : snapshot.Report().problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  EXPECT_EQ(snapshot.Get().Info().vulnerabilities, 44130U);
  for (const FactsRow& row : kRows)
    EXPECT_EQ(Told(test::Value(snapshot.Get().FindFacts(row.cve))), row.expected) << row.cve;
  EXPECT_TRUE(
      test::Value(snapshot.Get().FindDescription("CVE-2024-3094"))->starts_with("Malicious code was discovered"));
}

}  // namespace
}  // namespace holdfast
