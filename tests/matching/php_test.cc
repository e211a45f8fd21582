// Packagist's packages against FriendsOfPHP's advisories as they stood in summer 2026. What is expected was read from
// the files by hand.
#include "language_support.h"

namespace holdfast {
namespace {

using test::LanguageRow;

constexpr LanguageRow kRows[] = {
    {"guzzlehttp/psr7", "1.8.3", "CVE-2022-24775 CVE-2023-29197 CVE-2026-48998 CVE-2026-49214 CVE-2026-55766"},
    {"guzzlehttp/psr7", "1.8.4", "CVE-2023-29197 CVE-2026-48998 CVE-2026-49214 CVE-2026-55766"},  // a backport
    {"guzzlehttp/psr7", "1.9.1", "CVE-2026-48998 CVE-2026-49214 CVE-2026-55766"},
    {"guzzlehttp/psr7", "2.0.0-beta1", "CVE-2022-24775 CVE-2023-29197 CVE-2026-48998 CVE-2026-49214 CVE-2026-55766"},
    {"guzzlehttp/psr7", "2.1.1", "CVE-2023-29197 CVE-2026-48998 CVE-2026-49214 CVE-2026-55766"},
    {"GuzzleHttp/PSR7", "v2.10.2", "CVE-2026-55766"},
    {"guzzlehttp/psr7", "2.12.1", ""},
    {"guzzlehttp/guzzle", "3.9.3", "CVE-2026-55568 CVE-2026-55767"},
    {"guzzlehttp/guzzle", "4.0.0-rc1",
     "CVE-2022-29248 CVE-2022-31042 CVE-2022-31043 CVE-2022-31090 CVE-2022-31091 CVE-2026-55568 CVE-2026-55767"},
    {"guzzlehttp/guzzle", "4.0.0-rc2",
     "CVE-2016-5385 CVE-2022-29248 CVE-2022-31042 CVE-2022-31043 CVE-2022-31090 CVE-2022-31091 CVE-2026-55568 "
     "CVE-2026-55767"},
    {"guzzlehttp/guzzle", "6.5.7", "CVE-2022-31090 CVE-2022-31091 CVE-2026-55568 CVE-2026-55767"},
    {"guzzlehttp/guzzle", "6.5.8", "CVE-2026-55568 CVE-2026-55767"},
    {"guzzlehttp/guzzle", "7.12.1", ""},
    {"livewire/livewire", "2.2.4", ""},  // ">2.2.4"
    {"livewire/livewire", "v2.2.5", "2020-09-22-1"},
    {"livewire/livewire", "2.2.6", ""},
    {"league/flysystem", "1.1.3", "CVE-2021-32708"},
    {"league/flysystem", "1.1.4", ""},
    {"league/flysystem", "2.0.0", "CVE-2021-32708"},
    {"league/flysystem", "2.1.1", ""},
    {"monolog/monolog", "1.7.9", ""},
    {"monolog/monolog", "1.8.0", "2014-12-29-1"},
    {"monolog/monolog", "1.12.0", ""},
    {"amphp/artax", "0.7.1", "2017-05-09"},
    {"amphp/artax", "0.7.2", "2017-05-09 CVE-2016-5385"},
    {"amphp/artax", "1.0.5", "2017-05-09"},
    {"amphp/artax", "2.0.6", ""},
    {"swiftmailer/swiftmailer", "4.99.99", "CVE-2016-10074 CVE-2024-28859"},
    {"phpwhois/phpwhois", "4.2.5", "CVE-2015-5243"},  // no fix
    {"phpwhois/phpwhois", "4.2.6", ""},
};

TEST(MatchingPhp, FindsWhatTheDatabaseSays) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "php");
  EXPECT_EQ(snapshot.Report().documents, 1592U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  EXPECT_EQ(snapshot.Report().snapshot.advisories, 1592U);
  for (const LanguageRow& row : kRows)
    EXPECT_EQ(snapshot.Matches("Packagist", row.package, row.version), row.expected)
        << row.package << " " << row.version;
  EXPECT_EQ(snapshot.Search("Packagist", "phpwhois/phpwhois", "4.2.5").hits.at(0).fix_state,
            model::FixState::kNotFixed);
  // 5.3 got no fix, but a later branch did.
  for (const match::Hit& hit : snapshot.Search("Packagist", "illuminate/auth", "5.3.1").hits)
    if (hit.advisory_id == "FriendsOfPHP/illuminate/auth/CVE-2017-9303") {
      EXPECT_EQ(hit.fix_state, model::FixState::kFixed);
      EXPECT_EQ(hit.fixed_versions, std::vector<std::string>{"5.4.22"});
    }
}

}  // namespace
}  // namespace holdfast
