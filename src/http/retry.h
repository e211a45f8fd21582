// When to try again: exponential back-off with full jitter, bounded in attempts and in total time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/deadline.h"

namespace holdfast::http {

// Time and chance, so that tests need neither.
class Pacer {
 public:
  virtual ~Pacer() = default;
  [[nodiscard]] virtual std::int64_t NowMs() = 0;  // monotonic
  [[nodiscard]] virtual std::int64_t UnixSeconds() = 0;
  virtual void SleepMs(std::int64_t ms) = 0;
  [[nodiscard]] virtual double Random() = 0;  // [0, 1)
};
// No sleep outlasts the deadline; what is tried next then fails by it.
[[nodiscard]] std::unique_ptr<Pacer> MakeSystemPacer(const Deadline& deadline = {});

struct RetryPolicy {
  int attempts_max = 5;
  std::int64_t base_ms = 500;
  std::int64_t pause_ms_max = 15'000;
  std::int64_t retry_after_ms_max = 60'000;  // a server that asks for more is not waited for
  std::int64_t total_ms_max = 300'000;
};

// The attempts at one thing. Progress, such as bytes received, starts the count anew but not the clock.
class Retries {
 public:
  Retries(const RetryPolicy& policy, Pacer& pacer)
      : policy_(policy), pacer_(pacer), deadline_ms_(pacer.NowMs() + policy.total_ms_max) {}

  // After a failed attempt: sleeps and says yes, or says no at once. `retry_after_ms`: what the server asked.
  [[nodiscard]] bool Wait(std::optional<std::int64_t> retry_after_ms = std::nullopt);
  void Progress() { failures_ = 0; }

 private:
  RetryPolicy policy_;
  Pacer& pacer_;
  std::int64_t deadline_ms_;
  int failures_ = 0;
};

// Retry-After (RFC 9110 section 10.2.3): seconds, or a date. Nothing when malformed; never negative.
[[nodiscard]] std::optional<std::int64_t> ParseRetryAfterMs(std::string_view value, std::int64_t unix_now_s);

}  // namespace holdfast::http
