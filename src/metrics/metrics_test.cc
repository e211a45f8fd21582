#include "metrics/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::metrics {
namespace {

constexpr std::array<double, 3> kBounds = {1, 5, 10};

std::size_t CountLines(const std::string& text, const std::string& start) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    count += text.compare(at, start.size(), start) == 0;
  return count;
}

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Registry registry;
  const Counter success = registry.AddCounter({"anchore_analysis_success", "Images analysed."});
  success.Add();
  success.Add(2);
  success.Add(-5);
  const Gauge space = registry.AddGauge({"anchore_tmpspace_available_bytes", "Free bytes."});
  space.Set(5'000'000'000);
  space.Add(-1);
  const Histogram time = registry.AddHistogram({"anchore_analysis_time_seconds", "Seconds."}, kBounds);
  for (const double seconds : {0.5, 1.0, 7.0, 100.0}) time.Observe(seconds);
  const Summary summary = registry.AddSummary({"anchore_import_seconds", "Seconds."});
  summary.Observe(1.5);
  summary.Observe(2);
  const std::string text = registry.Text();
  for (const char* part :
       {"# HELP anchore_analysis_success Images analysed.\n# TYPE anchore_analysis_success counter\n"
        "anchore_analysis_success 3\n",
        "# TYPE anchore_tmpspace_available_bytes gauge\nanchore_tmpspace_available_bytes 4999999999\n",
        "# TYPE anchore_analysis_time_seconds histogram\nanchore_analysis_time_seconds_count 4\n"
        "anchore_analysis_time_seconds_sum 108.5\n"
        "anchore_analysis_time_seconds_bucket{le=\"1\"} 2\n"
        "anchore_analysis_time_seconds_bucket{le=\"5\"} 2\n"
        "anchore_analysis_time_seconds_bucket{le=\"10\"} 3\n"
        "anchore_analysis_time_seconds_bucket{le=\"+Inf\"} 4\n",
        "# TYPE anchore_import_seconds summary\nanchore_import_seconds_count 2\nanchore_import_seconds_sum 3.5\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Metrics, FamiliesHaveOneSeriesForEachCombination) {
  Registry registry;
  const auto requests = registry.AddHistograms(
      {.name = "anchore_http_request_duration_seconds", .help = "s", .labels = {"path", "method", "status"}}, kBounds);
  requests.With({"/images", "GET", "200"}).Observe(0.1);
  requests.With({"/images", "GET", "200"}).Observe(0.2);
  requests.With({"/images", "POST", "200"}).Observe(0.3);
  const auto queues = registry.AddGauges({.name = "anchore_queue_length", .help = "n", .labels = {"queuename"}});
  queues.With({"images_to_analyze"}).Set(7);
  const auto runs =
      registry.AddSummaries({.name = "anchore_monitor_runtime_seconds", .help = "s", .labels = {"function", "status"}});
  runs.With({"gc", "success"}).Observe(2);
  const std::string text = registry.Text();
  for (const char* part :
       {"anchore_http_request_duration_seconds_count{method=\"GET\",path=\"/images\",status=\"200\"} 2\n",
        "anchore_http_request_duration_seconds_count{method=\"POST\",path=\"/images\",status=\"200\"} 1\n",
        "anchore_queue_length{queuename=\"images_to_analyze\"} 7\n",
        "anchore_monitor_runtime_seconds_sum{function=\"gc\",status=\"success\"} 2\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Metrics, LabelValuesCannotForgeLines) {
  Registry registry;
  const auto family = registry.AddCounters({.name = "c", .help = "h", .labels = {"l"}});
  family.With({"a\"} 1\nforged 2\\"}).Add();
  family.With({"\xff\xc3\xa9"}).Add();
  family.With({std::string(1000, 'x')}).Add();
  const std::string text = registry.Text();
  EXPECT_NE(text.find("c{l=\"a\\\"} 1?forged 2\\\\\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("c{l=\"???\"} 1\n"), std::string::npos) << text;
  EXPECT_EQ(text.find(std::string(121, 'x')), std::string::npos);
  EXPECT_EQ(CountLines(text, "forged"), 0U);
}

TEST(Metrics, AFamilyBeyondItsBoundCountsTheRestTogether) {
  Registry registry;
  const auto family = registry.AddCounters({.name = "c", .help = "h", .labels = {"path", "status"}, .series_max = 5});
  for (int i = 0; i < 100; ++i) family.With({"/" + std::to_string(i), "200"}).Add();
  family.With({"/3", "200"}).Add();
  const std::string text = registry.Text();
  EXPECT_EQ(CountLines(text, "c{"), 5U) << text;
  EXPECT_NE(text.find("c{path=\"/3\",status=\"200\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("c{path=\"other\",status=\"other\"} 96\n"), std::string::npos) << text;
}

TEST(Metrics, CountFromManyThreadsAndAreReadMeanwhile) {
  Registry registry;
  const auto family = registry.AddCounters({.name = "c", .help = "h", .labels = {"l"}});
  const Counter total = registry.AddCounter({"total", "h"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        family.With({std::to_string(i % 10)}).Add();
        total.Add();
        if (i % 500 == 0) EXPECT_FALSE(registry.Text().empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = registry.Text();
  EXPECT_EQ(CountLines(text, "c{"), 10U);
  EXPECT_NE(text.find("c{l=\"7\"} 800\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\ntotal 8000\n"), std::string::npos) << text;
}

TEST(MetricsDeathTest, ANameTwiceOrMalformedIsABug) {
  Registry registry;
  static_cast<void>(registry.AddCounter({"c", "h"}));
  EXPECT_DEATH(static_cast<void>(registry.AddGauge({"c", "h"})), "");
  EXPECT_DEATH(static_cast<void>(registry.AddGauge({"a b", "h"})), "");
  const auto family = registry.AddCounters({.name = "f", .help = "h", .labels = {"l"}});
  EXPECT_DEATH(static_cast<void>(family.With({"a", "b"})), "");
}

}  // namespace
}  // namespace holdfast::metrics
