#include "service/work.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/request_scope.h"
#include "io/json.h"
#include "service/analysis_store.h"
#include "service/notifications.h"
#include "service/platform_observer.h"
#include "store/images.h"
#include "store/registries.h"
#include "store/services.h"
#include "store/storable_text.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kRetryFirstMs = 5'000;
constexpr std::int64_t kRetryMaxMs = 600'000;
constexpr std::int64_t kReapBatch = 500;

std::int64_t ImageRowOf(std::string_view payload) {
  const auto document = io::JsonDocument::Parse(payload);
  return document ? document->Root()["image"].Integer().value_or(0) : 0;
}

std::string RequestIdOf(std::string_view payload) {
  const auto document = io::JsonDocument::Parse(payload);
  return document ? std::string(document->Root()["request_id"].StringOr("")) : std::string();
}

std::int64_t RetryDelayMs(std::int64_t attempts) {
  const std::int64_t doublings = std::clamp<std::int64_t>(attempts - 1, 0, 10);
  return std::min(kRetryMaxMs, kRetryFirstMs << doublings);
}

// What may go better next time.
bool IsWorthRetrying(const Error& error) {
  return error.Kind() == ErrorKind::kUnavailable || error.Kind() == ErrorKind::kInternal;
}

// The image's analysis has failed for good.
Result<void> MarkFailed(const Platform& platform, store::Session& session, std::int64_t image_row,
                        std::string_view error) {
  HF_TRY(const auto image, store::FindImageByRow(session, image_row));
  if (!image) return {};
  const std::vector<std::int64_t> rows = {image_row};
  HF_CHECK_OK(
      store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kFailed, std::string(error), platform.Now()));
  return TellAnalysisEnded(platform, session, *image, store::AnalysisStatus::kFailed, error);
}

// Back into the queue until then, and the image with it.
Result<void> PostponeTask(const Platform& platform, store::Session& session, const AnalyzeTask& task,
                          std::string_view reason, std::int64_t until) {
  const std::int64_t now = platform.Now();
  HF_TRY(const bool held, store::PostponeJob(session, task.lease, reason, until, now));
  if (!held) return {};
  const std::vector<std::int64_t> rows = {task.image_row};
  return store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kNotAnalyzed, std::string(reason), now);
}

// True: the image's registry is not to be asked now.
Result<bool> PostponeWhilePaused(const Platform& platform, store::Session& session, const AnalyzeTask& task,
                                 const store::Image& image) {
  const std::string& host = image.tags.front().registry;
  HF_TRY(const std::int64_t until, store::FindHostPause(session, host));
  if (until <= platform.Now()) return false;
  HF_CHECK_OK(PostponeTask(platform, session, task, Format("{} asked to be left alone for a while", host), until));
  return true;
}

}  // namespace

std::string AnalyzePayload(std::int64_t image_row) {
  io::JsonWriter writer;
  writer.BeginObject().Key("image").Integer(image_row);
  if (const auto id = RequestScope::Current(); !id.empty()) writer.Field("request_id", id);
  writer.EndObject();
  return writer.Take();
}

Result<std::vector<AnalyzeTask>> LocalAnalyzerPort::Claim(std::string_view analyzer, std::int64_t count) {
  HF_TRY(const auto jobs, platform_.database.Write([&](store::Session& session) -> Result<std::vector<store::Job>> {
    const std::int64_t now = platform_.Now();
    HF_TRY(auto claimed, store::ClaimJobs(session, kAnalyzeJob, count, analyzer, now, now + kLeaseMs));
    std::vector<std::int64_t> rows;
    rows.reserve(claimed.size());
    for (const store::Job& job : claimed) rows.push_back(ImageRowOf(job.payload));
    if (!rows.empty())
      HF_CHECK_OK(store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kAnalyzing, std::nullopt, now));
    return claimed;
  }));
  std::vector<AnalyzeTask> tasks;
  for (const store::Job& job : jobs) {
    HF_TRY(auto task, Prepare(job));
    if (task) tasks.push_back(*std::move(task));
  }
  return tasks;
}

// What the analyzer needs, or nothing when the image is gone: its job then goes too.
Result<std::optional<AnalyzeTask>> LocalAnalyzerPort::Prepare(const store::Job& job) {
  AnalyzeTask task{
      .lease = {job.id, job.token}, .image_row = ImageRowOf(job.payload), .request_id = RequestIdOf(job.payload)};
  HF_TRY(const auto image,
         platform_.database.Write([&](store::Session& session) -> Result<std::optional<store::Image>> {
           HF_TRY(auto found, store::FindImageByRow(session, task.image_row));
           if (!found || found->image_status != store::ImageStatus::kActive || found->tags.empty()) {
             HF_CHECK_OK(store::CompleteJob(session, task.lease));
             return std::nullopt;
           }
           HF_TRY(const bool postponed, PostponeWhilePaused(platform_, session, task, *found));
           if (postponed) return std::nullopt;
           HF_TRY(const auto account, store::FindAccountById(session, found->account_id));
           if (account) task.account = account->name;
           return found;
         }));
  if (!image) return std::nullopt;
  const store::ImageTag& tag = image->tags.front();
  task.digest = image->digest;
  task.reference = Format("{}/{}@{}", tag.registry, tag.repository, image->digest.Text());
  auto login = FindLogin(platform_, image->account_id, tag.registry, tag.repository);
  if (!login) {
    HF_CHECK_OK(Fail(task, login.error().In("reading the registry's credentials")));
    return std::nullopt;
  }
  task.login = *std::move(login);
  return task;
}

Result<std::vector<std::int64_t>> LocalAnalyzerPort::Extend(std::span<const store::JobLease> leases) {
  return platform_.database.Write(
      [&](store::Session& session) { return store::ExtendJobs(session, leases, platform_.Now() + kLeaseMs); });
}

Result<void> LocalAnalyzerPort::Return(std::span<const store::JobLease> leases) {
  return platform_.database.Write(
      [&](store::Session& session) { return store::ReturnJobs(session, leases, platform_.Now()); });
}

void LocalAnalyzerPort::WaitForWork(std::int64_t timeout_ms) {
  (void)platform_.database.WaitFor("jobs_analyze", timeout_ms);
}

Result<std::string> LocalAnalyzerPort::LoadRecord(const RecordKey& key) {
  auto record = LoadLayerRecord(platform_, key);
  if (record && platform_.observer != nullptr) platform_.observer->LayerSeen(true);
  return record;
}

Result<void> LocalAnalyzerPort::StoreRecord(const RecordKey& key, std::string_view record, std::uint64_t layer_bytes) {
  if (platform_.observer != nullptr) platform_.observer->LayerSeen(false);
  return StoreLayerRecord(platform_, key, record, layer_bytes);
}

Result<void> LocalAnalyzerPort::Complete(const AnalyzeTask& task, const model::ImageAnalysis& analysis) {
  HF_CHECK_OK(StoreAnalysisObject(platform_, task.digest, analysis));
  return platform_.database.Write([&](store::Session& session) -> Result<void> {
    const std::int64_t now = platform_.Now();
    HF_TRY(const bool held, store::CompleteJob(session, task.lease));
    if (!held) return holdfast::Fail(ErrorKind::kConflict, "somebody else has this job now");
    HF_TRY(const auto image, store::FindImageByRow(session, task.image_row));
    if (!image) return {};
    HF_CHECK_OK(TouchLayers(session, analysis, now));
    HF_TRY(const auto recorded, RecordAnalysis(session, task.digest, analysis, now));
    const bool has_dockerfile =
        std::ranges::any_of(image->tags, [](const store::ImageTag& tag) { return tag.dockerfile.has_value(); });
    HF_CHECK_OK(store::SetAnalysis(session, task.image_row, recorded.id, has_dockerfile ? "Actual" : "Guessed",
                                   store::AnalysisStatus::kAnalyzing, now));
    return session.Notify("matching");
  });
}

Result<void> LocalAnalyzerPort::Fail(const AnalyzeTask& task, const Error& error) {
  // It may quote the image.
  const std::string message = store::StorableText(error.Message(), store::kMessageBytesMax);
  return platform_.database.Write([&](store::Session& session) -> Result<void> {
    const std::int64_t now = platform_.Now();
    HF_TRY(const auto job, store::FindJob(session, kAnalyzeJob, std::to_string(task.image_row)));
    const std::int64_t retry_at = now + RetryDelayMs(job ? job->attempts : 1);
    HF_TRY(const auto failed, store::FailJob(session, task.lease, message, IsWorthRetrying(error), retry_at, now));
    if (!failed.held) return {};
    if (failed.dead) return MarkFailed(platform_, session, task.image_row, message);
    const std::vector<std::int64_t> rows = {task.image_row};
    return store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kNotAnalyzed, message, now);
  });
}

Result<void> LocalAnalyzerPort::Postpone(const AnalyzeTask& task, const Error& error, std::int64_t ms) {
  HF_TRY(const auto reference, image::Reference::Parse(task.reference));
  const std::string message = store::StorableText(error.Message(), store::kMessageBytesMax);
  return platform_.database.Write([&](store::Session& session) -> Result<void> {
    const std::int64_t until = platform_.Now() + std::clamp<std::int64_t>(ms, 0, kHostPauseMsMax);
    HF_CHECK_OK(store::PauseHost(session, reference.domain, until));
    return PostponeTask(platform_, session, task, message, until);
  });
}

Result<void> LocalAnalyzerPort::Heartbeat(std::string_view analyzer, std::string_view base_url) {
  return platform_.database.Write([&](store::Session& session) {
    return store::PutService(session, {.name = "analyzer",
                                       .host_id = std::string(analyzer),
                                       .base_url = std::string(base_url),
                                       .version = platform_.version,
                                       .heartbeat_at = platform_.Now()});
  });
}

Result<bool> RequeueDead(store::Session& session, const store::DeadJob& job, std::int64_t now) {
  HF_TRY(const bool waits, store::RequeueDeadJob(session, job.id, now));
  if (!waits || job.kind != kAnalyzeJob) return waits;
  const std::vector<std::int64_t> rows = {ImageRowOf(job.payload)};
  HF_CHECK_OK(store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kNotAnalyzed, std::nullopt, now));
  return true;
}

Result<void> ReapLostWork(const Platform& platform, std::int64_t analyze_ms_max) {
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(store::EndOldLeases(session, kAnalyzeJob, platform.Now() - analyze_ms_max));
    HF_TRY(const auto dead, store::ReapJobs(session, platform.Now(), kReapBatch));
    for (const store::DeadJob& job : dead)
      if (job.kind == kAnalyzeJob) HF_CHECK_OK(MarkFailed(platform, session, ImageRowOf(job.payload), job.error));
    return {};
  });
}

}  // namespace holdfast::service
