// The background work of the roles policy-engine and queue.
#pragma once

#include "service/background.h"
#include "service/platform.h"
#include "service/published_snapshot.h"

namespace holdfast::service {

// Keeps the local copy of the snapshot up to date, which outlives the background.
void KeepSnapshot(Background& background, LocalSnapshot& snapshot);

// Matches what was not matched with the snapshot, and lets images become analyzed. All outlive the background.
void StartMatching(Background& background, const Platform& platform, LocalSnapshot& snapshot);

// Takes back the work of analyzers that were lost.
void StartQueueWork(Background& background, const Platform& platform, std::int64_t analyze_ms_max);

}  // namespace holdfast::service
