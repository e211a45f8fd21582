#include "store/notification_hub.h"

#include <chrono>

namespace holdfast::store {
namespace {
constexpr std::size_t kSeenMax = 4096;
constexpr std::size_t kChannelsMax = 1024;  // names may come from other programs that use the server
}  // namespace

void NotificationHub::Publish(std::string_view channel) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = published_.find(channel);
    if (known != published_.end()) {
      ++known->second;
    } else if (published_.size() < kChannelsMax) {
      published_.emplace(std::string(channel), 1);
    }
  }
  changed_.notify_all();
}

void NotificationHub::PublishAll() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [channel, count] : published_) ++count;
  }
  changed_.notify_all();
}

bool NotificationHub::WaitFor(std::string_view channel, std::int64_t timeout_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  std::unique_lock lock(mutex_);
  if (seen_.size() > kSeenMax) seen_.clear();
  const std::uint64_t& published = published_[std::string(channel)];  // entries are never removed
  const auto key = std::pair(std::this_thread::get_id(), std::string(channel));
  const auto news = [&] { return published > seen_[key]; };
  changed_.wait_until(lock, deadline, [&] { return stopped_ || news(); });
  if (stopped_ || !news()) return false;
  seen_[key] = published;
  return true;
}

void NotificationHub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace holdfast::store
