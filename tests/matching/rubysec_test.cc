// Gems against the Ruby advisory database as it stood in summer 2026. What is expected was read from its files by hand.
#include "language_support.h"

namespace holdfast {
namespace {

using test::LanguageRow;

constexpr LanguageRow kRows[] = {
    {"ffi", "1.9.23", "CVE-2018-1000201"},
    {"ffi", "1.9.24", ""},
    {"globalid", "0.2.0", ""},  // unaffected
    {"globalid", "0.2.1", "CVE-2023-22799"},
    {"globalid", "1.0.1.rc1", "CVE-2023-22799"},
    {"globalid", "1.0.1", ""},
    {"carrierwave", "1.3.1", "CVE-2021-21288 CVE-2021-21305 CVE-2023-49090 CVE-2024-29034 CVE-2026-44587"},
    {"carrierwave", "1.3.2", "CVE-2023-49090 CVE-2024-29034 CVE-2026-44587"},  // "~> 1.3.2": a backport
    {"carrierwave", "1.4.0", "CVE-2021-21288 CVE-2021-21305 CVE-2023-49090 CVE-2024-29034 CVE-2026-44587"},
    {"carrierwave", "2.2.6", "CVE-2026-44587"},
    {"carrierwave", "2.2.7", ""},
    {"carrierwave", "2.3.0.rc1", "CVE-2023-49090 CVE-2024-29034 CVE-2026-44587"},  // not of "~> 2.2.7"
    {"carrierwave", "3.0.5", "CVE-2024-29034 CVE-2026-44587"},
    {"carrierwave", "3.1.3", ""},
    {"addressable", "2.2.8", ""},
    {"addressable", "2.3.0", "CVE-2021-32740 CVE-2026-35611"},
    {"addressable", "2.8.0", "CVE-2026-35611"},
    {"addressable", "2.9.0", ""},
    {"sinatra", "2.0.0.beta1", "CVE-2018-11627 CVE-2022-29970 CVE-2022-45442 CVE-2024-21510 CVE-2025-61921"},
    {"sinatra", "2.2.3", "CVE-2024-21510 CVE-2025-61921"},
    {"sinatra", "3.0.0", "CVE-2022-45442 CVE-2024-21510 CVE-2025-61921"},
    {"sinatra", "4.2.0", ""},
    {"kramdown", "1.15.0", "CVE-2020-14001"},
    {"json", "1.6.8", "CVE-2020-10663"},
    {"json", "2.15.2.1", "CVE-2026-54696"},  // "~> 2.15.2.1"
    {"json", "2.16.0", "CVE-2026-33210 CVE-2026-54696"},
    {"json", "2.21.0", "CVE-2026-71847"},
    {"loofah", "2.25.0", "GHSA-46fp-8f5p-pf2m GHSA-5qhf-9phg-95m2 GHSA-8whx-365g-h9vv GHSA-9wjq-cp2p-hrgf"},
    {"loofah", "2.25.2", ""},
    {"jruby", "1.6.1", ""},  // an interpreter is no gem
};

TEST(MatchingRubysec, FindsWhatTheDatabaseSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "ruby");
  EXPECT_EQ(snapshot.Report().documents, 1381U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  EXPECT_EQ(snapshot.Report().snapshot.advisories, 1381U);
  for (const LanguageRow& row : kRows)
    EXPECT_EQ(snapshot.Matches("RubyGems", row.package, row.version), row.expected)
        << row.package << " " << row.version;
  EXPECT_EQ(snapshot.Matches("Ruby", "jruby", "9.2.12.0"), "CVE-2021-31810 CVE-2022-25857");
  for (const match::Hit& hit : snapshot.Search("RubyGems", "carrierwave", "1.3.1").hits)
    if (hit.advisory_id == "rubysec/gems/carrierwave/CVE-2021-21288") {
      EXPECT_EQ(hit.fixed_versions, (std::vector<std::string>{"1.3.2", "2.1.1"}));
    }
}

}  // namespace
}  // namespace holdfast
