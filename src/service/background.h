// Background work of a role: steps that are taken again and again, each on a thread of its own, until the role stops.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "service/platform.h"

namespace holdfast::service {

struct BackgroundTask {
  std::string name;
  std::string channel;            // of the database: a notification takes the next step at once; empty: none
  std::int64_t period_ms = 0;     // between steps that found nothing to do
  std::int64_t gather_ms = 0;     // between the beginnings of steps that notifications asked for: what many of them are
                                  // about is one step's work
  bool once_in_platform = false;  // only the process that holds the lease of that name takes the step
  // True: there may be more to do, take the next step at once.
  std::function<Result<bool>()> step;
};

// Called after each step, by many threads: its name, how long it took, whether it did what it should. For metrics.
using StepObserver = std::function<void(std::string_view name, std::int64_t milliseconds, bool success)>;

class Background {
 public:
  explicit Background(const Platform& platform, StepObserver observer = {})
      : platform_(platform), observer_(std::move(observer)) {}
  ~Background() { Stop(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // A step that fails is logged and taken again after the period, at least a second.
  void Start(BackgroundTask task);
  // Waits for the steps that are under way.
  void Stop();

 private:
  void Run(const BackgroundTask& task);
  [[nodiscard]] bool StepOnce(const BackgroundTask& task);
  [[nodiscard]] bool MayRun(const BackgroundTask& task);
  void Wait(const BackgroundTask& task, std::int64_t ms);

  const Platform& platform_;
  StepObserver observer_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::service
