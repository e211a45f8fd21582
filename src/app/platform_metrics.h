// The figures of a process beside those of its requests, under Anchore's names where Anchore has one, and their
// sources: observers that the layers below call, and gauges that are read when somebody asks.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metrics.h"
#include "service/analyzer_role.h"
#include "service/background.h"
#include "service/platform_observer.h"
#include "store/database.h"

namespace holdfast::app {

class AnalysisMetrics final : public service::AnalysisObserver {
 public:
  explicit AnalysisMetrics(metrics::Registry& registry);
  void Analysed(bool success, std::int64_t milliseconds) override;

 private:
  metrics::Counter successes_, failures_;
  metrics::Histogram seconds_;
};

// What use cases of the platform do.
class PlatformMetrics final : public service::PlatformObserver {
 public:
  explicit PlatformMetrics(metrics::Registry& registry);
  void Evaluated(std::string_view result, std::int64_t milliseconds) override;
  void Imported(bool success, std::int64_t milliseconds) override;
  void Matched(const service::MatchFigures& figures) override;
  void LayerSeen(bool known) override;

 private:
  metrics::Family<metrics::Counter> evaluations_;
  metrics::Histogram evaluation_seconds_;
  metrics::Counter imports_, failed_imports_;
  metrics::Histogram import_seconds_;
  metrics::Counter contexts_;
  metrics::Summary matching_seconds_;
  metrics::Family<metrics::Counter> findings_, layers_;
};

// "anchore_service_info": one for each service of this process, with its version.
void SetServiceInfo(metrics::Registry& registry, const std::vector<std::string>& services, std::string_view host_id,
                    std::string_view version);

// Of processes with a database. Outlives what it gave observers to.
class DatabaseMetrics {
 public:
  explicit DatabaseMetrics(metrics::Registry& registry);

  [[nodiscard]] store::StatementObserver Statements();
  [[nodiscard]] service::StepObserver Steps();
  // Reads what is only worth knowing when asked for: how long the queues are. At most once in five seconds.
  void Refresh(store::Database& database, std::int64_t now_ms);

 private:
  metrics::Summary reads_, writes_;
  metrics::Family<metrics::Summary> statements_;
  metrics::Family<metrics::Counter> failed_statements_;
  metrics::Family<metrics::Summary> steps_;
  metrics::Family<metrics::Gauge> queues_, jobs_;
  std::mutex refreshing_;
  std::int64_t refreshed_at_ms_ = 0;
  std::map<std::array<std::string, 3>, double> counted_;  // by the labels of jobs_: all that were ever there
};

}  // namespace holdfast::app
