#include "service/background.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/elapsed.h"
#include "base/format.h"
#include "store/jobs.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kPauseAfterErrorMs = 1'000;
// How long a wait goes on without a look at whether it should end.
constexpr std::int64_t kLookMs = 500;
constexpr std::int64_t kGatherLookMs = 20;
constexpr std::int64_t kLeaseMs = 30'000;

using Clock = std::chrono::steady_clock;

}  // namespace

void Background::Start(BackgroundTask task) {
  threads_.emplace_back([this, task = std::move(task)] { Run(task); });
}

void Background::Stop() {
  stopping_ = true;
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
  threads_.clear();
}

void Background::Run(const BackgroundTask& task) {
  while (!stopping_) {
    const auto begun = Clock::now();
    if (StepOnce(task)) continue;
    Wait(task, task.period_ms);
    while (!stopping_ && Clock::now() - begun < std::chrono::milliseconds(task.gather_ms))
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min(task.gather_ms, kGatherLookMs)));
  }
  if (task.once_in_platform)
    (void)platform_.database.Write(
        [&](store::Session& session) { return store::ReleaseLease(session, task.name, platform_.host_id); });
}

// Whether the next step should be taken at once.
bool Background::StepOnce(const BackgroundTask& task) {
  if (!MayRun(task)) return false;
  Result<bool> more = false;
  const auto start = std::chrono::steady_clock::now();
  try {
    more = task.step();
  } catch (const std::exception& error) {
    more = Fail(ErrorKind::kInternal, error.what());
  }
  if (observer_) observer_(task.name, MillisecondsSince(start), more.has_value());
  if (more) return *more;
  platform_.logger.Warning(Format("{}: {}", task.name, more.error().Message()));
  Wait(task, kPauseAfterErrorMs);
  return false;
}

bool Background::MayRun(const BackgroundTask& task) {
  if (!task.once_in_platform) return true;
  const std::int64_t now = platform_.Now();
  const auto held = platform_.database.Write([&](store::Session& session) {
    return store::AcquireLease(session, task.name, platform_.host_id, now,
                               now + std::max(kLeaseMs, 2 * task.period_ms));
  });
  return held && *held;
}

void Background::Wait(const BackgroundTask& task, std::int64_t ms) {
  // Tasks without a channel wait on one that nobody notifies.
  const std::string_view channel = task.channel.empty() ? std::string_view("nothing") : task.channel;
  for (std::int64_t left = ms; left > 0 && !stopping_; left -= kLookMs)
    if (platform_.database.WaitFor(channel, std::min(left, kLookMs))) return;
}

}  // namespace holdfast::service
