#include "service/matching_role.h"

#include <utility>

#include "advisory/snapshot.h"
#include "service/matching.h"
#include "service/matching_epoch.h"
#include "service/watchers.h"
#include "service/work.h"

namespace holdfast::service {
namespace {

constexpr std::size_t kContextsAtOnce = 500;
constexpr std::size_t kImagesAtOnce = 500;
constexpr std::size_t kChangedAtOnce = 10'000;
// Images come in one after another while analyzers are busy.
constexpr std::int64_t kGatherMs = 500;

}  // namespace

Result<bool> Matcher::Step() {
  const auto held = snapshot_.Current();
  if (held == nullptr) {
    HF_TRY(const std::size_t finished, FinishMatchedImages(platform_, 0, kImagesAtOnce));
    return finished == kImagesAtOnce;
  }
  HF_TRY(const auto open, advisory::Snapshot::Open(held->file));
  HF_TRY(auto batch, MatchContexts(platform_, *open, held->generation, kContextsAtOnce));
  if (batch.stale) return FollowSnapshot(platform_, snapshot_, *held, last_);
  last_ = held;
  const bool more = batch.more;
  HF_CHECK_OK(Tell(std::move(batch), !more));
  HF_TRY(const std::size_t finished, FinishMatchedImages(platform_, held->generation, kImagesAtOnce));
  return more || finished == kImagesAtOnce;
}

// Many batches are told of at once: most images hold packages of several.
Result<void> Matcher::Tell(MatchBatch batch, bool last_for_now) {
  changed_.insert(changed_.end(), batch.changed.begin(), batch.changed.end());
  if (changed_.empty() || (!last_for_now && changed_.size() < kChangedAtOnce)) return {};
  const std::vector<std::int64_t> changed = std::exchange(changed_, {});
  return HastenVulnerabilityWatchers(platform_, changed);
}

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
                    .step = [matcher = std::make_shared<Matcher>(platform, snapshot)] { return matcher->Step(); }});
}

void StartQueueWork(Background& background, const Platform& platform, std::int64_t analyze_ms_max) {
  background.Start({.name = "lost_work", .period_ms = 2'000, .step = [&platform, analyze_ms_max]() -> Result<bool> {
                      HF_CHECK_OK(ReapLostWork(platform, analyze_ms_max));
                      return false;
                    }});
}

}  // namespace holdfast::service
