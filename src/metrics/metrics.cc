#include "metrics/metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/result.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kLabelValueBytesMax = 120;
constexpr std::string_view kOther = "other";

std::string SafeLabelValue(std::string_view value) {
  std::string safe(value.substr(0, kLabelValueBytesMax));
  std::ranges::replace_if(safe, [](char c) { return c < ' ' || c > '~'; }, '?');
  return safe;
}

}  // namespace

// The series of one family so far. `make` adds one to the library's family.
template <typename Handle>
class FamilyState {
 public:
  using Make = std::function<Handle(const prometheus::Labels&)>;
  FamilyState(const FamilyInfo& info, Make make)
      : names_(info.labels.begin(), info.labels.end()), series_max_(info.series_max), make_(std::move(make)) {}

  Handle With(std::initializer_list<std::string_view> values) {
    HF_ASSERT(values.size() == names_.size());
    std::vector<std::string> key;
    key.reserve(values.size());
    for (const std::string_view value : values) key.push_back(SafeLabelValue(value));
    const std::lock_guard lock(mutex_);
    if (const auto found = series_.find(key); found != series_.end()) return found->second;
    // One place is kept for the others.
    if (series_.size() + 1 >= series_max_) key.assign(names_.size(), std::string(kOther));
    if (const auto found = series_.find(key); found != series_.end()) return found->second;
    prometheus::Labels labels;
    for (std::size_t i = 0; i < names_.size(); ++i) labels.emplace(names_[i], key[i]);
    return series_.emplace(std::move(key), make_(labels)).first->second;
  }

 private:
  std::vector<std::string> names_;
  std::size_t series_max_;
  Make make_;
  std::mutex mutex_;
  std::map<std::vector<std::string>, Handle> series_;
};

template <typename Handle>
Handle Family<Handle>::With(std::initializer_list<std::string_view> values) const {
  return state_->With(values);
}
template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;
template class Family<Summary>;

void Counter::Add(double value) const { counter_->Increment(value); }
void Gauge::Set(double value) const { gauge_->Set(value); }
void Gauge::Add(double value) const { gauge_->Increment(value); }
void Histogram::Observe(double value) const { histogram_->Observe(value); }
void Summary::Observe(double value) const { summary_->Observe(value); }

struct Registry::State {
  // The library's family of that name; its exceptions are about names.
  template <typename Builder>
  auto& Build(Builder builder, std::string_view name, std::string_view help) {
    {
      const std::lock_guard lock(mutex);
      HF_ASSERT(names.emplace(name).second);
    }
    try {
      return builder.Name(std::string(name)).Help(std::string(help)).Register(registry);
    } catch (const std::exception& exception) {
      AssertFailed(exception.what(), __FILE__, __LINE__);
    }
  }
  template <typename Handle>
  Family<Handle> Keep(std::vector<std::unique_ptr<FamilyState<Handle>>>& families, const FamilyInfo& info,
                      FamilyState<Handle>::Make make) {
    for (const std::string_view label : info.labels) HF_ASSERT(prometheus::CheckLabelName(std::string(label)));
    const std::lock_guard lock(mutex);
    return Family<Handle>(*families.emplace_back(std::make_unique<FamilyState<Handle>>(info, std::move(make))));
  }

  prometheus::Registry registry;
  std::mutex mutex;
  std::set<std::string, std::less<>> names;
  std::vector<std::unique_ptr<FamilyState<Counter>>> counters;
  std::vector<std::unique_ptr<FamilyState<Gauge>>> gauges;
  std::vector<std::unique_ptr<FamilyState<Histogram>>> histograms;
  std::vector<std::unique_ptr<FamilyState<Summary>>> summaries;
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter Registry::AddCounter(const MetricInfo& info) {
  return Counter(state_->Build(prometheus::BuildCounter(), info.name, info.help).Add({}));
}
Gauge Registry::AddGauge(const MetricInfo& info) {
  return Gauge(state_->Build(prometheus::BuildGauge(), info.name, info.help).Add({}));
}
Histogram Registry::AddHistogram(const MetricInfo& info, std::span<const double> bounds) {
  return Histogram(state_->Build(prometheus::BuildHistogram(), info.name, info.help)
                       .Add({}, prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end())));
}
Summary Registry::AddSummary(const MetricInfo& info) {
  return Summary(
      state_->Build(prometheus::BuildSummary(), info.name, info.help).Add({}, prometheus::Summary::Quantiles{}));
}

Family<Counter> Registry::AddCounters(const FamilyInfo& info) {
  auto& family = state_->Build(prometheus::BuildCounter(), info.name, info.help);
  return state_->Keep<Counter>(state_->counters, info,
                               [&family](const prometheus::Labels& labels) { return Counter(family.Add(labels)); });
}
Family<Gauge> Registry::AddGauges(const FamilyInfo& info) {
  auto& family = state_->Build(prometheus::BuildGauge(), info.name, info.help);
  return state_->Keep<Gauge>(state_->gauges, info,
                             [&family](const prometheus::Labels& labels) { return Gauge(family.Add(labels)); });
}
Family<Histogram> Registry::AddHistograms(const FamilyInfo& info, std::span<const double> bounds) {
  auto& family = state_->Build(prometheus::BuildHistogram(), info.name, info.help);
  return state_->Keep<Histogram>(
      state_->histograms, info,
      [&family, kept = prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end())](
          const prometheus::Labels& labels) { return Histogram(family.Add(labels, kept)); });
}
Family<Summary> Registry::AddSummaries(const FamilyInfo& info) {
  auto& family = state_->Build(prometheus::BuildSummary(), info.name, info.help);
  return state_->Keep<Summary>(state_->summaries, info, [&family](const prometheus::Labels& labels) {
    return Summary(family.Add(labels, prometheus::Summary::Quantiles{}));
  });
}

std::string Registry::Text() const { return prometheus::TextSerializer().Serialize(state_->registry.Collect()); }

}  // namespace holdfast::metrics
