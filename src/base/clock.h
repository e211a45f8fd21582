// The time of day, as something that is passed in: what depends on time is tested with a clock that stands still.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual std::int64_t NowMs() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t NowMs() const override;
};

// "2026-11-25T02:15:14Z" (RFC 3339, UTC, whole seconds).
[[nodiscard]] std::string FormatTime(std::int64_t ms);
// RFC 3339 with any offset and fraction; a date alone is its midnight, no zone is UTC. kInvalidInput.
[[nodiscard]] Result<std::int64_t> ParseTime(std::string_view text);

}  // namespace holdfast
