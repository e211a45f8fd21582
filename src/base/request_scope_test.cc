#include "base/request_scope.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace holdfast {
namespace {

TEST(RequestScope, NestsAndBelongsToItsThread) {
  EXPECT_EQ(RequestScope::Current(), "");
  const RequestScope outer("one");
  {
    const RequestScope inner("two");
    EXPECT_EQ(RequestScope::Current(), "two");
    std::string elsewhere = "?";
    std::thread([&] { elsewhere = RequestScope::Current(); }).join();
    EXPECT_EQ(elsewhere, "");
  }
  EXPECT_EQ(RequestScope::Current(), "one");
}

}  // namespace
}  // namespace holdfast
