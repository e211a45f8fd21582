#include "service/queue_wait.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "service/work.h"
#include "store/analyses.h"
#include "store/jobs.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kRecentMs = 3'600'000;
constexpr std::int64_t kRecentMax = 50;
// A longer gap is one in which there was nothing to do.
constexpr std::int64_t kGapMsMax = 60'000;

}  // namespace

Result<std::optional<double>> AnalysisPaceMs(store::Session& session, std::int64_t now) {
  HF_TRY(const auto times, store::ListAnalyzedTimes(session, now - kRecentMs, kRecentMax));
  if (times.size() < 2) return std::nullopt;
  std::int64_t sum = 0;
  for (std::size_t i = 1; i < times.size(); ++i) sum += std::clamp<std::int64_t>(times[i - 1] - times[i], 0, kGapMsMax);
  return static_cast<double>(sum) / static_cast<double>(times.size() - 1);
}

Result<std::optional<QueueWait>> EstimateWait(store::Session& session, std::int64_t image_row, std::int64_t now) {
  HF_TRY(const auto job, store::FindJob(session, kAnalyzeJob, std::to_string(image_row)));
  if (!job) return std::nullopt;
  QueueWait wait;
  HF_TRY(wait.jobs_ahead, store::CountJobsAhead(session, job->id));
  HF_TRY(const auto pace_ms, AnalysisPaceMs(session, now));
  // It may also have to wait for its registry, or after a failure.
  const std::int64_t held_ms = job->available_at - now;
  if (!pace_ms && held_ms <= 0) return wait;
  const auto queue_ms = static_cast<std::int64_t>(pace_ms.value_or(0) * static_cast<double>(wait.jobs_ahead));
  wait.seconds = (std::max(queue_ms, held_ms) + 999) / 1000;
  return wait;
}

}  // namespace holdfast::service
