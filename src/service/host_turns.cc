#include "service/host_turns.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "http/retry.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kLookMs = 1'000;
// Of hosts that somebody asked of; what is dropped is asked for again.
constexpr std::size_t kTalliesMax = 10'000;
constexpr int kTries = 3;
constexpr std::int64_t kPauseMs = 100;

// When nobody knows whether the work was done it is done again: that costs the budget a request, no more.
template <typename Work>
auto Insist(store::Database& database, const Work& work) -> std::invoke_result_t<Work, store::Session&> {
  const auto pacer = http::MakeSystemPacer();
  for (int tries = 0;; ++tries) {
    auto answer = database.Write(work);
    if (answer || answer.error().Kind() != ErrorKind::kUnavailable) return answer;
    // It is not the registry that does not answer.
    if (tries >= kTries) return Fail(ErrorKind::kConflict, answer.error().Message());
    pacer->SleepMs(kPauseMs);
  }
}

}  // namespace

Error HostTurns::LeftAlone(std::string_view host, std::int64_t ms) {
  return Error(ErrorKind::kUnavailable,
               Format("{} asks to be left alone: it is asked again in {} s", host, (ms + 999) / 1000));
}

Result<void> HostTurns::Wait(std::string_view host, Turn turn) {
  const auto pacer = http::MakeSystemPacer();
  for (std::int64_t waited = 0;;) {
    HF_TRY(const std::int64_t wait_ms, turn == Turn::kNow ? Look(host) : TakeToken(host));
    if (wait_ms == 0) return {};
    if (waited + wait_ms > wait_ms_max_) {
      HF_TRY(const std::int64_t paused_ms, PausedForMs(host));
      if (paused_ms > 0) return std::unexpected(LeftAlone(host, paused_ms));
      return Fail(ErrorKind::kUnavailable, Format("{} is being asked too much at the moment: try again later", host));
    }
    pacer->SleepMs(wait_ms);
    waited += wait_ms;
  }
}

Result<std::int64_t> HostTurns::TakeToken(std::string_view host) const {
  return Insist(platform_.database,
                [&](store::Session& session) { return store::TakeHostToken(session, host, budget_, platform_.Now()); });
}

Result<std::int64_t> HostTurns::Look(std::string_view host) {
  const std::int64_t now = platform_.Now();
  std::int64_t requests = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (tallies_.size() >= kTalliesMax && !tallies_.contains(host)) tallies_.clear();
    Tally& tally = tallies_[std::string(host)];
    if (now - tally.looked_at < kLookMs) return std::max<std::int64_t>(0, tally.paused_until - now);
    // Others go by what was known until this one knows more.
    tally.looked_at = now;
    requests = std::exchange(tally.requests, 0);
  }
  const auto paused_until = Insist(platform_.database, [&](store::Session& session) {
    return store::ChargeHost(session, host, budget_, requests, now);
  });
  if (!paused_until) {
    Count(host, requests, 0);
    return std::unexpected(paused_until.error());
  }
  Count(host, 0, *paused_until);
  return std::max<std::int64_t>(0, *paused_until - now);
}

void HostTurns::Count(std::string_view host, std::int64_t requests, std::int64_t paused_until) {
  const std::scoped_lock lock(mutex_);
  Tally& tally = tallies_[std::string(host)];
  tally.requests += requests;
  tally.paused_until = std::max(tally.paused_until, paused_until);
}

Result<void> HostTurns::Settle(std::string_view host, Turn turn, std::int64_t requests, std::int64_t pause_ms) {
  const std::int64_t now = platform_.Now();
  if (turn == Turn::kNow) {
    Count(host, requests, pause_ms > 0 ? now + pause_ms : 0);
    requests = 0;
  } else {
    --requests;  // the first one was paid with its turn
  }
  if (requests <= 0 && pause_ms == 0) return {};
  return platform_.database.Write([&](store::Session& session) -> Result<void> {
    if (requests > 0) HF_CHECK_OK(store::ChargeHost(session, host, budget_, requests, now));
    if (pause_ms > 0) HF_CHECK_OK(store::PauseHost(session, host, now + pause_ms));
    return {};
  });
}

Result<std::int64_t> HostTurns::PausedForMs(std::string_view host) const {
  HF_TRY(const std::int64_t until,
         platform_.database.Read([&](store::Session& session) { return store::FindHostPause(session, host); }));
  return std::max<std::int64_t>(0, until - platform_.Now());
}

}  // namespace holdfast::service
