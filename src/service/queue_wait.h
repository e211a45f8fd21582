// How long an image will wait for its analysis: an estimate, made of what the database knows, so that every replica
// says the same.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "store/database.h"

namespace holdfast::service {

struct QueueWait {
  std::int64_t jobs_ahead = 0;
  std::optional<std::int64_t> seconds;  // until its turn; nothing: too little was analysed lately to tell
};

// Of an image that waits in the queue; nothing for one that does not.
[[nodiscard]] Result<std::optional<QueueWait>> EstimateWait(store::Session& session, std::int64_t image_row,
                                                            std::int64_t now);

// Milliseconds from one analysis of the platform's to the next, over the last ones of an hour; hours without work are
// left out. Nothing when there were not two.
[[nodiscard]] Result<std::optional<double>> AnalysisPaceMs(store::Session& session, std::int64_t now);

}  // namespace holdfast::service
