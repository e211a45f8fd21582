#include "model/cvss.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::model {
namespace {

// Scores as published by FIRST (examples of the CVSS guides) and NVD for these vectors.
TEST(Cvss, ScoresBaseVectorsOfVersions2And3) {
  const std::pair<std::string_view, double> cases[] = {
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0},  // Log4Shell
      {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5},   // Heartbleed
      {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4},
      {"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1},
      {"CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8},
      {"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:P/RL:O", 6.1},
      {"AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0},
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8},
      {"AV:N/AC:M/Au:N/C:N/I:P/A:N", 4.3},
      {"AV:L/AC:H/Au:N/C:N/I:N/A:N", 0.0},
  };
  for (const auto& [vector, score] : cases) {
    ASSERT_TRUE(CvssBaseScore(vector)) << vector;
    EXPECT_NEAR(*CvssBaseScore(vector), score, 1e-9) << vector;
  }
}

// Lines "VECTOR - (base, temporal, environmental)", made by Red Hat's Python library.
TEST(Cvss, AgreesWithTheReferenceLibrary) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/versions/cvss-vectors.tar.zst -C {}", shared->string(), folder.Path().string()));
  std::size_t compared = 0;
  for (const std::string_view name :
       {"simple2", "simple3", "simple31", "calculator2", "calculator3", "cvsslib2", "cvsslib3"}) {
    std::istringstream lines(test::ReadFile(folder.Path() / Format("vectors_{}", name)));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t end = line.find(" - (");
      if (end == std::string::npos) continue;
      const auto score = CvssBaseScore(std::string_view(line).substr(0, end));
      ASSERT_TRUE(score) << line;
      EXPECT_NEAR(*score, std::strtod(line.c_str() + end + 4, nullptr), 1e-9) << line;
      ++compared;
    }
  }
  EXPECT_GT(compared, 3000U);
}

TEST(Cvss, RefusesIncompleteRepeatedAndForeignVectors) {
  for (const std::string_view vector :
       {"", "CVSS:3.1/", "CVSS:3.1/AV:N", "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:HH",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSS:3.1/AV", "7.5"})
    EXPECT_FALSE(CvssBaseScore(vector)) << vector;
}

TEST(Cvss, BandsBeginWhereTheSpecificationSays) {
  EXPECT_EQ(SeverityOfScore(0), Severity::kNegligible);
  EXPECT_EQ(SeverityOfScore(0.1), Severity::kLow);
  EXPECT_EQ(SeverityOfScore(3.9), Severity::kLow);
  EXPECT_EQ(SeverityOfScore(4.0), Severity::kMedium);
  EXPECT_EQ(SeverityOfScore(7.0), Severity::kHigh);
  EXPECT_EQ(SeverityOfScore(9.0), Severity::kCritical);
}

// As NVD shows them for CVE-2014-0160, CVE-2021-44228 and CVE-2018-16842.
TEST(Cvss, ScoresThePartsToo) {
  const auto parts = [](std::string_view vector) {
    const CvssScores scores = ScoreCvss(vector).value();
    return Format("{:.1f} {:.1f} {:.1f}", scores.base, scores.exploitability, scores.impact);
  };
  EXPECT_EQ(parts("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"), "7.5 3.9 3.6");
  EXPECT_EQ(parts("AV:N/AC:L/Au:N/C:P/I:N/A:N"), "5.0 10.0 2.9");
  EXPECT_EQ(parts("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), "10.0 3.9 6.0");
  EXPECT_EQ(parts("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H"), "9.1 3.9 5.2");
  EXPECT_EQ(parts("AV:N/AC:L/Au:N/C:P/I:N/A:P"), "6.4 10.0 4.9");
  EXPECT_EQ(parts("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N"), "0.0 0.9 0.0");
  EXPECT_FALSE(ScoreCvss("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"));
}

}  // namespace
}  // namespace holdfast::model
