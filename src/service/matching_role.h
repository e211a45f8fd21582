// The background work of the roles policy-engine and queue.
#pragma once

#include "service/background.h"
#include "service/platform.h"
#include "service/published_snapshot.h"

namespace holdfast::service {

// Keeps the snapshot up to date, matches what was not matched with it, and lets images become analyzed. All outlive
// the background.
void StartMatching(Background& background, const Platform& platform, LocalSnapshot& snapshot);

// Takes back the work of analyzers that were lost.
void StartQueueWork(Background& background, const Platform& platform);

}  // namespace holdfast::service
