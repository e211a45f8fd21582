// Matching package contexts with the advisory snapshot in force: findings open and close, what did not change is not
// written. Any number of matchers may run side by side; each takes contexts that no other has in hand. Which contexts
// there are to decide, matching_epoch.h says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "service/platform.h"

namespace holdfast::advisory {
class Snapshot;
}

namespace holdfast::service {

struct MatchBatch {
  std::size_t contexts = 0;  // decided; 0: none was left
  std::size_t opened = 0, closed = 0;
  bool more = false;                  // perhaps there are more to decide
  std::vector<std::int64_t> changed;  // contexts whose findings opened or closed
  bool stale = false;  // contexts are decided with another snapshot, or by another matcher: nothing was done
};
// Decides up to `count` contexts with this snapshot, of that generation, and keeps by which keys they ask; fewer when
// that takes more than seconds.
[[nodiscard]] Result<MatchBatch> MatchContexts(const Platform& platform, const advisory::Snapshot& snapshot,
                                               std::int64_t generation, std::int64_t count);

// Images whose contexts are all decided become analyzed, and whoever wants to know is told; how many it was. Without a
// snapshot (generation 0) nothing can be decided, and images do not wait for it.
[[nodiscard]] Result<std::size_t> FinishMatchedImages(const Platform& platform, std::int64_t generation,
                                                      std::int64_t count);

}  // namespace holdfast::service
