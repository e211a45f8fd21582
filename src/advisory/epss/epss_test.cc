#include "advisory/epss/epss.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;

// Heads and forms of lines are those of the files of 2021-04-14, 2021-09-01, 2022-02-04 and 2023-03-07.
constexpr std::string_view kComment = "#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\n";
constexpr std::string_view kColumns = "cve,epss,percentile\n";

test::AdvisoryRecorder ReadAll(std::string_view text, std::string_view name = "epss.csv") {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeEpssProvider();
  const auto read = recorder.Read(*provider, Notation::kCsv, name, text);
  EXPECT_TRUE(read) << read.error().Message();
  return recorder;
}

TEST(Epss, AScoreIsFactsOfItsCveOnTheDayOfTheFile) {
  const auto got =
      ReadAll(Format("{}{}CVE-2020-5902,0.97567,0.99995\nCVE-2018-19571,0.00113,0.43131\n", kComment, kColumns));
  EXPECT_TRUE(got.recognised);
  EXPECT_TRUE(got.problems.empty());
  ASSERT_EQ(got.vulnerabilities.size(), 2U);
  EXPECT_EQ(got.vulnerabilities[0].id, "CVE-2020-5902");
  EXPECT_EQ(got.vulnerabilities[0].source, "epss");
  EXPECT_EQ(got.vulnerabilities[0].modified, "2023-03-07T00:00:00Z");
  EXPECT_EQ(got.vulnerabilities[0].epss, (model::Epss{0.97567, 0.99995}));
  EXPECT_EQ(got.vulnerabilities[1].epss, (model::Epss{0.00113, 0.43131}));
}

TEST(Epss, OlderFilesHaveTheirDayInTheirName) {
  const auto got = ReadAll("cve,epss,percentile\r\nCVE-2020-5902,0.65117,0.9981063485700858\r\n",
                           "epss/epss_scores-2021-09-01.csv.gz");
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_EQ(got.vulnerabilities[0].modified, "2021-09-01T00:00:00Z");
  EXPECT_EQ(ReadAll("cve,epss,percentile\nCVE-2020-5902,0.6,0.9\n").vulnerabilities.at(0).modified, "");
}

TEST(Epss, PercentilesThatAreMissingAreCounted) {
  const auto got = ReadAll(
      "cve,epss\nCVE-2020-5902,0.65117\nCVE-2018-19571,0.04773\nCVE-2018-1957,0.04773\n"
      "CVE-2018-1958,0.001\n");
  ASSERT_EQ(got.vulnerabilities.size(), 4U);
  EXPECT_EQ(got.vulnerabilities[0].epss, (model::Epss{0.65117, 1}));
  EXPECT_EQ(got.vulnerabilities[1].epss, (model::Epss{0.04773, 0.75}));
  EXPECT_EQ(got.vulnerabilities[2].epss, (model::Epss{0.04773, 0.75}));
  EXPECT_EQ(got.vulnerabilities[3].epss, (model::Epss{0.001, 0.25}));
}

TEST(Epss, BadLinesAreToldAndLeftOut) {
  const auto got =
      ReadAll(Format("{}{}CVE-2020-1,0.5,0.5\nCVE-2020-5902,1.5,0.5\nCVE-2020-5902,-0.1,0.5\n"
                     "CVE-2020-5902,nan,0.5\nCVE-2020-5902,0.5x,0.5\nCVE-2020-5902,0.5\n"
                     "CVE-2020-5902,0.5,0.5,0.5\n\nCVE-2020-5903,0.5,0.5\nCVE-2020-59",
                     kComment, kColumns));
  EXPECT_EQ(got.problems.size(), 8U);
  EXPECT_EQ(got.problems.at(0), "corrupt: score 1: \"CVE-2020-1\" is no CVE identifier");
  ASSERT_EQ(got.vulnerabilities.size(), 1U);
  EXPECT_EQ(got.vulnerabilities[0].id, "CVE-2020-5903");
}

TEST(Epss, OtherTablesAreNotItsOwn) {
  for (const char* other : {"", "a,b,c\n", "cve,epss,percentile,x\n", "#model_version:v1\ncve,epss,percentile\n",
                            "cve;epss;percentile\n", "#model_version:v1,score_date:2023-03-07\ncve\n"}) {
    test::AdvisoryRecorder recorder;
    const auto provider = MakeEpssProvider();
    ExpectError(recorder.Read(*provider, Notation::kCsv, "x.csv", other), ErrorKind::kCorrupt, "EPSS");
    EXPECT_FALSE(recorder.recognised) << other;
  }
  test::AdvisoryRecorder recorder;
  const auto provider = MakeEpssProvider();
  (void)recorder.Read(*provider, Notation::kText, "x.txt", "cve,epss\n");
  EXPECT_FALSE(recorder.recognised);
}

TEST(Epss, AFileOfOtherLinesIsRefused) {
  std::string text(kColumns);
  for (std::size_t i = 0; i <= kEpssBadRowsMax; ++i) text += "x\n";
  test::AdvisoryRecorder recorder;
  const auto provider = MakeEpssProvider();
  ExpectError(recorder.Read(*provider, Notation::kCsv, "x.csv", text), ErrorKind::kCorrupt, "no scores");
  EXPECT_EQ(recorder.problems.size(), kEpssBadRowsMax);
}

}  // namespace
}  // namespace holdfast::advisory
