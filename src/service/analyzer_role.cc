#include "service/analyzer_role.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/format.h"
#include "base/request_scope.h"
#include "image/registry_source.h"
#include "service/analyse_image.h"
#include "service/owned_packages.h"

namespace holdfast::service {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kExtendEveryMs = kLeaseMs / 4;
constexpr std::int64_t kLookMs = 200;
// A registry that asks for more is not waited for with the image in hand.
constexpr std::int64_t kRetryAfterMsMax = 5'000;

class NoProgress final : public Progress {
 public:
  void Expect(std::uint64_t) override {}
  void Advance(std::uint64_t) override {}
};

std::int64_t MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

}  // namespace

AnalyzerRole::AnalyzerRole(AnalyzerPort& port, AnalyzerRoleOptions options, AnalysisObserver* observer, Logger& logger)
    : port_(port), options_(std::move(options)), observer_(observer), logger_(logger) {}

Result<void> AnalyzerRole::Start() {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.threads); ++i) {
    HF_TRY(auto analyzer,
           MakeAnalyzer(options_.sandbox, options_.program, options_.limits, options_.searches, logger_));
    analyzers_.push_back(std::move(analyzer));
  }
  for (const auto& analyzer : analyzers_) threads_.emplace_back([this, mine = analyzer.get()] { Work(*mine); });
  threads_.emplace_back([this] { KeepLeases(); });
  return {};
}

void AnalyzerRole::Stop(std::int64_t drain_ms) {
  stopping_ = true;
  std::vector<store::JobLease> left;
  {
    std::unique_lock lock(mutex_);
    dropped_.wait_for(lock, std::chrono::milliseconds(drain_ms), [this] { return held_.empty(); });
    abandoned_ = true;
    for (const auto& [id, token] : held_) left.push_back({id, token});
  }
  if (!left.empty())
    if (const auto returned = port_.Return(left); !returned) logger_.Warning(returned.error().Message());
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
  threads_.clear();
}

void AnalyzerRole::Hold(const store::JobLease& lease) {
  const std::scoped_lock lock(mutex_);
  held_[lease.id] = lease.token;
}

void AnalyzerRole::Drop(const store::JobLease& lease) {
  {
    const std::scoped_lock lock(mutex_);
    held_.erase(lease.id);
  }
  dropped_.notify_all();
}

void AnalyzerRole::Work(Analyzer& analyzer) {
  while (!stopping_) {
    const auto tasks = port_.Claim(options_.name, 1);
    if (!tasks) {
      logger_.Warning(Format("no work could be claimed: {}", tasks.error().Message()));
      std::this_thread::sleep_for(std::chrono::milliseconds(options_.poll_ms));
      continue;
    }
    for (const AnalyzeTask& task : *tasks) Analyse(analyzer, task);
    if (tasks->empty()) port_.WaitForWork(std::min(options_.poll_ms, kLookMs * 5));
  }
}

void AnalyzerRole::KeepLeases() {
  auto last = Clock::now() - std::chrono::hours(1);
  while (!stopping_ || [this] {
    const std::scoped_lock lock(mutex_);
    return !held_.empty() && !abandoned_;
  }()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    if (MillisecondsSince(last) < kExtendEveryMs) continue;
    last = Clock::now();
    if (const auto beat = port_.Heartbeat(options_.name, options_.base_url); !beat)
      logger_.Warning(Format("heartbeat: {}", beat.error().Message()));
    std::vector<store::JobLease> leases;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& [id, token] : held_) leases.push_back({id, token});
    }
    if (leases.empty()) continue;
    if (const auto lost = port_.Extend(leases); !lost)
      logger_.Warning(Format("leases could not be extended: {}", lost.error().Message()));
    else if (!lost->empty())
      logger_.Warning(Format("{} leases are lost: their work will be dropped", lost->size()));
  }
}

void AnalyzerRole::Analyse(Analyzer& analyzer, const AnalyzeTask& task) {
  const RequestScope scope(task.request_id);
  Hold(task.lease);
  const auto start = Clock::now();
  std::int64_t pause_ms = 0;  // that the registry asked for
  const auto analysis = Pull(analyzer, task, pause_ms);
  const bool postponed = !analysis && pause_ms > 0 && analysis.error().Kind() == ErrorKind::kUnavailable;
  const Result<void> told = abandoned_  ? Result<void>{}
                            : analysis  ? port_.Complete(task, *analysis)
                            : postponed ? port_.Postpone(task, analysis.error(), pause_ms)
                                        : port_.Fail(task, analysis.error());
  Drop(task.lease);
  if (observer_ != nullptr && !postponed) observer_->Analysed(analysis.has_value(), MillisecondsSince(start));
  if (!analysis) logger_.Warning(Format("{}: {}", task.reference, analysis.error().Message()));
  if (!told) logger_.Warning(Format("{}: the result was not taken: {}", task.reference, told.error().Message()));
  if (analysis && told)
    logger_.Info(Format("{}: analysed in {} ms, {} packages", task.reference, MillisecondsSince(start),
                        analysis->packages.size()));
}

Result<model::ImageAnalysis> AnalyzerRole::Pull(Analyzer& analyzer, const AnalyzeTask& task, std::int64_t& pause_ms) {
  image::SourceOptions sources = options_.sources;
  sources.limits = options_.limits;
  sources.registry.credential = task.login.credential;
  sources.registry.retry.retry_after_ms_max = kRetryAfterMsMax;
  sources.registry.on_pause = [&pause_ms](std::int64_t ms) { pause_ms = std::max(pause_ms, ms); };
  // Credentials are the account's: those of the user that runs the service are nobody's business.
  sources.environment = [](const std::string&) { return std::nullopt; };
  HF_TRY(const auto reference, image::Reference::Parse(task.reference));
  if (!task.login.verify) sources.registry.insecure_hosts.push_back(reference.domain);
  const Deadline deadline = Deadline::After(options_.limits.scan_time_ms_max);
  sources.deadline = deadline;
  HF_TRY(const auto source, image::OpenSource("registry:" + task.reference, sources, logger_));
  NoProgress progress;
  HF_TRY(auto analysis, AnalyseImage(*source, analyzer, progress, deadline, &port_));
  if (options_.drop_owned_packages) DropOwnedPackages(analysis);
  return analysis;
}

}  // namespace holdfast::service
