// Crates against the RustSec database as it stood in summer 2026. What is expected was read from its files by hand.
#include "language_support.h"

namespace holdfast {
namespace {

using test::LanguageRow;
using test::Value;

constexpr LanguageRow kRows[] = {
    {"smallvec", "0.3.1", "RUSTSEC-2018-0018"},  // unsound, and before the others' flaws
    {"smallvec", "0.3.3", "RUSTSEC-2018-0003 RUSTSEC-2018-0018"},
    {"smallvec", "0.3.4", "RUSTSEC-2018-0018"},  // "^0.3.4": a backport
    {"smallvec", "0.4.4", "RUSTSEC-2018-0003 RUSTSEC-2018-0018"},
    {"smallvec", "0.5.1", "RUSTSEC-2018-0018"},
    {"smallvec", "0.6.0-alpha.1", "RUSTSEC-2018-0003 RUSTSEC-2018-0018"},  // "^0.5.1" ends before it
    {"smallvec", "0.6.2", "RUSTSEC-2018-0003 RUSTSEC-2018-0018"},
    {"smallvec", "0.6.4", "RUSTSEC-2018-0018 RUSTSEC-2019-0012 RUSTSEC-2021-0003"},
    {"smallvec", "0.6.9", "RUSTSEC-2018-0018 RUSTSEC-2019-0009 RUSTSEC-2019-0012 RUSTSEC-2021-0003"},
    {"smallvec", "0.6.13", "RUSTSEC-2021-0003"},
    {"smallvec", "0.6.14", ""},  // ">= 0.6.14, < 1.0.0"
    {"smallvec", "1.0.0", "RUSTSEC-2021-0003"},
    {"smallvec", "1.6.1", ""},
    {"smallvec", "1.13.2", ""},
    {"time", "0.1.45", "RUSTSEC-2020-0071"},
    {"time", "0.2.3", ""},  // unaffected "=0.2.3"
    {"time", "0.2.7", "RUSTSEC-2020-0071"},
    {"time", "0.2.23", ""},
    {"time", "0.3.5", ""},
    {"time", "0.3.10", "RUSTSEC-2026-0009"},
    {"time", "0.3.47", ""},
    {"tokio", "1.13.0", "RUSTSEC-2021-0124 RUSTSEC-2023-0001 RUSTSEC-2023-0005 RUSTSEC-2025-0023"},
    {"tokio", "1.18.4", "RUSTSEC-2023-0005 RUSTSEC-2025-0023"},
    {"tokio", "1.18.5", "RUSTSEC-2025-0023"},
    {"tokio", "1.43.1", ""},
    {"tokio", "1.44.0", "RUSTSEC-2025-0023"},
    {"tokio", "1.44.2", ""},
    {"libpulse-binding", "1.2.0", "RUSTSEC-2018-0020 RUSTSEC-2018-0021 RUSTSEC-2019-0038"},
    {"libpulse-binding", "2.5.0", "RUSTSEC-2019-0038"},
    {"libpulse-binding", "2.6.0", ""},
    {"libpulse-binding", "0.0.0", "RUSTSEC-2018-0021 RUSTSEC-2019-0038"},  // not RUSTSEC-2020-0055: withdrawn
    {"badge", "0.3.0", ""},                                                // RUSTSEC-2022-0057: unmaintained
    {"cargo", "1.25.0", ""},                                               // CVE-2019-16760 is about the toolchain
    {"std", "1.0.0", ""},
};

TEST(MatchingRustsec, FindsWhatTheDatabaseSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "rustsec");
  EXPECT_EQ(snapshot.Report().documents, 1225U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  EXPECT_EQ(snapshot.Report().snapshot.advisories, 1225U);
  for (const LanguageRow& row : kRows)
    EXPECT_EQ(snapshot.Matches("crates.io", row.package, row.version), row.expected)
        << row.package << " " << row.version;
  for (const match::Hit& hit : snapshot.Search("crates.io", "smallvec", "0.3.3").hits)
    if (hit.advisory_id == "RUSTSEC-2018-0003") {
      EXPECT_EQ(hit.fixed_versions, (std::vector<std::string>{"0.3.4", "0.4.5", "0.5.1", "0.6.3"}));
    }
  EXPECT_EQ(snapshot.Search("crates.io", "smallvec", "0.3.3").hits.front().fix_state, model::FixState::kFixed);
}

TEST(MatchingRustsec, UnmaintainedCratesCanBeAskedFor) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "rustsec");
  std::vector<std::string> ids;
  Value(snapshot.Get().VisitAffected("crates.io", "unmaintained", "badge", [&](const model::AffectedView& row) {
    ids.emplace_back(row.advisory_id);
    EXPECT_EQ(row.fix_state, model::FixState::kNotFixed);
  }));
  EXPECT_EQ(ids, std::vector<std::string>{"RUSTSEC-2022-0057"});
  EXPECT_TRUE(snapshot.Get().Covers("crates.io", "notice"));
}

}  // namespace
}  // namespace holdfast
