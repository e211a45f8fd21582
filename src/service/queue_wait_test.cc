#include "service/queue_wait.h"

#include <gtest/gtest.h>

#include <string>

#include "base/format.h"
#include "service/images.h"
#include "service/matching.h"
#include "service/work.h"
#include "support/analysed_images.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::Value;

class QueueWaitTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  QueueWaitTest() : PlatformFixture(GetParam()) {}

 protected:
  store::Image Add(std::string_view seed) {
    return Value(AddImage(platform_, team_, Value(ParseImageName("docker.io/library/a:" + std::string(seed))),
                          test::MakeRemoteImage(seed), {}));
  }
  std::optional<QueueWait> Wait(const store::Image& image) {
    return Value(
        database_->Read([&](store::Session& session) { return EstimateWait(session, image.row, clock_.NowMs()); }));
  }
  void AnalyseNext() {
    const auto tasks = Value(port_.Claim("analyzer-1", 1));
    ASSERT_EQ(tasks.size(), 1U);
    Value(port_.Complete(tasks.front(), test::MakeAnalysis({})));
    Value(FinishMatchedImages(platform_, 0, 10));
  }

  store::Account team_ = AddAccount("team");
  LocalAnalyzerPort port_{platform_};
};

TEST_P(QueueWaitTest, ComesFromTheJobsAheadAndThePaceOfThePlatform) {
  std::vector<store::Image> images;
  for (int i = 0; i < 8; ++i) images.push_back(Add(Format("{}", i)));
  const auto first = Wait(images[0]), last = Wait(images[7]);
  ASSERT_TRUE(first && last);
  EXPECT_EQ(first->jobs_ahead, 0);
  EXPECT_EQ(last->jobs_ahead, 7);
  EXPECT_FALSE(last->seconds);  // nothing was analysed yet
  for (int i = 0; i < 3; ++i) {
    AnalyseNext();
    clock_.Advance(4'000);
  }
  EXPECT_FALSE(Wait(images[0]));
  EXPECT_EQ(Wait(images[7])->jobs_ahead, 4);
  EXPECT_EQ(Wait(images[7])->seconds, 16);
  // A pause in which nobody had work says nothing of the pace, beyond a minute.
  clock_.Advance(1'800'000);
  AnalyseNext();
  EXPECT_EQ(Wait(images[7])->seconds, 3 * (4 + 4 + 60) / 3);
  clock_.Advance(3'600'001);
  EXPECT_FALSE(Wait(images[7])->seconds);
}

TEST_P(QueueWaitTest, CountsTheTimeThatARegistryAskedFor) {
  const auto image = Add("1");
  AddAccount("other");
  for (const std::string_view seed : {"2", "3"}) Add(seed);
  const auto task = Value(port_.Claim("analyzer-1", 1)).front();
  for (int i = 0; i < 2; ++i) AnalyseNext();
  Value(port_.Postpone(task, Error(ErrorKind::kUnavailable, "slow down"), 90'000));
  EXPECT_EQ(Wait(image)->jobs_ahead, 0);
  EXPECT_EQ(Wait(image)->seconds, 90);
}

INSTANTIATE_TEST_SUITE_P(Drivers, QueueWaitTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& driver) { return std::string(test::DriverName(driver.param)); });

}  // namespace
}  // namespace holdfast::service
