#include "base/clock.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast {
namespace {

using test::ExpectError;
using test::Value;

TEST(Time, IsWrittenInUtc) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(1'764'036'914'999), "2025-11-25T02:15:14Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59Z");
}

TEST(Time, IsReadWithAnyOffset) {
  const std::int64_t noon = 1'764'072'000'000;
  EXPECT_EQ(Value(ParseTime("2025-11-25T12:00:00Z")), noon);
  EXPECT_EQ(Value(ParseTime("2025-11-25 12:00:00")), noon);
  EXPECT_EQ(Value(ParseTime("2025-11-25T14:30:00+02:30")), noon);
  EXPECT_EQ(Value(ParseTime("2025-11-25T07:00-0500")), noon);
  EXPECT_EQ(Value(ParseTime("2025-11-25T12:00:00.25Z")), noon + 250);
  EXPECT_EQ(Value(ParseTime("2025-11-25T12:00:00.123456789Z")), noon + 123);
  EXPECT_EQ(Value(ParseTime("2025-11-25")), noon - 43'200'000);
}

TEST(Time, ThatMakesNoSenseIsRefused) {
  for (const auto* text : {"", "2025", "2025-02-29", "2025-13-01", "2025-11-25T24:00:00Z", "2025-11-25T12:00:00.Z",
                           "2025-11-25T12:00:00Zx", "2025-11-25T12:00:00+1", "yesterday", "2025-11-25T12"})
    ExpectError(ParseTime(text), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast
