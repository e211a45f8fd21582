#include "io/compress.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "io/decompress.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

std::string Inflate(std::string_view packed) {
  MemorySource source(packed);
  return Value(Value(OpenDecompressor(source, Limits{}))->ReadText(kGiB));
}

TEST(CompressedWithZstd, ComesBackHoweverItIsCut) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const std::string& value : {std::string(), std::string("x"), text})
    for (const std::size_t chunk : {std::size_t{1000}, std::size_t{4096}, kAnySize}) {
      MemorySource source(value, chunk);
      const std::string packed = Value(CompressedWithZstd(source)->ReadText(kGiB));
      EXPECT_EQ(Inflate(packed), value);
      EXPECT_LE(packed.size(), value.size() + 32);
    }
}

TEST(CompressedWithZstd, GivesAtMostWhatIsAskedFor) {
  MemorySource source(std::string_view("some text to be compressed"));
  const auto compressed = CompressedWithZstd(source);
  std::string packed;
  while (true) {
    const Bytes view = Value(compressed->Next(3));
    if (view.empty()) break;
    EXPECT_LE(view.size(), 3U);
    packed += AsText(view);
  }
  EXPECT_EQ(Inflate(packed), "some text to be compressed");
  EXPECT_TRUE(Value(compressed->Next()).empty());
}

class BrokenSource final : public ByteSource {
 public:
  Result<Bytes> Next(std::size_t) override {
    if (left_-- > 0) return AsBytes("0123456789");
    return Fail(ErrorKind::kUnavailable, "gone");
  }

 private:
  int left_ = 3;
};

TEST(CompressedWithZstd, PassesErrorsOnAndStaysDead) {
  BrokenSource source;
  const auto compressed = CompressedWithZstd(source);
  ExpectError(compressed->ReadText(kGiB), ErrorKind::kUnavailable, "gone");
  ExpectError(compressed->Next(), ErrorKind::kUnavailable, "gone");
}

}  // namespace
}  // namespace holdfast::io
