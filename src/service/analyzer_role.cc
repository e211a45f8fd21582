#include "service/analyzer_role.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/elapsed.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "image/registry_source.h"
#include "service/analyse_image.h"
#include "service/owned_packages.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kExtendEveryMs = kLeaseMs / 4;
constexpr std::int64_t kLookMs = 200;
// A registry that asks for more is not waited for with the image in hand.
constexpr std::int64_t kRetryAfterMsMax = 5'000;
// Claimed at once is what takes about this long.
constexpr std::int64_t kClaimMs = 1'000;
constexpr std::int64_t kClaimMax = 8;
// A claimed image waits this long for the one before it; then somebody else shall have it.
constexpr std::chrono::milliseconds kWaitMax{2'000};
// What was found waits this long for more, while there is more to come.
constexpr std::chrono::milliseconds kGatherMax{kClaimMs};
constexpr std::size_t kTellMax = 8;

class NoProgress final : public Progress {
 public:
  void Expect(std::uint64_t) override {}
  void Advance(std::uint64_t) override {}
};

}  // namespace

AnalyzerRole::AnalyzerRole(AnalyzerPort& port, AnalyzerRoleOptions options, AnalysisObserver* observer, Logger& logger)
    : port_(port), options_(std::move(options)), observer_(observer), logger_(logger), records_(port) {}

Result<void> AnalyzerRole::Start() {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.threads); ++i) {
    HF_TRY(auto analyzer,
           MakeAnalyzer(options_.sandbox, options_.program, options_.limits, options_.searches, logger_));
    analyzers_.push_back(std::move(analyzer));
  }
  working_ = analyzers_.size();
  for (const auto& analyzer : analyzers_) threads_.emplace_back([this, mine = analyzer.get()] { Work(*mine); });
  threads_.emplace_back([this] { KeepLeases(); });
  threads_.emplace_back([this] { Deliver(); });
  return {};
}

void AnalyzerRole::Stop(std::int64_t drain_ms) {
  stopping_ = true;
  ReturnWaiting(std::chrono::milliseconds(0));
  std::vector<store::JobLease> left;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(drain_ms), [this] { return held_.empty(); });
    abandoned_ = true;
    found_.clear();
    for (const auto& [id, token] : held_) left.push_back({id, token});
  }
  changed_.notify_all();
  if (!left.empty())
    if (const auto returned = port_.Return(left); !returned) logger_.Warning(returned.error().Message());
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
  threads_.clear();
}

void AnalyzerRole::Hold(const std::vector<AnalyzeTask>& tasks) {
  const std::scoped_lock lock(mutex_);
  for (const AnalyzeTask& task : tasks) {
    held_[task.lease.id] = task.lease.token;
    waiting_[task.lease.id] = {task.lease.token, Clock::now()};
  }
}

void AnalyzerRole::Drop(const store::JobLease& lease) {
  {
    const std::scoped_lock lock(mutex_);
    held_.erase(lease.id);
  }
  changed_.notify_all();
}

bool AnalyzerRole::Begin(const AnalyzeTask& task) {
  const std::scoped_lock lock(mutex_);
  return waiting_.erase(task.lease.id) == 1;
}

std::int64_t AnalyzerRole::CountToClaim() const {
  return std::clamp<std::int64_t>(kClaimMs / std::max<std::int64_t>(usual_ms_, 1), 1, kClaimMax);
}

void AnalyzerRole::Work(Analyzer& analyzer) {
  while (!stopping_) {
    const auto tasks = port_.Claim(options_.name, CountToClaim());
    if (!tasks) {
      logger_.Warning(Format("no work could be claimed: {}", tasks.error().Message()));
      std::this_thread::sleep_for(std::chrono::milliseconds(options_.poll_ms));
      continue;
    }
    Hold(*tasks);
    if (stopping_) ReturnWaiting(std::chrono::milliseconds(0));
    for (const AnalyzeTask& task : *tasks)
      if (Begin(task)) Analyse(analyzer, task);
    if (tasks->empty()) port_.WaitForWork(std::min(options_.poll_ms, kLookMs * 5));
  }
  {
    const std::scoped_lock lock(mutex_);
    --working_;
  }
  changed_.notify_all();
}

void AnalyzerRole::ReturnWaiting(std::chrono::milliseconds age) {
  std::vector<store::JobLease> late;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, waiting] : waiting_)
      if (Clock::now() - waiting.since >= age) late.push_back({id, waiting.token});
    for (const store::JobLease& lease : late) waiting_.erase(lease.id);
  }
  if (late.empty()) return;
  if (const auto returned = port_.Return(late); !returned)
    logger_.Warning(Format("work could not be handed back: {}", returned.error().Message()));
  for (const store::JobLease& lease : late) Drop(lease);
}

void AnalyzerRole::ExtendLeases() {
  std::vector<store::JobLease> leases;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, token] : held_) leases.push_back({id, token});
  }
  if (leases.empty()) return;
  if (const auto lost = port_.Extend(leases); !lost)
    logger_.Warning(Format("leases could not be extended: {}", lost.error().Message()));
  else if (!lost->empty())
    logger_.Warning(Format("{} leases are lost: their work will be dropped", lost->size()));
}

void AnalyzerRole::KeepLeases() {
  auto last = Clock::now() - std::chrono::hours(1);
  while (!stopping_ || [this] {
    const std::scoped_lock lock(mutex_);
    return !held_.empty() && !abandoned_;
  }()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    ReturnWaiting(kWaitMax);
    if (MillisecondsSince(last) < kExtendEveryMs) continue;
    last = Clock::now();
    if (const auto beat = port_.Heartbeat(options_.name, options_.base_url); !beat)
      logger_.Warning(Format("heartbeat: {}", beat.error().Message()));
    ExtendLeases();
  }
}

void AnalyzerRole::Analyse(Analyzer& analyzer, const AnalyzeTask& task) {
  const RequestScope scope(task.request_id);
  const auto start = Clock::now();
  std::int64_t pause_ms = 0;  // that the registry asked for
  auto analysis = options_.analyse ? options_.analyse(task) : Pull(analyzer, task, pause_ms);
  const bool postponed = !analysis && pause_ms > 0 && analysis.error().Kind() == ErrorKind::kUnavailable;
  const std::int64_t took_ms = MillisecondsSince(start);
  usual_ms_ = (usual_ms_ + took_ms) / 2;
  if (observer_ != nullptr && !postponed) observer_->Analysed(analysis.has_value(), took_ms);
  if (analysis) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return found_.size() < kTellMax || abandoned_; });
    if (abandoned_) return;
    found_.push_back({{task, *std::move(analysis)}, took_ms, Clock::now()});
    changed_.notify_all();
    return;
  }
  logger_.Warning(Format("{}: {}", task.reference, analysis.error().Message()));
  if (!abandoned_)
    if (const auto told =
            postponed ? port_.Postpone(task, analysis.error(), pause_ms) : port_.Fail(task, analysis.error());
        !told)
      logger_.Warning(Format("{}: the failure was not taken: {}", task.reference, told.error().Message()));
  Drop(task.lease);
}

std::vector<AnalyzerRole::Found> AnalyzerRole::TakeFound() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !found_.empty() || working_ == 0; });
  if (found_.empty()) return {};
  // When all that is held was found, there is nothing to wait for.
  changed_.wait_until(lock, found_.front().since + kGatherMax,
                      [this] { return found_.size() >= kTellMax || held_.size() <= found_.size() || stopping_; });
  std::vector<Found> taken(std::make_move_iterator(found_.begin()), std::make_move_iterator(found_.end()));
  found_.clear();
  return taken;
}

void AnalyzerRole::Deliver() {
  while (true) {
    auto found = TakeFound();
    if (found.empty()) return;
    changed_.notify_all();  // there is room again
    Tell(std::move(found));
  }
}

void AnalyzerRole::Tell(std::vector<Found> found) {
  std::vector<Completion> done;
  done.reserve(found.size());
  for (Found& one : found) done.push_back(std::move(one.completion));
  const auto outcomes = port_.CompleteAll(done);
  for (std::size_t i = 0; i < done.size(); ++i) {
    Report(done[i], found[i].took_ms, outcomes ? (*outcomes)[i] : std::unexpected(outcomes.error()));
    Drop(done[i].task.lease);
  }
}

void AnalyzerRole::Report(const Completion& done, std::int64_t took_ms, const Result<void>& told) {
  const RequestScope scope(done.task.request_id);
  const std::string& reference = done.task.reference;
  if (told)
    logger_.Info(Format("{}: analysed in {} ms, {} packages", reference, took_ms, done.analysis.packages.size()));
  else
    logger_.Warning(Format("{}: the result was not taken: {}", reference, told.error().Message()));
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
  HF_TRY(auto analysis, AnalyseImage(*source, analyzer, progress, deadline, &records_));
  if (options_.drop_owned_packages) DropOwnedPackages(analysis);
  return analysis;
}

}  // namespace holdfast::service
