#include "service/analyzer_role.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <set>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A queue of images in memory, numbered by their jobs.
class FakePort final : public AnalyzerPort {
 public:
  explicit FakePort(std::int64_t images) {
    for (std::int64_t id = 1; id <= images; ++id) queued_.push_back(id);
  }

  Result<std::vector<AnalyzeTask>> Claim(std::string_view, std::int64_t count) override {
    const std::scoped_lock lock(mutex_);
    std::vector<AnalyzeTask> tasks;
    while (!queued_.empty() && static_cast<std::int64_t>(tasks.size()) < count) {
      const std::int64_t id = queued_.front();
      queued_.erase(queued_.begin());
      tasks.push_back({.lease = {id, ++tokens_[id]}, .image_row = id, .reference = Format("image {}", id)});
    }
    if (!tasks.empty()) claims.push_back(tasks.size());
    if (tasks.size() >= 4) heads_.insert(tasks.front().lease.id);
    return tasks;
  }
  // Whether others were claimed behind it.
  bool IsHead(std::int64_t id) {
    const std::scoped_lock lock(mutex_);
    return heads_.contains(id);
  }
  Result<std::vector<std::int64_t>> Extend(std::span<const store::JobLease>) override {
    return std::vector<std::int64_t>();
  }
  Result<void> Return(std::span<const store::JobLease> leases) override {
    const std::scoped_lock lock(mutex_);
    for (const store::JobLease& lease : leases) {
      returned.insert(lease.id);
      queued_.push_back(lease.id);
    }
    changed_.notify_all();
    return {};
  }
  void WaitForWork(std::int64_t) override { std::this_thread::sleep_for(milliseconds(5)); }
  Result<std::string> LoadRecord(const RecordKey&) override { return holdfast::Fail(ErrorKind::kNotFound, "none"); }
  Result<void> StoreRecord(const RecordKey&, std::string_view, std::uint64_t) override { return {}; }
  Result<std::vector<Result<void>>> CompleteAll(std::span<const Completion> done) override {
    const std::scoped_lock lock(mutex_);
    if (away) return holdfast::Fail(ErrorKind::kUnavailable, "the queue is away");
    told.push_back(done.size());
    std::vector<Result<void>> outcomes;
    for (const Completion& one : done) {
      const auto& [id, token] = one.task.lease;
      if (token != tokens_[id])
        outcomes.push_back(holdfast::Fail(ErrorKind::kConflict, "somebody else has it"));
      else
        outcomes.emplace_back(), ++completed[id];
    }
    changed_.notify_all();
    return outcomes;
  }
  Result<void> Postpone(const AnalyzeTask& task, const Error& error, std::int64_t) override {
    return Fail(task, error);
  }
  Result<void> Fail(const AnalyzeTask& task, const Error& error) override {
    const std::scoped_lock lock(mutex_);
    failed[task.lease.id] = error.Message();
    changed_.notify_all();
    return {};
  }
  Result<void> Heartbeat(std::string_view, std::string_view) override { return {}; }

  // False when it takes too long.
  template <typename Condition>
  bool WaitUntil(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(30), condition);
  }
  std::size_t Queued() {
    const std::scoped_lock lock(mutex_);
    return queued_.size();
  }

  std::vector<std::size_t> claims, told;
  std::map<std::int64_t, int> completed;
  std::map<std::int64_t, std::string> failed;
  std::set<std::int64_t> returned;
  bool away = false;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> queued_;
  std::set<std::int64_t> heads_;
  std::map<std::int64_t, std::int64_t> tokens_;
};

AnalyzerRoleOptions Options(std::size_t threads,
                            std::function<Result<model::ImageAnalysis>(const AnalyzeTask&)> analyse) {
  return {.name = "analyzer", .threads = threads, .sandbox = SandboxMode::kOff, .analyse = std::move(analyse)};
}

TEST(AnalyzerRoleTest, QuickImagesShareWhatTheyCost) {
  NullLogger logger;
  constexpr std::int64_t kImages = 200;
  FakePort port(kImages);
  AnalyzerRole role(port, Options(2, [](const AnalyzeTask&) { return model::ImageAnalysis(); }), nullptr, logger);
  test::Value(role.Start());
  ASSERT_TRUE(port.WaitUntil([&] { return port.completed.size() == kImages; }));
  role.Stop(10'000);
  EXPECT_TRUE(std::ranges::all_of(port.completed, [](const auto& one) { return one.second == 1; }));
  EXPECT_TRUE(port.failed.empty());
  EXPECT_GT(std::ranges::max(port.claims), 1U);
  EXPECT_LE(std::ranges::max(port.claims), 8U);
  EXPECT_LT(port.told.size(), static_cast<std::size_t>(kImages) / 2);
}

TEST(AnalyzerRoleTest, OneImageIsToldAtOnce) {
  NullLogger logger;
  FakePort port(1);
  AnalyzerRole role(port, Options(2, [](const AnalyzeTask&) { return model::ImageAnalysis(); }), nullptr, logger);
  test::Value(role.Start());
  ASSERT_TRUE(port.WaitUntil([&] { return port.completed.size() == 1; }));
}

// The first image with others behind it takes until it is let go.
struct SlowOnce {
  FakePort& port;
  std::atomic<std::int64_t> slow = 0;
  std::latch begun{1}, go{1};

  Result<model::ImageAnalysis> Analyse(const AnalyzeTask& task) {
    if (slow == 0 && port.IsHead(task.lease.id)) {
      slow = task.lease.id;
      begun.count_down();
      go.wait();
    }
    return model::ImageAnalysis();
  }
};

TEST(AnalyzerRoleTest, WhatWaitsBehindASlowImageIsHandedBack) {
  NullLogger logger;
  constexpr std::int64_t kImages = 60;
  FakePort port(kImages);
  SlowOnce slow{port};
  AnalyzerRole role(port, Options(1, [&](const AnalyzeTask& task) { return slow.Analyse(task); }), nullptr, logger);
  test::Value(role.Start());
  slow.begun.wait();
  ASSERT_TRUE(port.WaitUntil([&] { return port.returned.size() >= 3; }));
  EXPECT_FALSE(port.returned.contains(slow.slow));
  // What was found before is not held up either.
  EXPECT_TRUE(port.WaitUntil([&] { return static_cast<std::int64_t>(port.completed.size()) >= slow.slow - 1; }));
  slow.go.count_down();
  ASSERT_TRUE(port.WaitUntil([&] { return port.completed.size() == kImages; }));
  EXPECT_TRUE(std::ranges::all_of(port.completed, [](const auto& one) { return one.second == 1; }));
}

TEST(AnalyzerRoleTest, AFailureIsToldOfThatImageOnly) {
  NullLogger logger;
  FakePort port(20);
  AnalyzerRole role(port,
                    Options(2,
                            [](const AnalyzeTask& task) -> Result<model::ImageAnalysis> {
                              if (task.lease.id % 5 == 0) return Fail(ErrorKind::kCorrupt, "no image");
                              return model::ImageAnalysis();
                            }),
                    nullptr, logger);
  test::Value(role.Start());
  ASSERT_TRUE(port.WaitUntil([&] { return port.completed.size() == 16 && port.failed.size() == 4; }));
  EXPECT_EQ(port.failed.at(10), "no image");
}

TEST(AnalyzerRoleTest, WhoStopsTellsWhatWasFoundAndHandsBackTheRest) {
  NullLogger logger;
  constexpr std::size_t kImages = 60;
  FakePort port(kImages);
  SlowOnce slow{port};
  AnalyzerRole role(port, Options(1, [&](const AnalyzeTask& task) { return slow.Analyse(task); }), nullptr, logger);
  test::Value(role.Start());
  slow.begun.wait();
  std::thread stop([&] { role.Stop(20'000); });
  EXPECT_TRUE(port.WaitUntil([&] { return port.returned.size() >= 3; }));
  slow.go.count_down();
  stop.join();
  EXPECT_EQ(port.completed.size(), static_cast<std::size_t>(slow.slow));
  EXPECT_EQ(port.Queued(), kImages - port.completed.size());
}

TEST(AnalyzerRoleTest, WhoIsStoppedAtOnceHandsEverythingBack) {
  NullLogger logger;
  FakePort port(1);
  std::latch begun(1), go(1);
  AnalyzerRole role(port,
                    Options(1,
                            [&](const AnalyzeTask&) -> Result<model::ImageAnalysis> {
                              begun.count_down();
                              go.wait();
                              return model::ImageAnalysis();
                            }),
                    nullptr, logger);
  test::Value(role.Start());
  begun.wait();
  std::thread stop([&] { role.Stop(0); });
  EXPECT_TRUE(port.WaitUntil([&] { return port.returned.contains(1); }));
  go.count_down();
  stop.join();
  EXPECT_TRUE(port.completed.empty());
}

TEST(AnalyzerRoleTest, AnAbsentQueueHoldsNobodyUpForEver) {
  NullLogger logger;
  FakePort port(30);
  port.away = true;
  AnalyzerRole role(port, Options(1, [](const AnalyzeTask&) { return model::ImageAnalysis(); }), nullptr, logger);
  test::Value(role.Start());
  ASSERT_TRUE(port.WaitUntil([&] { return true; }));
  while (port.Queued() > 0) std::this_thread::sleep_for(milliseconds(5));
  role.Stop(10'000);
  EXPECT_TRUE(port.completed.empty());
}

}  // namespace
}  // namespace holdfast::service
