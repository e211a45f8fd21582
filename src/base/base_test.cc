#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "base/deadline.h"
#include "base/digest.h"
#include "base/wire.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

using test::ExpectError;
using test::Value;

TEST(Error, FramesStandInFront) {
  EXPECT_EQ(Error(ErrorKind::kCorrupt, "truncated").In("gzip").In("layer 1").Message(), "layer 1: gzip: truncated");
}

TEST(Error, EachKindHasAName) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind)
    EXPECT_FALSE(ErrorKindName(static_cast<ErrorKind>(kind)).empty());
}

TEST(Digest, ParsesOnlyTheCanonicalForm) {
  const std::string hex(64, 'a');
  EXPECT_EQ(Value(Digest::Parse("sha256:" + hex)).Text(), "sha256:" + hex);
  ExpectError(Digest::Parse("sha256:" + hex.substr(1)), ErrorKind::kInvalidInput);
  ExpectError(Digest::Parse("sha256:" + hex + "a"), ErrorKind::kInvalidInput);
  ExpectError(Digest::Parse("sha256:" + std::string(64, 'A')), ErrorKind::kInvalidInput, "lower case");
  ExpectError(Digest::Parse("sha256:../" + hex.substr(3)), ErrorKind::kInvalidInput);
  ExpectError(Digest::Parse("sha512:" + hex + hex), ErrorKind::kUnsupported);
  ExpectError(Digest::Parse(""), ErrorKind::kInvalidInput);
}

TEST(Wire, RoundTrips) {
  WireWriter writer;
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  writer.Unsigned(0)
      .Unsigned(127)
      .Unsigned(128)
      .Unsigned(~std::uint64_t{0})
      .Signed(-1)
      .Signed(kLeast)
      .Text("a\0b")
      .Bool(true);
  const std::string bytes = writer.Take();
  WireReader reader(bytes);
  EXPECT_EQ(reader.Unsigned(), 0U);
  EXPECT_EQ(reader.Unsigned(), 127U);
  EXPECT_EQ(reader.Unsigned(), 128U);
  EXPECT_EQ(reader.Unsigned(), ~std::uint64_t{0});
  EXPECT_EQ(reader.Signed(), -1);
  EXPECT_EQ(reader.Signed(), kLeast);
  EXPECT_EQ(reader.Text(), "a");
  EXPECT_TRUE(reader.Bool());
  EXPECT_TRUE(reader.Finish("test"));
}

TEST(Wire, LyingLengthsAreRefused) {
  WireReader text("\x7fxyz");
  EXPECT_EQ(text.Text(), "");
  EXPECT_FALSE(text.Ok());
  WireReader count("\xff\xff\xff\x7f");
  EXPECT_EQ(count.Count(1), 0U);
  ExpectError(count.Finish("thing"), ErrorKind::kCorrupt, "damaged thing");
  WireReader overlong("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  EXPECT_EQ(overlong.Unsigned(), 0U);
  EXPECT_FALSE(overlong.Ok());
}

TEST(Deadline, TheDefaultNeverPassesAndZeroHasPassed) {
  EXPECT_TRUE(Deadline().Check());
  EXPECT_EQ(Deadline().LeftMs(5), 5);
  EXPECT_TRUE(Deadline::After(3'600'000).Check());
  EXPECT_EQ(Deadline::After(3'600'000).LeftMs(5), 5);
  EXPECT_TRUE(Deadline::After(std::numeric_limits<std::uint64_t>::max()).Check());
  ExpectError(Deadline::After(0).Check(), ErrorKind::kLimit, "0 s");
  EXPECT_EQ(Deadline::After(0).LeftMs(5), 0);
}

TEST(Deadline, EndsWaitingForADescriptor) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK), 0);
  const auto soon = [] { return Deadline::After(20); };
  ExpectError(soon().AwaitReadable(ends[0]), ErrorKind::kLimit, "20 ms");
  EXPECT_TRUE(Deadline().AwaitWritable(ends[1]));
  const std::string page(4096, 'x');
  while (write(ends[1], page.data(), page.size()) > 0) {
  }
  EXPECT_TRUE(Deadline().AwaitReadable(ends[0]));
  ExpectError(soon().AwaitWritable(ends[1]), ErrorKind::kLimit);
  ExpectError(Deadline::After(0).AwaitReadable(ends[0]), ErrorKind::kLimit);  // ready or not
  close(ends[0]);
  EXPECT_TRUE(Deadline().AwaitWritable(ends[1]));  // nobody reads any more: writing says so
  close(ends[1]);
}

}  // namespace
}  // namespace holdfast
