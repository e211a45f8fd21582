// NotificationHub: the threads of this process that wait for channels, and how they are woken. Each thread learns of
// every notification since its own last call, so none is lost between looking at a table and waiting.
// Safe to use from several threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace holdfast::store {

class NotificationHub {
 public:
  void Publish(std::string_view channel);
  // Wakes everybody: notifications may have been missed.
  void PublishAll();
  // See Database::WaitFor.
  [[nodiscard]] bool WaitFor(std::string_view channel, std::int64_t timeout_ms);
  void Stop();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::map<std::string, std::uint64_t, std::less<>> published_;  // how often, by channel
  // What each thread has seen of a channel. Threads that ended leave an entry; the map is emptied when it is large,
  // which costs the others one needless wake-up.
  std::map<std::pair<std::thread::id, std::string>, std::uint64_t> seen_;
};

}  // namespace holdfast::store
