#include "cvss/vector.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cvss/metrics.h"
#include "support/test_support.h"

namespace holdfast::cvss {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kBase31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
constexpr std::string_view kBase40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N";

std::string Canonical(std::string_view text) { return Value(Vector::Parse(text)).Text(); }

TEST(CvssVector, ReadsEachVersion) {
  const std::pair<std::string_view, Version> cases[] = {
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C", Version::k20},
      {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Version::k30},
      {kBase31, Version::k31},
      {kBase40, Version::k40},
  };
  for (const auto& [text, version] : cases) {
    const Vector vector = Value(Vector::Parse(text));
    EXPECT_EQ(vector.Version(), version) << text;
    EXPECT_EQ(vector.Text(), text);
    EXPECT_EQ(vector.Value("AV"), "N");
    EXPECT_EQ(vector.Value("NO"), "");
    EXPECT_TRUE(vector.Defines(Group::kBase));
    EXPECT_FALSE(vector.Defines(Group::kThreat) || vector.Defines(Group::kEnvironmental));
  }
  EXPECT_EQ(VersionName(Version::k20), "2.0");
  EXPECT_EQ(VersionName(Version::k40), "4.0");
}

TEST(CvssVector, NotDefinedIsTheSameAsLeftOut) {
  const Vector vector = Value(Vector::Parse(std::string(kBase31) + "/E:X/RL:O/MAV:X"));
  EXPECT_EQ(vector.Text(), std::string(kBase31) + "/RL:O");
  EXPECT_EQ(vector, Value(Vector::Parse(std::string(kBase31) + "/RL:O")));
  EXPECT_EQ(vector.Value("E"), "X");
  EXPECT_TRUE(vector.Defines(Group::kThreat));
  EXPECT_FALSE(vector.Defines(Group::kEnvironmental));
  EXPECT_EQ(vector.Without(Group::kThreat).Text(), kBase31);
  EXPECT_EQ(Value(Vector::Parse("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:ND")).Value("E"), "ND");
  EXPECT_EQ(Canonical("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:ND/RL:OF"), "AV:N/AC:L/Au:N/C:N/I:N/A:C/RL:OF");
}

TEST(CvssVector, TakesAnyOrderBeforeVersion4) {
  EXPECT_EQ(Canonical("CVSS:3.1/S:U/AV:N/AC:L/PR:H/UI:N/C:L/I:L/A:N/E:F/RL:X"),  // v3.1, section 6
            "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N/E:F");
  EXPECT_EQ(Canonical("CVSS:3.0/RL:O/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N"),
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/RL:O");
  EXPECT_EQ(Canonical("C:N/I:N/A:C/AV:N/AC:L/Au:N"), "AV:N/AC:L/Au:N/C:N/I:N/A:C");
}

// The valid and invalid examples of the CVSS v4.0 Specification Document, section 7.
TEST(CvssVector, DecidesTheExamplesOfVersion4) {
  for (const std::string_view text :
       {"CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N/E:A",
        "CVSS:4.0/AV:A/AC:H/AT:P/PR:L/UI:P/VC:H/VI:H/VA:H/SC:L/SI:L/SA:L/E:P",
        "CVSS:4.0/AV:L/AC:H/AT:N/PR:N/UI:A/VC:N/VI:N/VA:L/SC:H/SI:H/SA:H/CR:H/IR:H/AR:M/MAV:N/MAC:L/MAT:P/MPR:L/MUI:A/"
        "MVC:N/MVI:H/MVA:L/MSC:L/MSI:S/MSA:H",
        "CVSS:4.0/AV:P/AC:H/AT:P/PR:L/UI:P/VC:H/VI:H/VA:H/SC:L/SI:L/SA:L/E:A/S:P/AU:Y/R:A/V:D/RE:L/U:Red"})
    EXPECT_EQ(Canonical(text), text);
  const std::pair<std::string_view, std::string_view> invalid[] = {
      {"CVSS:4.0/AV:F/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N", "metric AV cannot be 'F'"},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N/E:A/E:X", "metric E is stated twice"},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/ui:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N", "there is no metric 'ui'"},
      {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N", "not a CVSS 2.0 vector: there is no metric 'AT'"},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/SC:N/SI:N/SA:N", "metric VA is missing"},
      {"CVSS:4.0/AC:L/AV:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", "metric AV stands after AC"},
  };
  for (const auto& [text, why] : invalid) ExpectError(Vector::Parse(text), ErrorKind::kInvalidInput, why);
}

TEST(CvssVector, SaysWhichMetricIsWrong) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "an empty CVSS vector"},
      {"CVSS:3.1", "it has no metrics"},
      {"CVSS:3.1/", "it has no metrics"},
      {"CVSS:3.1//AV:N", "a metric is empty"},
      {"/", "a metric is empty"},
      {std::string(kBase31) + "/", "a metric is empty"},
      {"CVSS:3.1/AV", "metric AV has no value"},
      {"CVSS:3.1/AV:", "metric AV has no value"},
      {"CVSS:3.1/:N", "there is no metric ''"},
      {"CVSS:3.1/AV:N", "metric AC is missing"},
      {"CVSS:3.1/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "metric AV is missing"},
      {"CVSS:3.1/AV:n/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "metric AV cannot be 'n'"},
      {"CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "metric AV cannot be 'X'"},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:HH", "metric A cannot be 'HH'"},
      {"CVSS:3.1/AV:N:N/AC:L", "metric AV cannot be 'N:N'"},
      {"CVSS:3.1/ AV:N", "there is no metric ' AV'"},
      {std::string(kBase31) + "/AV:N", "metric AV is stated twice"},
      {std::string(kBase31) + "/E:X/E:F", "metric E is stated twice"},
      {std::string(kBase31) + "/E:ND", "metric E cannot be 'ND'"},
      {std::string(kBase31) + "/Au:N", "CVSS 3.1 vector: there is no metric 'Au'"},
      {std::string(kBase40) + "/U:red", "metric U cannot be 'red'"},
      {std::string(kBase40) + "/MSC:S", "metric MSC cannot be 'S'"},
      {std::string(kBase40) + "/CR:H/E:A", "metric E stands after CR"},
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:X", "metric E cannot be 'X'"},
      {"(AV:N/AC:L/Au:N/C:N/I:N/A:C)", "there is no metric '(AV'"},
      {"cvss:3.1/AV:N", "there is no metric 'cvss'"},
      {"7.5", "there is no metric '7.5'"},
      {std::string("AV:\0N", 5), "metric AV cannot be '?N'"},
      {"AV:\n\x1b[31m/AC:L", "metric AV cannot be '??[31m'"},
  };
  for (const auto& [text, why] : cases) ExpectError(Vector::Parse(text), ErrorKind::kInvalidInput, why);
}

TEST(CvssVector, RefusesOtherVersionsAndHugeText) {
  for (const std::string_view text :
       {"CVSS:5.0/AV:N", "CVSS:2.0/AV:N/AC:L/Au:N/C:N/I:N/A:C", "CVSS:/AV:N", "CVSS:3/AV:N", "CVSS:3.1 /AV:N", "CVSS:"})
    ExpectError(Vector::Parse(text), ErrorKind::kUnsupported, "version '");
  ExpectError(Vector::Parse(std::string(kVectorBytesMax + 1, 'A')), ErrorKind::kLimit, "limit 512");
  const auto error = Vector::Parse(std::string(kVectorBytesMax, 'A'));
  ASSERT_FALSE(error);
  EXPECT_LT(error.error().Message().size(), 100U);
}

// Each value of each metric, alone beside the base metrics, and all at once.
TEST(CvssVector, ParsesWhatItPrints) {
  const std::pair<std::string_view, Version> cases[] = {
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C", Version::k20}, {kBase31, Version::k31}, {kBase40, Version::k40}};
  for (const auto& [base, version] : cases) {
    std::string all(base);
    for (const Metric& metric : MetricsOf(version)) {
      if (metric.group == Group::kBase) continue;
      all += "/" + std::string(metric.name) + ":" + std::string(metric.values[0]);
      for (const std::string_view value : metric.values) {
        if (value.empty()) continue;
        const std::string text = std::string(base) + "/" + std::string(metric.name) + ":" + std::string(value);
        const Vector vector = Value(Vector::Parse(text));
        EXPECT_EQ(vector.Text(), text);
        EXPECT_EQ(vector.Value(metric.name), value);
        EXPECT_TRUE(vector.Defines(metric.group));
      }
    }
    EXPECT_EQ(Canonical(all), all);
    EXPECT_LT(all.size(), kVectorBytesMax / 2);
  }
}

}  // namespace
}  // namespace holdfast::cvss
