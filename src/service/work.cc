#include "service/work.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/format.h"
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
  return TellAnalysesEnded(platform, session, {&*image, 1}, store::AnalysisStatus::kFailed, error);
}

// Claimed jobs with what is needed to make tasks of them.
struct Claimed {
  std::vector<store::Job> jobs;
  std::map<std::int64_t, store::ImageToAnalyse> images;             // by row
  std::map<std::int64_t, std::vector<store::Registry>> registries;  // by account
};

// The jobs of images that are gone go too.
Result<void> BeginImages(store::Session& session, Claimed& claimed, std::int64_t now) {
  std::vector<std::int64_t> rows;
  rows.reserve(claimed.jobs.size());
  for (const store::Job& job : claimed.jobs) rows.push_back(ImageRowOf(job.payload));
  HF_TRY(auto images, store::BeginAnalyses(session, rows, now));
  for (store::ImageToAnalyse& image : images) claimed.images.emplace(image.row, std::move(image));
  std::vector<store::JobLease> in_vain;
  std::erase_if(claimed.jobs, [&](const store::Job& job) {
    if (claimed.images.contains(ImageRowOf(job.payload))) return false;
    in_vain.push_back({job.id, job.token});
    return true;
  });
  HF_CHECK_OK(store::CompleteJobs(session, in_vain));
  return {};
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

// Images whose registry is not to be asked now are not begun.
Result<void> PostponeWhilePaused(const Platform& platform, store::Session& session, Claimed& claimed) {
  std::map<std::string, std::int64_t, std::less<>> pauses;  // by host, until when
  for (const auto& [row, image] : claimed.images) pauses.emplace(image.registry, 0);
  for (auto& [host, until] : pauses) {
    HF_TRY(until, store::FindHostPause(session, host));
  }
  std::vector<store::Job> kept;
  for (store::Job& job : claimed.jobs) {
    const store::ImageToAnalyse& image = claimed.images.at(ImageRowOf(job.payload));
    const std::int64_t until = pauses.at(image.registry);
    if (until <= platform.Now()) {
      kept.push_back(std::move(job));
      continue;
    }
    HF_CHECK_OK(PostponeTask(platform, session, {.lease = {job.id, job.token}, .image_row = image.row},
                             Format("{} asked to be left alone for a while", image.registry), until));
  }
  claimed.jobs = std::move(kept);
  return {};
}

std::vector<std::int64_t> AccountsOf(const Claimed& claimed) {
  std::set<std::int64_t> accounts;
  for (const auto& [row, image] : claimed.images) accounts.insert(image.account_id);
  return {accounts.begin(), accounts.end()};
}

Result<AnalyzeTask> MakeTask(const Platform& platform, const store::Job& job, const Claimed& claimed) {
  const store::ImageToAnalyse& image = claimed.images.at(ImageRowOf(job.payload));
  AnalyzeTask task{.lease = {job.id, job.token},
                   .image_row = image.row,
                   .reference = Format("{}/{}@{}", image.registry, image.repository, image.digest.Text()),
                   .digest = image.digest,
                   .request_id = RequestIdOf(job.payload)};
  const auto registries = claimed.registries.find(image.account_id);
  if (registries == claimed.registries.end()) return task;
  HF_TRY(task.login, ChooseLogin(platform.sealer, registries->second, image.registry, image.repository));
  return task;
}

// One of each content: what other accounts had analysed at the same time is the same.
std::vector<ContentAnalysis> DistinctContents(std::span<const Completion* const> done) {
  std::map<Digest, const model::ImageAnalysis*> by_content;
  for (const Completion* one : done) by_content.emplace(one->task.digest, &one->analysis);
  std::vector<ContentAnalysis> contents;
  contents.reserve(by_content.size());
  for (const auto& [digest, analysis] : by_content) contents.push_back({digest, analysis});
  return contents;
}

// The rows of what was found, and the images' way to them.
Result<void> RecordCompletions(store::Session& session, std::span<const Completion* const> done, std::int64_t now) {
  if (done.empty()) return {};
  const auto contents = DistinctContents(done);
  HF_CHECK_OK(TouchLayers(session, contents, now));
  HF_TRY(const auto ids, RecordAnalyses(session, contents, now));
  std::map<Digest, std::int64_t> by_content;
  for (std::size_t i = 0; i < contents.size(); ++i) by_content.emplace(contents[i].content_key, ids[i]);
  std::vector<store::NewImageAnalysis> images;
  for (const Completion* one : done) images.push_back({one->task.image_row, by_content.at(one->task.digest)});
  HF_CHECK_OK(store::SetAnalyses(session, images, store::AnalysisStatus::kAnalyzing, now));
  return session.Notify("matching");
}

}  // namespace

std::string AnalyzePayload(std::int64_t image_row, std::string_view request_id) {
  io::JsonWriter writer;
  writer.BeginObject().Key("image").Integer(image_row);
  if (!request_id.empty()) writer.Field("request_id", request_id);
  writer.EndObject();
  return writer.Take();
}

Result<void> AnalyzerPort::Complete(const AnalyzeTask& task, model::ImageAnalysis analysis) {
  const Completion done{task, std::move(analysis)};
  HF_TRY(const auto outcomes, CompleteAll({&done, 1}));
  return outcomes.front();
}

Result<std::vector<AnalyzeTask>> LocalAnalyzerPort::Claim(std::string_view analyzer, std::int64_t count) {
  HF_TRY(const auto claimed, platform_.database.Write([&](store::Session& session) -> Result<Claimed> {
    const std::int64_t now = platform_.Now();
    Claimed taken;
    HF_TRY(taken.jobs, store::ClaimJobs(session, kAnalyzeJob, count, analyzer, now, now + kLeaseMs));
    if (taken.jobs.empty()) return taken;
    HF_CHECK_OK(BeginImages(session, taken, now));
    HF_CHECK_OK(PostponeWhilePaused(platform_, session, taken));
    HF_TRY(auto registries, store::ListRegistriesOf(session, AccountsOf(taken)));
    for (store::Registry& registry : registries) taken.registries[registry.account_id].push_back(std::move(registry));
    return taken;
  }));
  std::vector<AnalyzeTask> tasks;
  for (const store::Job& job : claimed.jobs) {
    auto task = MakeTask(platform_, job, claimed);
    if (task) {
      tasks.push_back(*std::move(task));
      continue;
    }
    const AnalyzeTask hopeless{.lease = {job.id, job.token}, .image_row = ImageRowOf(job.payload)};
    HF_CHECK_OK(Fail(hopeless, task.error().In("reading the registry's credentials")));
  }
  return tasks;
}

Result<std::vector<std::int64_t>> LocalAnalyzerPort::Extend(std::span<const store::JobLease> leases) {
  return platform_.database.Write(
      [&](store::Session& session) { return store::ExtendJobs(session, leases, platform_.Now() + kLeaseMs); });
}

Result<void> LocalAnalyzerPort::Return(std::span<const store::JobLease> leases) {
  return platform_.database.Write([&](store::Session& session) -> Result<void> {
    const std::int64_t now = platform_.Now();
    HF_TRY(const auto returned, store::ReturnJobs(session, leases, now));
    if (returned.empty()) return {};
    HF_CHECK_OK(session.Notify("jobs_analyze"));
    std::vector<std::int64_t> rows;
    rows.reserve(returned.size());
    for (const std::string& payload : returned) rows.push_back(ImageRowOf(payload));
    return store::SetAnalysisStatus(session, rows, store::AnalysisStatus::kNotAnalyzed, std::nullopt, now);
  });
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

Result<std::vector<Result<void>>> LocalAnalyzerPort::CompleteAll(std::span<const Completion> done) {
  auto together = CompleteTogether(done);
  if (together || done.size() < 2 || together.error().Kind() == ErrorKind::kUnavailable) return together;
  // What one of them is to blame for must not be the others' loss.
  std::vector<Result<void>> outcomes;
  for (const Completion& one : done) {
    auto alone = CompleteTogether({&one, 1});
    outcomes.push_back(alone ? alone->front() : std::unexpected(alone.error()));
  }
  return outcomes;
}

Result<std::vector<Result<void>>> LocalAnalyzerPort::CompleteTogether(std::span<const Completion> done) {
  std::vector<const Completion*> all;
  for (const Completion& one : done) all.push_back(&one);
  HF_CHECK_OK(StoreAnalysisObjects(platform_, DistinctContents(all)));
  HF_TRY(const auto held, platform_.database.Write([&](store::Session& session) -> Result<std::set<std::int64_t>> {
    std::vector<store::JobLease> leases;
    for (const Completion& one : done) leases.push_back(one.task.lease);
    HF_TRY(auto ids, store::CompleteJobs(session, leases));
    std::vector<const Completion*> mine;
    std::ranges::copy_if(all, std::back_inserter(mine),
                         [&](const Completion* one) { return ids.contains(one->task.lease.id); });
    HF_CHECK_OK(RecordCompletions(session, mine, platform_.Now()));
    return ids;
  }));
  std::vector<Result<void>> outcomes;
  for (const Completion& one : done) {
    if (held.contains(one.task.lease.id))
      outcomes.emplace_back();
    else
      outcomes.push_back(holdfast::Fail(ErrorKind::kConflict, "somebody else has this job now"));
  }
  return outcomes;
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
    HF_TRY(const auto reaped, store::ReapJobs(session, platform.Now(), kReapBatch));
    for (const store::DeadJob& job : reaped.dead)
      if (job.kind == kAnalyzeJob) HF_CHECK_OK(MarkFailed(platform, session, ImageRowOf(job.payload), job.error));
    std::vector<std::int64_t> waiting;
    for (const store::DeadJob& job : reaped.waiting)
      if (job.kind == kAnalyzeJob) waiting.push_back(ImageRowOf(job.payload));
    if (waiting.empty()) return {};
    return store::SetAnalysisStatus(session, waiting, store::AnalysisStatus::kNotAnalyzed, std::nullopt,
                                    platform.Now());
  });
}

}  // namespace holdfast::service
