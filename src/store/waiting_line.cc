#include "store/waiting_line.h"

namespace holdfast::store {

bool WaitingLine::Take(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (free_ > 0) {  // then nobody waits: Give hands a permit over rather than free it
    --free_;
    return true;
  }
  Waiter self;
  const auto place = waiters_.insert(waiters_.end(), &self);
  if (self.turn.wait_for(lock, timeout, [&] { return self.served; })) return true;
  waiters_.erase(place);
  return false;
}

void WaitingLine::Give() {
  const std::lock_guard lock(mutex_);
  if (waiters_.empty()) {
    ++free_;
    return;
  }
  Waiter* next = waiters_.front();
  waiters_.pop_front();
  next->served = true;
  next->turn.notify_one();
}

std::uint64_t WaitingLine::Taken() const {
  const std::lock_guard lock(mutex_);
  return permits_ - free_;
}

std::uint64_t WaitingLine::Waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

}  // namespace holdfast::store
