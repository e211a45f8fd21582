#include "service/matching_role.h"

#include "advisory/snapshot.h"
#include "service/matching.h"
#include "service/work.h"

namespace holdfast::service {
namespace {

constexpr std::size_t kContextsAtOnce = 500;
constexpr std::size_t kImagesAtOnce = 500;
// Images come in one after another while analyzers are busy.
constexpr std::int64_t kGatherMs = 500;

Result<bool> MatchStep(const Platform& platform, const LocalSnapshot& snapshot) {
  const auto held = snapshot.Current();
  if (held == nullptr) {
    HF_TRY(const std::size_t finished, FinishMatchedImages(platform, 0, kImagesAtOnce));
    return finished == kImagesAtOnce;
  }
  HF_TRY(const auto open, advisory::Snapshot::Open(held->file));
  HF_TRY(const auto batch, MatchContexts(platform, *open, held->generation, kContextsAtOnce));
  HF_TRY(const std::size_t finished, FinishMatchedImages(platform, held->generation, kImagesAtOnce));
  return batch.contexts == kContextsAtOnce || finished == kImagesAtOnce;
}

}  // namespace

void KeepSnapshot(Background& background, LocalSnapshot& snapshot) {
  background.Start(
      {.name = "snapshot", .channel = "snapshots", .period_ms = 10'000, .step = [&snapshot]() -> Result<bool> {
         HF_CHECK_OK(snapshot.Refresh());
         return false;
       }});
}

void StartMatching(Background& background, const Platform& platform, LocalSnapshot& snapshot) {
  background.Start({.name = "matching",
                    .channel = "matching",
                    .period_ms = 2'000,
                    .gather_ms = kGatherMs,
                    .step = [&platform, &snapshot] { return MatchStep(platform, snapshot); }});
}

void StartQueueWork(Background& background, const Platform& platform, std::int64_t analyze_ms_max) {
  background.Start({.name = "lost_work", .period_ms = 2'000, .step = [&platform, analyze_ms_max]() -> Result<bool> {
                      HF_CHECK_OK(ReapLostWork(platform, analyze_ms_max));
                      return false;
                    }});
}

}  // namespace holdfast::service
