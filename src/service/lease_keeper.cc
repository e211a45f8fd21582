#include "service/lease_keeper.h"

#include <chrono>

#include "base/format.h"
#include "crypto/random.h"
#include "store/jobs.h"

namespace holdfast::service {

Result<std::unique_ptr<LeaseKeeper>> LeaseKeeper::Acquire(const Platform& platform, std::string_view name) {
  std::unique_ptr<LeaseKeeper> keeper(new LeaseKeeper(platform, name));
  HF_TRY(const bool held, keeper->Extend());
  if (!held) return Fail(ErrorKind::kConflict, Format("somebody else is at {}", name));
  keeper->thread_ = std::thread([self = keeper.get()] { self->Run(); });
  return keeper;
}

LeaseKeeper::LeaseKeeper(const Platform& platform, std::string_view name)
    : platform_(platform), name_(name), holder_(Format("{}/{}", platform.host_id, crypto::Uuid4())) {}

LeaseKeeper::~LeaseKeeper() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  const auto released =
      platform_.database.Write([&](store::Session& session) { return store::ReleaseLease(session, name_, holder_); });
  if (!released)
    platform_.logger.Warning(Format("the lease {} was not given back: {}", name_, released.error().Message()));
}

Result<bool> LeaseKeeper::Extend() {
  return platform_.database.Write([&](store::Session& session) {
    const std::int64_t now = platform_.Now();
    return store::AcquireLease(session, name_, holder_, now, now + kKeptLeaseMs);
  });
}

void LeaseKeeper::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(kKeptLeaseMs / 3), [this] { return stopping_; })) {
    lock.unlock();
    const auto held = Extend();
    if (!held || !*held) platform_.logger.Warning(Format("the lease {} could not be prolonged", name_));
    lock.lock();
  }
}

}  // namespace holdfast::service
