#include "cvss/score.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::cvss {
namespace {

using test::Value;

Vector Parsed(std::string_view text) { return Value(Vector::Parse(text)); }
double Base(std::string_view text) { return Score(Parsed(text), Metrics::kB); }

// "A Complete Guide to CVSS 2.0", sections 3.3.1 to 3.3.3: base, temporal and the higher environmental score.
TEST(CvssScore, IsThatOfTheExamplesOfVersion2) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", "7.8 6.4 9.2"},    // CVE-2002-0392
      {"AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L", "10.0 8.3 9.0"},   // CVE-2003-0818
      {"AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M", "6.2 4.9 7.5"},  // CVE-2003-0062
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:N/TD:N/CR:M/IR:M/AR:H", "7.8 6.4 0.0"},
  };
  for (const auto& [text, scores] : cases) {
    const Vector vector = Parsed(text);
    EXPECT_EQ(Format("{:.1f} {:.1f} {:.1f}", Score(vector, Metrics::kB), Score(vector, Metrics::kBT),
                     Score(vector, Metrics::kBTE)),
              scores)
        << text;
  }
}

// The vulnerabilities of FIRST's "CVSS v3.1 Examples"; the document of 3.0 has the same base scores.
TEST(CvssScore, IsThatOfTheExamplesOfVersion3) {
  const std::pair<std::string_view, double> cases[] = {
      {"AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1},  // CVE-2013-1937, phpMyAdmin
      {"AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4},  // CVE-2013-0375, MySQL
      {"AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1},  // CVE-2014-3566, POODLE
      {"AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9},  // CVE-2012-1516, VMware
      {"AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2},  // CVE-2009-0783, Tomcat
      {"AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8},  // CVE-2012-0384, IOS
      {"AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8},  // CVE-2015-1098, iWork
      {"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5},  // CVE-2014-0160, Heartbleed
      {"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8},  // CVE-2014-6271, Shellshock
      {"AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 6.8},  // CVE-2008-1447, DNS
      {"AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8},  // CVE-2014-2005, Sophos
      {"AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 5.8},  // CVE-2010-0467, Joomla
      {"AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:L/A:N", 5.8},  // CVE-2012-1342, IOS
      {"AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 9.3},  // CVE-2013-6014, Junos
      {"AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:H/A:H", 9.0},  // CVE-2019-7551, Cantemo
      {"AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.8},  // CVE-2011-1265, Bluetooth
      {"AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 4.6},  // CVE-2014-2019, iCloud
      {"AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 8.8},  // CVE-2015-0970, SearchBlox
      {"AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 7.4},  // CVE-2014-0224, OpenSSL
      {"AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 9.6},  // CVE-2012-5376, Chrome
  };
  for (const auto& [metrics, score] : cases) {
    EXPECT_EQ(Base(Format("CVSS:3.0/{}", metrics)), score) << metrics;
    EXPECT_EQ(Base(Format("CVSS:3.1/{}", metrics)), score) << metrics;
  }
  EXPECT_EQ(Base("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), 10.0);  // CVE-2021-44228, Log4Shell
  EXPECT_EQ(Base("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N"), 0.0);
  // v3.1, section 6, with F for "Functional".
  EXPECT_EQ(OverallScore(Parsed("CVSS:3.1/S:U/AV:N/AC:L/PR:H/UI:N/C:L/I:L/A:N/E:F/RL:X")), 3.7);
}

// From FIRST's "CVSS v4.0 Examples".
TEST(CvssScore, IsThatOfTheExamplesOfVersion4) {
  const std::pair<std::string_view, double> cases[] = {
      {"AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3},       // CVE-2022-41741, nginx
      {"AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7},       // CVE-2020-3549, Cisco
      {"AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 5.2},   // the same with threat metrics
      {"AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.3},       // CVE-2023-3089, OpenShift
      {"AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 4.6},       // CVE-2021-44714, Acrobat
      {"AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 5.1},       // CVE-2022-21830, Rocket.Chat
      {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N", 6.9},       // CVE-2022-22186, Junos
      {"AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N", 5.9},       // CVE-2023-21989, VirtualBox
      {"AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 9.3},       // CVE-2020-3947, VMware
      {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", 8.7},       // CVE-2014-0160, Heartbleed
      {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A", 10.0},  // CVE-2021-44228, Log4Shell
      {"AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H", 6.4},       // CVE-2013-6014, Junos
  };
  for (const auto& [metrics, score] : cases)
    EXPECT_EQ(OverallScore(Parsed(Format("CVSS:4.0/{}", metrics))), score) << metrics;
}

// Values that binary fractions put on the wrong side of a boundary, or that fall on it.
TEST(CvssScore, RoundsAsWithExactArithmetic) {
  const std::pair<std::string_view, double> cases[] = {
      // Version 2, halves up: 10.0 * 0.95 * 0.9 = 8.55, 10.0 * 0.85 * 0.9 = 7.65.
      {"AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:TF", 8.6},
      {"AV:N/AC:L/Au:N/C:C/I:C/A:C/E:U/RC:UC", 7.7},
      // Its adjusted base score is -0.2 here: (-0.2 + 10.2 * 0.5) * 1, and with no damage nothing less than 0.
      {"AV:L/AC:H/Au:M/C:N/I:N/A:P/CDP:H/TD:H/AR:L", 4.9},
      {"AV:L/AC:H/Au:M/C:N/I:N/A:P/CDP:N/TD:H/AR:L", 0.0},
      // Version 3, up to a tenth: 10.0 * 0.92 is 9.2, which doubles make 9.200000000000001 of.
      {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/RC:U", 9.2},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/RC:U", 9.2},
      // 6.0004667 and 6.9005469 are rounded up in both versions; 9.5936240 is up to 9.6.
      {"CVSS:3.0/AV:L/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N", 6.1},
      {"CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N", 6.1},
      {"CVSS:3.1/AV:P/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:L", 7.0},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 9.6},
      // Version 4, halves up: 8.55, 5.65 and 4.95, which doubles put below.
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:L/VA:N/SC:H/SI:H/SA:H", 8.6},
      {"CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:L/VA:H/SC:N/SI:L/SA:L", 5.7},
      {"CVSS:4.0/AV:N/AC:H/AT:N/PR:H/UI:A/VC:N/VI:L/VA:L/SC:H/SI:H/SA:H", 5.0},
  };
  for (const auto& [text, score] : cases) EXPECT_EQ(OverallScore(Parsed(text)), score) << text;
}

// v3.1, section 7.3: the exponent of the modified impact is another one, even when nothing is modified.
TEST(CvssScore, OfTheEnvironmentHasAnEquationOfItsOwn) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", "9.6 9.7"},  // 9.5936, 9.6803
      {"AV:N/AC:H/PR:H/UI:N/S:C/C:H/I:L/A:L", "7.2 7.1"},  // 7.1014, 7.0934
      {"AV:L/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N", "6.1 6.0"},  // 6.0005, 5.9976
      {"AV:L/AC:H/PR:L/UI:R/S:U/C:H/I:L/A:N", "5.0 5.0"},  // unchanged scope has no exponent
  };
  for (const auto& [metrics, scores] : cases)
    EXPECT_EQ(Format("{:.1f} {:.1f}", Score(Parsed(Format("CVSS:3.0/{}", metrics)), Metrics::kBTE),
                     Score(Parsed(Format("CVSS:3.1/{}", metrics)), Metrics::kBTE)),
              scores)
        << metrics;
  EXPECT_EQ(OverallScore(Parsed("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H")), 9.6) << "no environmental metric";
  // Version 2 (guide, section 3.2.3) bounds the adjusted impact, which is 10.00084 here.
  const Vector local = Parsed("AV:L/AC:L/Au:N/C:C/I:C/A:C");
  EXPECT_EQ(Format("{:.1f} {:.1f} {:.1f}", Score(local, Metrics::kB), Score(local, Metrics::kBTE), OverallScore(local)),
            "7.2 7.1 7.2");
}

TEST(CvssScore, CountsTheMetricsThatAreAskedFor) {
  const Vector vector = Parsed("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U/MSI:S/S:P");
  const Vector base = Parsed("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N");
  EXPECT_EQ(MetricsIn(vector), Metrics::kBTE);
  EXPECT_EQ(MetricsName(MetricsIn(vector)), "CVSS-BTE");
  EXPECT_EQ(MetricsName(MetricsIn(vector.Without(Group::kThreat))), "CVSS-BE");
  EXPECT_EQ(MetricsName(MetricsIn(vector.Without(Group::kEnvironmental))), "CVSS-BT");
  EXPECT_EQ(MetricsName(MetricsIn(base)), "CVSS-B");
  EXPECT_EQ(Score(vector, Metrics::kB), 7.7);
  EXPECT_EQ(Score(vector, Metrics::kBT), 5.2);
  EXPECT_EQ(Score(vector, Metrics::kBE), OverallScore(vector.Without(Group::kThreat)));
  EXPECT_GT(Score(vector, Metrics::kBE), 7.7);
  EXPECT_EQ(OverallScore(vector), Score(vector, Metrics::kBTE));
  for (const Metrics metrics : {Metrics::kBT, Metrics::kBE, Metrics::kBTE}) EXPECT_EQ(Score(base, metrics), 7.7);

  const Vector temporal = Parsed("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:P/RL:O/MC:H");
  EXPECT_EQ(Score(temporal, Metrics::kB), 6.1);
  EXPECT_EQ(Score(temporal, Metrics::kBT), 5.5);
  EXPECT_EQ(Score(temporal, Metrics::kBE), 8.2);
  EXPECT_EQ(Score(temporal, Metrics::kBTE), 7.4);
}

// As NVD shows them for CVE-2014-0160, CVE-2021-44228 and CVE-2018-16842.
TEST(CvssScore, HasPartsBeforeVersion4) {
  const auto parts = [](std::string_view text) {
    const BaseScores scores = BaseScoresOf(Parsed(text)).value();
    return Format("{:.1f} {:.1f} {:.1f}", scores.base, scores.exploitability, scores.impact);
  };
  EXPECT_EQ(parts("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"), "7.5 3.9 3.6");
  EXPECT_EQ(parts("AV:N/AC:L/Au:N/C:P/I:N/A:N"), "5.0 10.0 2.9");
  EXPECT_EQ(parts("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), "10.0 3.9 6.0");
  EXPECT_EQ(parts("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H"), "9.1 3.9 5.2");
  EXPECT_EQ(parts("AV:N/AC:L/Au:N/C:P/I:N/A:P"), "6.4 10.0 4.9");
  EXPECT_EQ(parts("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N"), "0.0 0.9 0.0");
  EXPECT_EQ(parts("AV:N/AC:H/Au:M/C:P/I:P/A:P"), "4.3 3.2 6.4") << "3.15 is half a tenth";
  EXPECT_EQ(parts("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U/CR:L"), "7.5 3.9 3.6") << "only base metrics";
  EXPECT_FALSE(BaseScoresOf(Parsed("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")));
}

TEST(CvssScore, IsRatedByTheScaleOfItsVersion) {
  const std::pair<double, std::string_view> cases[] = {
      {0.0, "Low None"},  {0.1, "Low Low"},   {3.9, "Low Low"},       {4.0, "Medium Medium"},  {6.9, "Medium Medium"},
      {7.0, "High High"}, {8.9, "High High"}, {9.0, "High Critical"}, {10.0, "High Critical"},
  };
  for (const auto& [score, ratings] : cases)
    for (const Version version : {Version::k30, Version::k31, Version::k40})
      EXPECT_EQ(Format("{} {}", RatingName(RatingOf(Version::k20, score)), RatingName(RatingOf(version, score))),
                ratings)
          << score;
  EXPECT_EQ(SeverityOf(Rating::kNone), model::Severity::kNegligible);
  EXPECT_EQ(SeverityOf(Rating::kLow), model::Severity::kLow);
  EXPECT_EQ(SeverityOf(Rating::kCritical), model::Severity::kCritical);
  EXPECT_EQ(SeverityOf(Parsed("AV:N/AC:L/Au:N/C:C/I:C/A:C")), model::Severity::kHigh);
  EXPECT_EQ(SeverityOf(Parsed("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U")),
            model::Severity::kMedium);
}

}  // namespace
}  // namespace holdfast::cvss
