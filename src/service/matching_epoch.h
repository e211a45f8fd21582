// From one advisory snapshot to the next: which package contexts the new one can decide otherwise than the one before,
// so that only these are decided again. What it costs depends on what changed, not on how much there is.
//
// A context is touched when the advisories of a package that it asks by (match/asked.h) changed, or the facts of a
// vulnerability that such an advisory is about. EPSS scores, which change daily for nearly all, touch nothing: what is
// stored of findings must not hold them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/image_analysis.h"
#include "service/platform.h"
#include "service/published_snapshot.h"

namespace holdfast::advisory {
class Snapshot;
}

namespace holdfast::service {

// Keys of what the one package of a context's identity (package_sets.h) asks by: 64 bits of a hash, sorted, each once.
// Two questions with one key cost a decision, no finding. Names that are too long for a snapshot to tell which of them
// changed share one key besides.
[[nodiscard]] std::vector<std::int64_t> AskedKeys(const model::ImageAnalysis& identity);

struct TouchedKeys {
  bool all = false;                // too many to be told
  std::vector<std::int64_t> keys;  // sorted, each once
};
// kCorrupt when one of the two is damaged.
[[nodiscard]] Result<TouchedKeys> FindTouchedKeys(const advisory::Snapshot& before, const advisory::Snapshot& after);

// Makes `current` what contexts are decided with: marks those that it touches, or has all decided again when the one
// before is not kept any more, is not readable, or when this program's matcher decides otherwise than the last one. One
// transaction: who is killed meanwhile has done nothing, and of several who try at the same time one does it.
//
// False: not now. Another process did something at the same time; or contexts are decided with a newer snapshot or by a
// newer matcher already. An older matcher takes over only kOlderMatcherWaitsMs after the newer one was heard of last.
//
// `last` is what this process decided with until now, or null; it spares fetching.
[[nodiscard]] Result<bool> FollowSnapshot(const Platform& platform, LocalSnapshot& local,
                                          const LocalSnapshot::Held& current,
                                          const std::shared_ptr<const LocalSnapshot::Held>& last);

inline constexpr std::int64_t kOlderMatcherWaitsMs = 600'000;

}  // namespace holdfast::service
