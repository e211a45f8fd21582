// The background work of the roles policy-engine and queue.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "service/background.h"
#include "service/matching.h"
#include "service/platform.h"
#include "service/published_snapshot.h"

namespace holdfast::service {

// Keeps the local copy of the snapshot up to date, which outlives the background.
void KeepSnapshot(Background& background, LocalSnapshot& snapshot);

// The work of a policy engine: follows the snapshots that come into force, matches contexts, lets images become
// analyzed, tells the watchers of findings. Belongs to one thread; what it is given outlives it.
class Matcher {
 public:
  Matcher(const Platform& platform, LocalSnapshot& snapshot) : platform_(platform), snapshot_(snapshot) {}

  // True: there may be more to do.
  [[nodiscard]] Result<bool> Step();

 private:
  [[nodiscard]] Result<void> Tell(MatchBatch batch, bool last_for_now);

  const Platform& platform_;
  LocalSnapshot& snapshot_;
  std::shared_ptr<const LocalSnapshot::Held> last_;  // that contexts were decided with; kept to be compared
  std::vector<std::int64_t> changed_;                // contexts whose watchers do not know yet
};

// Lets a matcher work. All outlive the background.
void StartMatching(Background& background, const Platform& platform, LocalSnapshot& snapshot);

// Takes back the work of analyzers that were lost.
void StartQueueWork(Background& background, const Platform& platform, std::int64_t analyze_ms_max);

}  // namespace holdfast::service
