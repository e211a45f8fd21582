// The shortcuts of score_v4.cc against the algorithm as CVSS v4.0 Specification Document, section 8.2, words it: the
// conditions and the lists of highest severity vectors of tables 24, 25, 27, 28 and 30, distances to the first of them
// that is nowhere exceeded, depths found by looking at all vectors of a level, doubles.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "cvss/macro_vectors.h"
#include "cvss/metrics.h"
#include "cvss/score.h"
#include "support/test_support.h"

namespace holdfast::cvss {
namespace {

using Values = std::map<std::string, char, std::less<>>;

// Worst first; what SC lacks does not matter to the distance of two of its values.
const std::map<std::string, std::string, std::less<>>& Orders() {
  static const std::map<std::string, std::string, std::less<>> orders = {
      {"AV", "NALP"}, {"AC", "LH"},  {"AT", "NP"},  {"PR", "NLH"}, {"UI", "NPA"},
      {"VC", "HLN"},  {"VI", "HLN"}, {"VA", "HLN"}, {"SC", "HLN"}, {"SI", "SHLN"},
      {"SA", "SHLN"}, {"E", "APU"},  {"CR", "HML"}, {"IR", "HML"}, {"AR", "HML"}};
  return orders;
}

Values ReadValues(std::string_view text) {
  Values values;
  while (!text.empty()) {
    const std::string_view part = TakeUntil(text, '/');
    values[std::string(part.substr(0, part.find(':')))] = part.back();
  }
  return values;
}

struct EquivalenceClass {
  std::vector<std::string> metrics;
  std::function<std::size_t(const Values&)> level;
  std::vector<std::vector<std::string>> highest;  // by level
};

std::size_t LevelOfEq1(const Values& v) {
  const bool av = v.at("AV") == 'N', pr = v.at("PR") == 'N', ui = v.at("UI") == 'N';
  if (av && pr && ui) return 0;
  return (av || pr || ui) && v.at("AV") != 'P' ? 1 : 2;
}

std::size_t LevelOfEq3And6(const Values& v) {
  const bool vc = v.at("VC") == 'H', vi = v.at("VI") == 'H', va = v.at("VA") == 'H';
  const bool required = (v.at("CR") == 'H' && vc) || (v.at("IR") == 'H' && vi) || (v.at("AR") == 'H' && va);
  if (vc && vi) return required ? 0 : 1;
  if (vc || vi || va) return required ? 2 : 3;
  return 4;
}

std::size_t LevelOfEq4(const Values& v) {
  if (v.at("SI") == 'S' || v.at("SA") == 'S') return 0;
  return v.at("SC") == 'H' || v.at("SI") == 'H' || v.at("SA") == 'H' ? 1 : 2;
}

// EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5.
std::vector<EquivalenceClass> Classes() {
  return {
      {{"AV", "PR", "UI"},
       &LevelOfEq1,
       {{"AV:N/PR:N/UI:N"},
        {"AV:A/PR:N/UI:N", "AV:N/PR:L/UI:N", "AV:N/PR:N/UI:P"},
        {"AV:P/PR:N/UI:N", "AV:A/PR:L/UI:P"}}},
      {{"AC", "AT"},
       [](const Values& v) { return v.at("AC") == 'L' && v.at("AT") == 'N' ? 0U : 1U; },
       {{"AC:L/AT:N"}, {"AC:L/AT:P", "AC:H/AT:N"}}},
      {{"VC", "VI", "VA", "CR", "IR", "AR"},
       &LevelOfEq3And6,
       {{"VC:H/VI:H/VA:H/CR:H/IR:H/AR:H"},
        {"VC:H/VI:H/VA:H/CR:M/IR:M/AR:M", "VC:H/VI:H/VA:L/CR:M/IR:M/AR:H"},
        {"VC:L/VI:H/VA:H/CR:H/IR:H/AR:H", "VC:H/VI:L/VA:H/CR:H/IR:H/AR:H"},
        {"VC:H/VI:L/VA:H/CR:M/IR:H/AR:M", "VC:H/VI:L/VA:L/CR:M/IR:H/AR:H", "VC:L/VI:H/VA:H/CR:H/IR:M/AR:M",
         "VC:L/VI:H/VA:L/CR:H/IR:M/AR:H", "VC:L/VI:L/VA:H/CR:H/IR:H/AR:M"},
        {"VC:L/VI:L/VA:L/CR:H/IR:H/AR:H"}}},
      {{"SC", "SI", "SA"}, &LevelOfEq4, {{"SC:H/SI:S/SA:S"}, {"SC:H/SI:H/SA:H"}, {"SC:L/SI:L/SA:L"}}},
      {{"E"},
       [](const Values& v) { return v.at("E") == 'A'   ? 0U
                                    : v.at("E") == 'P' ? 1U
                                                       : 2U; },
       {{"E:A"}, {"E:P"}, {"E:U"}}},
  };
}

// Steps from `high` down to `low`; nothing when some metric of `low` is higher.
std::optional<int> StepsDown(const Values& high, const Values& low, const std::vector<std::string>& metrics) {
  int sum = 0;
  for (const std::string& metric : metrics) {
    const std::string& order = Orders().find(metric)->second;
    const auto steps = static_cast<int>(order.find(low.at(metric))) - static_cast<int>(order.find(high.at(metric)));
    if (steps < 0) return std::nullopt;
    sum += steps;
  }
  return sum;
}

// The scoring of section 8.2, with what depends on one class alone worked out once.
class Literal {
 public:
  Literal() {
    for (EquivalenceClass& one : classes_) Tabulate(one);
  }

  [[nodiscard]] double Score(const Values& values) const {
    if (std::ranges::all_of(std::to_array({"VC", "VI", "VA", "SC", "SI", "SA"}),
                            [&](const char* metric) { return values.at(metric) == 'N'; }))
      return 0;
    std::vector<std::size_t> levels;
    for (std::size_t i = 0; i < classes_.size(); ++i) levels.push_back(Row(i, values).level);
    const double score = MacroScore(levels);
    double sum = 0;
    int lower_ones = 0;
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      const auto lower = LowerScore(levels, i);
      if (!lower) continue;
      ++lower_ones;
      sum += (score - *lower) * Row(i, values).distance / depths_[i][levels[i]];
    }
    const double exact = lower_ones == 0 ? score : score - sum / lower_ones;
    return std::round((exact + 1e-6) * 10) / 10;  // as FIRST's calculator guards halves
  }

 private:
  struct Entry {
    std::size_t level;
    int distance;
  };

  static std::string Key(const EquivalenceClass& one, const Values& values) {
    std::string key;
    for (const std::string& metric : one.metrics) key.push_back(values.at(metric));
    return key;
  }

  void Tabulate(const EquivalenceClass& one) {
    std::map<std::string, Entry>& entries = entries_.emplace_back();
    std::vector<int>& depths = depths_.emplace_back(one.highest.size(), 0);
    std::vector<Values> all = {{}};
    for (const std::string& metric : one.metrics) {
      std::vector<Values> longer;
      for (const Values& values : all)
        for (const char value : Orders().find(metric)->second) {
          longer.push_back(values);
          longer.back()[metric] = value;
        }
      all = std::move(longer);
    }
    for (const Values& values : all) {
      const std::size_t level = one.level(values);
      std::optional<int> distance;
      for (const std::string& highest : one.highest[level])
        if (!distance) distance = StepsDown(ReadValues(highest), values, one.metrics);
      if (!distance) ADD_FAILURE() << "no highest severity vector is above " << Key(one, values);
      entries[Key(one, values)] = {level, distance.value_or(0)};
      // The calculator counts one step more than there are down to the lowest severity vector.
      depths[level] = std::max(depths[level], distance.value_or(0) + 1);
    }
  }

  [[nodiscard]] const Entry& Row(std::size_t index, const Values& values) const {
    return entries_[index].at(Key(classes_[index], values));
  }

  static double MacroScore(const std::vector<std::size_t>& levels) {
    return kMacroVectorTenths[2 * levels[0] + levels[1]][levels[2]][levels[3]][levels[4]] / 10.0;
  }

  [[nodiscard]] std::optional<double> LowerScore(std::vector<std::size_t> levels, std::size_t index) const {
    const auto at = [&](std::size_t level) {
      levels[index] = level;
      return MacroScore(levels);
    };
    const std::size_t level = levels[index];
    if (level + 1 == classes_[index].highest.size()) return std::nullopt;
    if (index != 2) return at(level + 1);
    if (level == 0) return std::max(at(1), at(2));  // 00 goes to 01 and to 10
    return at(level == 3 ? 4 : 3);                  // 01 and 10 to 11, 11 to 21
  }

  std::vector<EquivalenceClass> classes_ = Classes();
  std::vector<std::map<std::string, Entry>> entries_;
  std::vector<std::vector<int>> depths_;
};

// What counts for each metric (sections 3.1, 4.1 and 4.2): the modified one, else the base one, else the worst.
Values Effective(const Vector& vector) {
  Values values;
  for (const auto& [metric, order] : Orders()) {
    const std::string_view modified = vector.Value("M" + metric), base = vector.Value(metric);
    values[metric] = !modified.empty() && modified != "X" ? modified[0] : base != "X" ? base[0] : order[0];
  }
  return values;
}

void Expect(const Literal& literal, const std::string& text) {
  const Vector vector = test::Value(Vector::Parse(text));
  ASSERT_DOUBLE_EQ(Score(vector, Metrics::kBTE), literal.Score(Effective(vector))) << text;
}

std::size_t CountValues(const Metric& metric) {
  return static_cast<std::size_t>(std::ranges::count_if(metric.values, [](std::string_view v) { return !v.empty(); }));
}

TEST(CvssScore4, AgreesWithTheWordedAlgorithmOnAllBaseVectors) {
  const Literal literal;
  std::vector<std::string> texts = {"CVSS:4.0"};
  for (const Metric& metric : MetricsOf(Version::k40).first(v4::kSa + 1)) {
    std::vector<std::string> longer;
    for (const std::string& text : texts)
      for (const std::string_view value : std::span(metric.values).first(CountValues(metric)))
        longer.push_back(text + "/" + std::string(metric.name) + ":" + std::string(value));
    texts = std::move(longer);
  }
  ASSERT_EQ(texts.size(), 104'976U);
  for (const std::string& text : texts) {
    Expect(literal, text);
    if (HasFatalFailure()) return;
  }
}

TEST(CvssScore4, AgreesWithTheWordedAlgorithmOnVectorsWithAllMetrics) {
  const Literal literal;
  std::mt19937 random(4);  // the same vectors in each run
  for (int i = 0; i < 30'000; ++i) {
    std::string text = "CVSS:4.0";
    for (const Metric& metric : MetricsOf(Version::k40)) {
      const std::size_t count = CountValues(metric);
      // Beyond the last value: left out.
      const std::size_t value = random() % (metric.group == Group::kBase ? count : count + 1);
      if (value < count) text.append("/").append(metric.name).append(":").append(metric.values[value]);
    }
    Expect(literal, text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace holdfast::cvss
