#include "service/gather.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "support/test_support.h"

namespace holdfast::service {
namespace {

using std::chrono::milliseconds;
using test::ExpectError;
using test::Value;
using Doubler = Gather<int, int>;

// Doubles; remembers how many came together.
struct Doubling {
  std::vector<std::size_t> rounds;
  std::vector<Result<int>> operator()(std::span<const int* const> items) {
    rounds.push_back(items.size());
    std::vector<Result<int>> answers;
    for (const int* item : items)
      if (*item < 0)
        answers.push_back(Fail(ErrorKind::kInvalidInput, "negative"));
      else
        answers.push_back(2 * *item);
    return answers;
  }
};

TEST(GatherTest, WhoIsAloneWaitsForNobody) {
  Doubling doubling;
  Doubler gather(10, std::chrono::hours(1), std::ref(doubling));
  EXPECT_EQ(Value(gather.Do(4)), 8);
  ExpectError(gather.Do(-1), ErrorKind::kInvalidInput);
  const Doubler::Announcement mine(gather);
  EXPECT_EQ(Value(gather.Do(5)), 10);
  EXPECT_EQ(doubling.rounds, (std::vector<std::size_t>{1, 1, 1}));
}

TEST(GatherTest, WhoIsAnnouncedIsWaitedFor) {
  Doubling doubling;
  Doubler gather(10, std::chrono::hours(1), std::ref(doubling));
  std::vector<std::unique_ptr<Doubler::Announcement>> coming;
  for (int i = 0; i < 4; ++i) coming.push_back(std::make_unique<Doubler::Announcement>(gather));
  std::vector<std::thread> threads;
  std::vector<int> answers(3);
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      const auto mine = std::move(coming[static_cast<std::size_t>(i)]);
      answers[static_cast<std::size_t>(i)] = Value(gather.Do(i));
    });
  coming[3].reset();  // does not come after all
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(doubling.rounds.front(), 3U);
}

TEST(GatherTest, ButNotForEver) {
  Doubling doubling;
  Doubler gather(10, milliseconds(1), std::ref(doubling));
  const Doubler::Announcement never(gather), mine(gather);
  EXPECT_EQ(Value(gather.Do(1)), 2);
}

TEST(GatherTest, EveryoneGetsTheAnswerToHisOwn) {
  std::atomic<std::size_t> rounds = 0, most = 0;
  Doubler gather(7, milliseconds(0), [&](std::span<const int* const> items) {
    ++rounds;
    most = std::max<std::size_t>(most, items.size());
    std::vector<Result<int>> answers;
    for (const int* item : items) answers.push_back(2 * *item);
    return answers;
  });
  constexpr int kThreads = 16, kEach = 200;
  std::latch start(kThreads);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      for (int i = 0; i < kEach; ++i)
        if (const int item = t * kEach + i; Value(gather.Do(item)) != 2 * item) ++wrong;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(most, 7U);
  EXPECT_LE(rounds, std::size_t{kThreads * kEach});
}

TEST(GatherTest, AnExceptionIsEverybodysError) {
  Doubler gather(2, milliseconds(0),
                 [](std::span<const int* const>) -> std::vector<Result<int>> { throw std::runtime_error("broken"); });
  ExpectError(gather.Do(1), ErrorKind::kInternal, "broken");
  ExpectError(gather.Do(2), ErrorKind::kInternal, "broken");
}

}  // namespace
}  // namespace holdfast::service
