#include "advisory/cvss.h"

#include <gtest/gtest.h>

namespace holdfast::advisory {
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

TEST(Cvss, RefusesIncompleteRepeatedAndForeignVectors) {
  for (const std::string_view vector :
       {"", "CVSS:3.1/", "CVSS:3.1/AV:N", "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:HH",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSS:3.1/AV", "7.5"})
    EXPECT_FALSE(CvssBaseScore(vector)) << vector;
}

TEST(Cvss, BandsBeginWhereTheSpecificationSays) {
  EXPECT_EQ(SeverityOfScore(0), model::Severity::kNegligible);
  EXPECT_EQ(SeverityOfScore(0.1), model::Severity::kLow);
  EXPECT_EQ(SeverityOfScore(3.9), model::Severity::kLow);
  EXPECT_EQ(SeverityOfScore(4.0), model::Severity::kMedium);
  EXPECT_EQ(SeverityOfScore(7.0), model::Severity::kHigh);
  EXPECT_EQ(SeverityOfScore(9.0), model::Severity::kCritical);
}

}  // namespace
}  // namespace holdfast::advisory
