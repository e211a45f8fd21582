// Deadline: until when something may take, by the monotonic clock. A value that is passed to whoever may have to
// wait for others: pipes, processes, servers. The default never passes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace holdfast {

class Deadline {
 public:
  Deadline() = default;
  [[nodiscard]] static Deadline After(std::uint64_t milliseconds);

  // kLimit when it has passed, with the time that was allowed.
  [[nodiscard]] Result<void> Check() const;
  // What is left, at least 0 and at most `most`.
  [[nodiscard]] std::int64_t LeftMs(std::int64_t most) const;

  // Wait until reading (writing) the descriptor would not block: there are bytes (there is room), or nothing will
  // come any more. kLimit when the deadline passes first, or has passed.
  [[nodiscard]] Result<void> AwaitReadable(int descriptor) const;
  [[nodiscard]] Result<void> AwaitWritable(int descriptor) const;

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] Result<void> Await(int descriptor, short events) const;

  std::optional<Clock::time_point> at_;
  std::uint64_t allowed_ms_ = 0;
};

}  // namespace holdfast
