// Gather: what several threads want at the same time is done in one go.
//
// Whoever comes first does it for all that wait by then; who comes meanwhile waits for the next go. Who announced to
// come is waited for a moment. So a caller that is alone waits for nobody, and the busier it gets, the more share one
// transaction (as databases do with group commits).
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"

namespace holdfast::service {

// Safe to share; outlives every Do.
template <typename Item, typename Answer>
class Gather {
 public:
  // As many answers as items, in order. Called by one thread at a time.
  using Work = std::function<std::vector<Result<Answer>>(std::span<const Item* const> items)>;

  // At most `count_max` items in one go; those that are announced are waited for that long.
  Gather(std::size_t count_max, std::chrono::milliseconds wait_max, Work work)
      : count_max_(count_max), wait_max_(wait_max), work_(std::move(work)) {}

  // Somebody will Do something soon, or not: until it goes.
  class Announcement {
   public:
    explicit Announcement(Gather& gather) : gather_(gather) { gather_.Count(1); }
    ~Announcement() { gather_.Count(-1); }
    Announcement(const Announcement&) = delete;
    Announcement& operator=(const Announcement&) = delete;

   private:
    Gather& gather_;
  };

  // The answer to the item, which is borrowed meanwhile.
  [[nodiscard]] Result<Answer> Do(const Item& item) {
    Entry mine{&item, std::nullopt};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    changed_.notify_all();
    while (!mine.answer) {
      if (busy_) {
        changed_.wait(lock);
        continue;
      }
      busy_ = true;
      changed_.wait_for(lock, wait_max_, [this] {
        return waiting_.size() >= count_max_ || static_cast<std::ptrdiff_t>(waiting_.size()) >= announced_;
      });
      RunSome(lock);
      busy_ = false;
      changed_.notify_all();
    }
    return *std::move(mine.answer);
  }

 private:
  struct Entry {
    const Item* item;
    std::optional<Result<Answer>> answer;
  };

  void Count(std::ptrdiff_t difference) {
    {
      const std::scoped_lock lock(mutex_);
      announced_ += difference;
    }
    changed_.notify_all();
  }

  void RunSome(std::unique_lock<std::mutex>& lock) {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), count_max_));
    const std::vector<Entry*> entries(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    std::vector<const Item*> items;
    for (const Entry* entry : entries) items.push_back(entry->item);
    std::vector<Result<Answer>> answers = Try(items);
    lock.lock();
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i]->answer = std::move(answers[i]);
  }

  std::vector<Result<Answer>> Try(std::span<const Item* const> items) {
    try {
      return work_(items);
    } catch (const std::exception& error) {
      return std::vector<Result<Answer>>(items.size(), Fail(ErrorKind::kInternal, error.what()));
    }
  }

  const std::size_t count_max_;
  const std::chrono::milliseconds wait_max_;
  const Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry*> waiting_;
  std::ptrdiff_t announced_ = 0;
  bool busy_ = false;
};

}  // namespace holdfast::service
