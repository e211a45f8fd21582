// Lives of releases as endoflife.date told them in summer 2026. What is expected was read from the files by hand.
#include "language_support.h"

namespace holdfast {
namespace {

struct LifeRow {
  std::string_view distro_id, release;
  std::string_view expected;  // "CODENAME ACTIVE SECURITY EXTENDED"; "-": not stated; empty: no such release
};

constexpr LifeRow kRows[] = {
    {"debian", "13", "trixie - 2028-08-09 2030-06-30"},
    {"debian", "12", "bookworm - 2026-07-11 2028-06-30"},
    {"debian", "11", "bullseye - 2024-08-14 2026-08-31"},
    {"debian", "9", "stretch - 2020-07-18 2022-07-01"},
    {"debian", "14", ""},
    {"ubuntu", "24.04", "noble 2029-05-31 2029-05-31 2036-05-31"},
    {"ubuntu", "25.10", "questing 2026-07-01 2026-07-01 -"},
    {"ubuntu", "24", ""},
    {"alpine", "3.24", "- - 2028-06-01 -"},
    {"alpine", "3.20", "- - 2026-04-01 -"},
    {"rhel", "7", "- 2019-08-06 2024-06-30 2029-05-31"},
    {"rhel", "9", "- 2027-05-31 2032-05-31 2036-05-31"},
    {"centos", "7", "- 2020-08-06 2024-06-30 -"},
    {"centos", "8", "- 2021-12-31 2021-12-31 -"},  // CentOS Linux, not Stream
    {"centos", "9", "- 2027-05-31 2027-05-31 -"},
    {"almalinux", "8", "- 2024-05-31 2029-05-31 -"},
    {"rocky", "10", "- 2030-05-31 2035-05-31 -"},
    {"ol", "10", "- - - -"},  // false: no day is set
    {"ol", "6", "- - 2021-03-31 2024-12-31"},
    {"amzn", "2", "- 2026-06-30 2026-06-30 -"},
    {"amzn", "2018.03", "- 2020-12-31 2023-12-31 -"},
    {"sles", "15.6", "- - 2025-12-31 2028-12-31"},
    {"sles", "15", ""},
    {"opensuse-leap", "15.5", "- - 2024-12-31 -"},
    {"fedora", "42", "adams - 2026-05-27 -"},
    {"photon", "5.0", "- - - -"},
    {"photon", "4.0", "- - 2027-10-11 -"},
    {"sl-micro", "6.2", "- - 2029-11-30 -"},
    {"sle-micro", "5.5", "- - 2027-10-31 -"},
    {"sle-micro", "6.2", ""},
    {"nodejs", "24", ""},
};

std::string Told(const std::optional<model::ReleaseLife>& life) {
  if (!life) return "";
  const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return Format("{} {} {} {}", or_dash(life->codename), or_dash(life->active_end), or_dash(life->security_end),
                or_dash(life->extended_end));
}

TEST(MatchingEndOfLife, KnowsWhatTheFilesSay) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::LanguageSnapshot snapshot(*shared, "endoflife");
  EXPECT_EQ(snapshot.Report().documents, 464U);
  EXPECT_EQ(snapshot.Report().rejected, 0U);
  EXPECT_TRUE(snapshot.Report().skipped.empty());
  for (const LifeRow& row : kRows)
    EXPECT_EQ(Told(test::Value(snapshot.Get().FindReleaseLife(row.distro_id, row.release))), row.expected)
        << row.distro_id << " " << row.release;
}

}  // namespace
}  // namespace holdfast
