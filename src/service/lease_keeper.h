// A lease of the platform, held for as long as this object lives, however long the work takes.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "service/platform.h"

namespace holdfast::service {

// Prolongs the lease on a thread of its own. When the process dies, the lease ends within kKeptLeaseMs.
class LeaseKeeper {
 public:
  // kConflict when somebody else holds it.
  [[nodiscard]] static Result<std::unique_ptr<LeaseKeeper>> Acquire(const Platform& platform, std::string_view name);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  ~LeaseKeeper();

 private:
  LeaseKeeper(const Platform& platform, std::string_view name);
  [[nodiscard]] Result<bool> Extend();
  void Run();

  const Platform& platform_;
  const std::string name_;
  const std::string holder_;  // of this object, not of this process
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

inline constexpr std::int64_t kKeptLeaseMs = 90'000;

}  // namespace holdfast::service
