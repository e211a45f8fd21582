#include "http/retry.h"

#include <curl/curl.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <string>
#include <thread>

namespace holdfast::http {
namespace {

class SystemPacer final : public Pacer {
 public:
  explicit SystemPacer(const Deadline& deadline) : deadline_(deadline) {}
  std::int64_t NowMs() override {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
  std::int64_t UnixSeconds() override { return static_cast<std::int64_t>(::time(nullptr)); }
  void SleepMs(std::int64_t ms) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(deadline_.LeftMs(ms)));
  }
  double Random() override { return std::uniform_real_distribution<double>(0, 1)(random_); }

 private:
  Deadline deadline_;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace

std::unique_ptr<Pacer> MakeSystemPacer(const Deadline& deadline) { return std::make_unique<SystemPacer>(deadline); }

bool Retries::Wait(std::optional<std::int64_t> retry_after_ms) {
  if (++failures_ >= policy_.attempts_max) return false;
  if (retry_after_ms && *retry_after_ms > policy_.retry_after_ms_max) return false;
  const std::int64_t ceiling = std::min(policy_.pause_ms_max, policy_.base_ms << std::min(failures_ - 1, 20));
  const auto jittered = static_cast<std::int64_t>(pacer_.Random() * static_cast<double>(ceiling));
  const std::int64_t pause = std::max(jittered, retry_after_ms.value_or(0));
  if (pacer_.NowMs() + pause > deadline_ms_) return false;
  pacer_.SleepMs(pause);
  return true;
}

std::optional<std::int64_t> ParseRetryAfterMs(std::string_view value, std::int64_t unix_now_s) {
  constexpr std::int64_t kSecondsMax = 365 * 24 * 3600;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (read.ec == std::errc::result_out_of_range) {
    seconds = kSecondsMax;
  } else if (read.ec != std::errc{} || read.ptr != value.data() + value.size()) {
    const time_t date = curl_getdate(std::string(value.substr(0, 64)).c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = static_cast<std::int64_t>(date) - unix_now_s;
  }
  return std::clamp<std::int64_t>(seconds, 0, kSecondsMax) * 1000;
}

}  // namespace holdfast::http
