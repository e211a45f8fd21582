// HostTurns: when a registry's host may be asked. All replicas share a budget of requests a host, and its wish to be
// left alone.
//
// A watcher takes a token of the budget for each question and waits when there is none. What somebody waits for is
// asked at once, unless the host is left alone; its requests are counted here and charged to the budget once a second,
// so watchers wait the longer. So a wish to be left alone that another replica heard is heeded after a second at the
// latest, and people cost the database a statement a second, not one a question.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "service/platform.h"
#include "store/registries.h"

namespace holdfast::service {

enum class Turn : std::uint8_t {
  kWhenItFits,  // a watcher's
  kNow,         // somebody waits for the answer
};

// Safe to share; the platform outlives it.
class HostTurns {
 public:
  // `wait_ms_max`: for a turn, before kUnavailable.
  HostTurns(const Platform& platform, const store::HostBudget& budget, std::int64_t wait_ms_max)
      : platform_(platform), budget_(budget), wait_ms_max_(wait_ms_max) {}

  // kUnavailable when it would take too long; kConflict when the database cannot say.
  [[nodiscard]] Result<void> Wait(std::string_view host, Turn turn);
  // After a question: how many requests it came to, and for how long the host asked to be left alone (0: it did not).
  [[nodiscard]] Result<void> Settle(std::string_view host, Turn turn, std::int64_t requests, std::int64_t pause_ms);
  // How much longer the host is left alone; 0: it may be asked.
  [[nodiscard]] Result<std::int64_t> PausedForMs(std::string_view host) const;

  [[nodiscard]] static Error LeftAlone(std::string_view host, std::int64_t ms);

 private:
  struct Tally {
    std::int64_t requests = 0;  // not charged yet
    std::int64_t paused_until = 0;
    std::int64_t looked_at = 0;  // when the budget was charged last
  };

  // How long to wait, by what the database says.
  [[nodiscard]] Result<std::int64_t> TakeToken(std::string_view host) const;
  // For people: by what it said a moment ago, if it did.
  [[nodiscard]] Result<std::int64_t> Look(std::string_view host);
  void Count(std::string_view host, std::int64_t requests, std::int64_t paused_until);

  const Platform& platform_;
  const store::HostBudget budget_;
  const std::int64_t wait_ms_max_;
  std::mutex mutex_;
  std::map<std::string, Tally, std::less<>> tallies_;
};

}  // namespace holdfast::service
