// WaitingLine: so many permits, given out first come, first served. What a pool of connections waits at.
// Safe to use from several threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>

namespace holdfast::store {

class WaitingLine {
 public:
  explicit WaitingLine(std::uint64_t permits) : permits_(permits), free_(permits) {}

  // False when none became free in time.
  [[nodiscard]] bool Take(std::chrono::milliseconds timeout);
  // Requires: taken before.
  void Give();

  [[nodiscard]] std::uint64_t Permits() const { return permits_; }
  [[nodiscard]] std::uint64_t Taken() const;
  [[nodiscard]] std::uint64_t Waiting() const;

 private:
  struct Waiter {
    std::condition_variable turn;
    bool served = false;
  };

  const std::uint64_t permits_;
  mutable std::mutex mutex_;
  std::uint64_t free_;
  std::list<Waiter*> waiters_;  // of threads inside Take, in the order of their arrival
};

}  // namespace holdfast::store
