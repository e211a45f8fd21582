#include "app/platform_metrics.h"

#include "service/work.h"
#include "store/jobs.h"

namespace holdfast::app {
namespace {

// Anchore's bounds, for minutes, after those that an analysis here takes.
constexpr std::array kAnalysisSeconds = {0.1,  0.25, 0.5,   1.0,   2.5,   5.0,    10.0,
                                         30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0};
constexpr std::array kUseCaseSeconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0};
constexpr std::int64_t kRefreshMs = 5'000;

// Queues have the names that Anchore's operators watch.
std::string_view QueueName(std::string_view kind) { return kind == service::kAnalyzeJob ? "images_to_analyze" : kind; }

double Seconds(std::int64_t milliseconds) { return static_cast<double>(milliseconds) / 1e3; }

}  // namespace

AnalysisMetrics::AnalysisMetrics(metrics::Registry& registry)
    : successes_(registry.AddCounter({"anchore_analysis_success", "Images that were analysed"})),
      failures_(registry.AddCounter({"anchore_analysis_error", "Attempts to analyse an image that failed"})),
      seconds_(registry.AddHistogram({"anchore_analysis_time_seconds", "Time of one attempt to analyse an image"},
                                     kAnalysisSeconds)) {}

void AnalysisMetrics::Analysed(bool success, std::int64_t milliseconds) {
  (success ? successes_ : failures_).Add();
  seconds_.Observe(Seconds(milliseconds));
}

PlatformMetrics::PlatformMetrics(metrics::Registry& registry)
    : evaluations_(registry.AddCounters(
          {.name = "holdfast_policy_evaluations", .help = "Evaluations of images by verdict", .labels = {"result"}})),
      evaluation_seconds_(registry.AddHistogram({"anchore_policy_evaluation_time_seconds", "Time to evaluate an image"},
                                                kUseCaseSeconds)),
      imports_(registry.AddCounter({"anchore_import_success", "Images that were imported"})),
      failed_imports_(registry.AddCounter({"anchore_import_error", "Imports that were refused or failed"})),
      import_seconds_(
          registry.AddHistogram({"anchore_import_time_seconds", "Time to import an image"}, kUseCaseSeconds)),
      contexts_(
          registry.AddCounter({"holdfast_matched_contexts",
                               "Packages that were matched with an advisory snapshot, each once for all images"})),
      matching_seconds_(registry.AddSummary({"holdfast_matching_seconds", "Time to match one batch of packages"})),
      findings_(registry.AddCounters(
          {.name = "holdfast_findings", .help = "Findings that matching opened and closed", .labels = {"change"}})),
      layers_(registry.AddCounters({.name = "holdfast_layers",
                                    .help = "Layers of images under analysis: known from another image, or new",
                                    .labels = {"record"}})) {}

void PlatformMetrics::Evaluated(std::string_view result, std::int64_t milliseconds) {
  evaluations_.With({result}).Add();
  evaluation_seconds_.Observe(Seconds(milliseconds));
}

void PlatformMetrics::Imported(bool success, std::int64_t milliseconds) {
  (success ? imports_ : failed_imports_).Add();
  import_seconds_.Observe(Seconds(milliseconds));
}

void PlatformMetrics::Matched(const service::MatchFigures& figures) {
  contexts_.Add(static_cast<double>(figures.contexts));
  findings_.With({"opened"}).Add(static_cast<double>(figures.opened));
  findings_.With({"closed"}).Add(static_cast<double>(figures.closed));
  matching_seconds_.Observe(Seconds(figures.milliseconds));
}

void PlatformMetrics::LayerSeen(bool known) { layers_.With({known ? "known" : "new"}).Add(); }

void SetServiceInfo(metrics::Registry& registry, const std::vector<std::string>& services, std::string_view host_id,
                    std::string_view version) {
  const auto info = registry.AddGauges({.name = "anchore_service_info",
                                        .help = "1 for each service of this process",
                                        .labels = {"name", "host_id", "version"}});
  for (const std::string& service : services) info.With({service, host_id, version}).Set(1);
}

DatabaseMetrics::DatabaseMetrics(metrics::Registry& registry)
    : reads_(registry.AddSummary({"anchore_db_read_seconds", "Time of statements that read"})),
      writes_(registry.AddSummary({"anchore_db_write_seconds", "Time of statements of writers, commits included"})),
      statements_(registry.AddSummaries(
          {.name = "holdfast_db_statement_seconds", .help = "Time of statements by name", .labels = {"statement"}})),
      failed_statements_(registry.AddCounters(
          {.name = "holdfast_db_statement_errors", .help = "Statements that failed", .labels = {"statement"}})),
      steps_(registry.AddSummaries({.name = "anchore_monitor_runtime_seconds",
                                    .help = "Time of the steps of background work",
                                    .labels = {"function", "status"}})),
      queues_(registry.AddGauges(
          {.name = "anchore_queue_length", .help = "Jobs that wait to be done", .labels = {"queuename"}})),
      jobs_(registry.AddGauges({.name = "holdfast_queue_jobs",
                                .help = "Jobs by queue, lane and state",
                                .labels = {"queuename", "lane", "state"}})) {}

store::StatementObserver DatabaseMetrics::Statements() {
  return [this](std::string_view name, store::Access access, std::int64_t microseconds, bool failed) {
    const double seconds = static_cast<double>(microseconds) / 1e6;
    (access == store::Access::kRead ? reads_ : writes_).Observe(seconds);
    statements_.With({name}).Observe(seconds);
    if (failed) failed_statements_.With({name}).Add();
  };
}

service::StepObserver DatabaseMetrics::Steps() {
  return [this](std::string_view name, std::int64_t milliseconds, bool success) {
    steps_.With({name, success ? "success" : "fail"}).Observe(Seconds(milliseconds));
  };
}

void DatabaseMetrics::Refresh(store::Database& database, std::int64_t now_ms) {
  const std::lock_guard lock(refreshing_);
  if (now_ms - refreshed_at_ms_ < kRefreshMs) return;
  refreshed_at_ms_ = now_ms;
  const auto lanes = database.Read([](store::Session& session) { return store::CountJobs(session); });
  if (!lanes) return;                                // the figures stay as they were; failed statements are counted
  for (auto& [labels, count] : counted_) count = 0;  // a lane that ran empty is not among them
  for (const store::LaneDepth& depth : *lanes) {
    const std::string queue(QueueName(depth.kind));
    const std::string lane(store::LaneName(depth.lane));
    counted_[{queue, lane, "queued"}] = static_cast<double>(depth.queued);
    counted_[{queue, lane, "leased"}] = static_cast<double>(depth.leased);
    counted_[{queue, lane, "dead"}] = static_cast<double>(depth.dead);
  }
  std::map<std::string, double> waiting{{"images_to_analyze", 0}, {"notify", 0}};  // there, if never used
  for (const auto& [labels, count] : counted_) {
    jobs_.With({labels[0], labels[1], labels[2]}).Set(count);
    if (labels[2] == "queued") waiting[labels[0]] += count;
  }
  for (const auto& [queue, count] : waiting) queues_.With({queue}).Set(count);
}

}  // namespace holdfast::app
