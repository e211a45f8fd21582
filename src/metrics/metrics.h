// Figures about a running service, in the text format that Prometheus reads (version 0.0.4).
//
// One Registry is made by main and outlives what it gave out: handles (Counter, Gauge, Histogram, Summary) and
// families of them by label values. Handles are small and copied freely. Everything may be called from any thread.
//
// What a family may cost is bounded: beyond `series_max` combinations of label values, further ones are counted under
// "other" together, so that a client cannot fill memory by inventing paths.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Summary;
}  // namespace prometheus

namespace holdfast::metrics {

// Only goes up.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  // Less than zero is ignored.
  void Add(double value = 1) const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void Set(double value) const;
  void Add(double value) const;  // may be negative

 private:
  prometheus::Gauge* gauge_;
};

// How many values were at most each of some bounds.
class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void Observe(double value) const;

 private:
  prometheus::Histogram* histogram_;
};

// Number and sum of values, without quantiles.
class Summary {
 public:
  explicit Summary(prometheus::Summary& summary) : summary_(&summary) {}
  void Observe(double value) const;

 private:
  prometheus::Summary* summary_;
};

template <typename Handle>
class FamilyState;  // in metrics.cc

// Handles of one name, told apart by labels.
template <typename Handle>
class Family {
 public:
  explicit Family(FamilyState<Handle>& state) : state_(&state) {}
  // Requires: as many values as the family has labels. Values are cut at 120 bytes; what is not printable ASCII
  // becomes '?'.
  [[nodiscard]] Handle With(std::initializer_list<std::string_view> values) const;

 private:
  FamilyState<Handle>* state_;
};

struct MetricInfo {
  // [a-zA-Z_][a-zA-Z0-9_]*; of a counter as it shall be read, nothing is appended.
  std::string_view name;
  std::string_view help;
};
struct FamilyInfo {
  std::string_view name, help;
  std::initializer_list<std::string_view> labels;
  std::size_t series_max = 500;
};

// A name that is given twice or is malformed is a bug, and ends the program.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  [[nodiscard]] Counter AddCounter(const MetricInfo& info);
  [[nodiscard]] Gauge AddGauge(const MetricInfo& info);
  // `bounds`: upper bounds that ascend; the last one, infinity, is understood.
  [[nodiscard]] Histogram AddHistogram(const MetricInfo& info, std::span<const double> bounds);
  [[nodiscard]] Summary AddSummary(const MetricInfo& info);

  [[nodiscard]] Family<Counter> AddCounters(const FamilyInfo& info);
  [[nodiscard]] Family<Gauge> AddGauges(const FamilyInfo& info);
  [[nodiscard]] Family<Histogram> AddHistograms(const FamilyInfo& info, std::span<const double> bounds);
  [[nodiscard]] Family<Summary> AddSummaries(const FamilyInfo& info);

  // Everything as it is now; kTextContentType names the format. Single values are exact, but two of them may be of
  // different moments.
  [[nodiscard]] std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace holdfast::metrics
