// What holds for every base vector there is: 729 of version 2, 2,592 each of 3.0 and 3.1, 104,976 of version 4.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cvss/metrics.h"
#include "cvss/score.h"
#include "support/test_support.h"

namespace holdfast::cvss {
namespace {

// All base vectors of a version, as numbers whose digits are the places of the values, the last metric's first.
class BaseVectors {
 public:
  explicit BaseVectors(Version version) : version_(version) {
    for (const Metric& metric : MetricsOf(version)) {
      if (metric.group != Group::kBase) break;
      const auto values = std::ranges::count_if(metric.values, [](std::string_view value) { return !value.empty(); });
      steps_.push_back(size_);
      counts_.push_back(static_cast<std::size_t>(values));
      size_ *= static_cast<std::size_t>(values);
    }
  }

  [[nodiscard]] std::size_t Size() const { return size_; }
  [[nodiscard]] std::size_t Metrics() const { return counts_.size(); }
  [[nodiscard]] std::size_t Digit(std::size_t number, std::size_t metric) const {
    return number / steps_[metric] % counts_[metric];
  }
  // The vector whose value of the metric is the one before in the table, which is worse.
  [[nodiscard]] std::size_t Worse(std::size_t number, std::size_t metric) const { return number - steps_[metric]; }

  [[nodiscard]] std::string Text(std::size_t number) const {
    std::string text = version_ == Version::k20 ? "" : "CVSS:" + std::string(VersionName(version_));
    for (std::size_t i = 0; i < Metrics(); ++i) {
      const Metric& metric = MetricsOf(version_)[i];
      text.append(text.empty() ? "" : "/").append(metric.name).append(":").append(metric.values[Digit(number, i)]);
    }
    return text;
  }

 private:
  Version version_;
  std::vector<std::size_t> steps_, counts_;
  std::size_t size_ = 1;
};

std::vector<double> ScoresOf(const BaseVectors& vectors) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < vectors.Size(); ++i) {
    const std::string text = vectors.Text(i);
    const auto vector = Vector::Parse(text);
    if (!vector || vector->Text() != text) ADD_FAILURE() << text;
    scores.push_back(Score(test::Value(vector), Metrics::kB));
  }
  return scores;
}

void ExpectNoWorseValueToLowerTheScore(Version version, std::size_t size) {
  const BaseVectors vectors(version);
  ASSERT_EQ(vectors.Size(), size);
  const std::vector<double> scores = ScoresOf(vectors);
  for (std::size_t i = 0; i < vectors.Size(); ++i) {
    ASSERT_TRUE(scores[i] >= 0 && scores[i] <= 10) << vectors.Text(i);
    for (std::size_t metric = 0; metric < vectors.Metrics(); ++metric) {
      if (vectors.Digit(i, metric) == 0) continue;
      // Scope stands in the other order: changed, the second one, is the worse.
      const bool scope = MetricsOf(version)[metric].name == "S";
      const double better = scores[scope ? vectors.Worse(i, metric) : i];
      const double worse = scores[scope ? i : vectors.Worse(i, metric)];
      ASSERT_GE(worse, better) << vectors.Text(i) << " " << MetricsOf(version)[metric].name;
    }
  }
}

TEST(CvssProperties, AWorseValueNeverLowersABaseScoreOfVersion2) {
  ExpectNoWorseValueToLowerTheScore(Version::k20, 729);
}
TEST(CvssProperties, AWorseValueNeverLowersABaseScoreOfVersion30) {
  ExpectNoWorseValueToLowerTheScore(Version::k30, 2592);
}
TEST(CvssProperties, AWorseValueNeverLowersABaseScoreOfVersion31) {
  ExpectNoWorseValueToLowerTheScore(Version::k31, 2592);
}
TEST(CvssProperties, AWorseValueNeverLowersABaseScoreOfVersion4) {
  ExpectNoWorseValueToLowerTheScore(Version::k40, 104'976);
}

TEST(CvssProperties, BaseScoresOf30And31AreTheSame) {
  EXPECT_EQ(ScoresOf(BaseVectors(Version::k30)), ScoresOf(BaseVectors(Version::k31)));
}

}  // namespace
}  // namespace holdfast::cvss
