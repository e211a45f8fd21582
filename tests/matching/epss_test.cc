// Scores of four ages of EPSS as FIRST published them: the last known score of each of two vulnerabilities, whichever
// order the files come in. What is expected was read from the files by hand.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::Value;

class EpssSamples {
 public:
  explicit EpssSamples(const std::filesystem::path& shared) {
    test::RunCommand(
        Format("tar --zstd -xf {}/advisories/upstream-format-samples.tar.zst -C {} --strip-components=5 --wildcards "
               "'vuls/fetch/epss/testdata/fixtures/*.csv.gz'",
               shared.string(), folder_.Path().string()));
  }

  // A snapshot of the files of these days: "2021-04-14".
  [[nodiscard]] std::unique_ptr<advisory::Snapshot> SnapshotOf(const std::vector<std::string>& days) const {
    const test::TemporaryFolder data;
    for (const std::string& day : days) {
      const std::string name = Format("epss_scores-{}.csv.gz", day);
      std::filesystem::copy(folder_.Path() / name, data.Path() / name);
    }
    const auto report = Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data.Path(),
                                                      folder_.Path() / "snapshot", {.built = "2026-01-01T00:00:00Z"}));
    EXPECT_EQ(report.documents, days.size());
    EXPECT_EQ(report.rejected, 0U);
    return Value(advisory::Snapshot::Open(folder_.Path() / "snapshot"));
  }

 private:
  test::TemporaryFolder folder_;
};

struct ScoreRow {
  std::vector<std::string> days;
  model::Epss big_ip, gitlab;  // of CVE-2020-5902 and CVE-2018-19571
};

TEST(MatchingEpss, TheNewestScoreHolds) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const EpssSamples samples(*shared);
  const ScoreRow rows[] = {
      {{"2021-04-14"}, {0.65117, 1}, {0.04773, 0.5}},
      {{"2021-09-01"}, {0.65117, 0.99811}, {0.04773, 0.87159}},
      {{"2022-02-04"}, {0.96817, 0.99999}, {0.17187, 0.93112}},
      {{"2023-03-07"}, {0.97567, 0.99995}, {0.00113, 0.43131}},
      {{"2021-04-14", "2021-09-01"}, {0.65117, 0.99811}, {0.04773, 0.87159}},
      {{"2021-09-01", "2021-04-14"}, {0.65117, 0.99811}, {0.04773, 0.87159}},
      {{"2023-03-07", "2022-02-04"}, {0.97567, 0.99995}, {0.00113, 0.43131}},
      {{"2021-04-14", "2021-09-01", "2022-02-04"}, {0.96817, 0.99999}, {0.17187, 0.93112}},
      {{"2021-04-14", "2021-09-01", "2022-02-04", "2023-03-07"}, {0.97567, 0.99995}, {0.00113, 0.43131}},
  };
  for (const ScoreRow& row : rows) {
    const auto snapshot = samples.SnapshotOf(row.days);
    EXPECT_EQ(snapshot->Info().vulnerabilities, 2U);
    EXPECT_EQ(Value(snapshot->FindFacts("CVE-2020-5902"))->epss, row.big_ip) << row.days.back();
    EXPECT_EQ(Value(snapshot->FindFacts("CVE-2018-19571"))->epss, row.gitlab) << row.days.back();
    EXPECT_FALSE(Value(snapshot->FindFacts("CVE-2018-1957")));
  }
}

}  // namespace
}  // namespace holdfast
