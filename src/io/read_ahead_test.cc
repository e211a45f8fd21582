#include "io/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::size_t kLong = 5'000'003;

// `size` bytes, then the end or an error; counts what was taken.
class CountedSource final : public ByteSource {
 public:
  CountedSource(std::size_t size, bool fails) : left_(size), fails_(fails) {}
  Result<Bytes> Next(std::size_t max) override {
    if (left_ == 0 && fails_) return Fail(ErrorKind::kUnavailable, "the source broke");
    const Bytes view = AsBytes(block_).first(std::min({left_, max, block_.size()}));
    left_ -= view.size();
    taken += view.size();
    return view;
  }
  std::atomic<std::size_t> taken = 0;

 private:
  std::string block_ = std::string(10'007, 'x');
  std::size_t left_;
  bool fails_;
};

TEST(ReadAheadSource, HandsOutTheSameBytes) {
  std::string text(kLong, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  for (const std::size_t chunk : {kLong, std::size_t{999}}) {
    MemorySource inner(text, chunk);
    ReadAheadSource ahead(inner);
    EXPECT_TRUE(Value(ahead.ReadText(kLong)) == text);
    EXPECT_TRUE(Value(ahead.Next()).empty());
  }
}

TEST(ReadAheadSource, AnErrorComesAfterWhatWasRead) {
  CountedSource inner(kLong, true);
  ReadAheadSource ahead(inner);
  EXPECT_EQ(Value(ahead.Skip(kLong)), kLong);
  for (int i = 0; i < 2; ++i) ExpectError(ahead.Next(), ErrorKind::kUnavailable, "the source broke");
}

TEST(ReadAheadSource, OneThatIsLeftReadsNoFurther) {
  CountedSource inner(kLong, false);
  {
    ReadAheadSource ahead(inner);
    EXPECT_EQ(Value(ahead.Next(1)).size(), 1U);
  }
  EXPECT_LT(inner.taken, kLong);
}

}  // namespace
}  // namespace holdfast::io
