#include "io/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "base/limits.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

std::string Pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

void Produce(ChunkRing& ring, std::string_view text, std::optional<Error> error) {
  while (!text.empty()) {
    const MutableBytes chunk = ring.Acquire();
    if (chunk.empty()) return;
    const std::size_t size = std::min(chunk.size(), text.size());
    std::copy_n(text.begin(), size, chunk.begin());
    text.remove_prefix(size);
    ring.Publish(size);
  }
  ring.Close(std::move(error));
}

TEST(ChunkRing, BothConsumersSeeAllBytesInOrder) {
  const std::string text = Pattern(1'000'003);
  ChunkRing ring(2, 4, 1000);
  std::string seen[2];
  std::thread readers[2];
  for (std::size_t i = 0; i < 2; ++i)
    readers[i] = std::thread([&ring, &seen, i] {
      ChunkRing::Consumer consumer(ring, i);
      for (auto view = consumer.Next(i == 0 ? 7 : kAnySize); view && !view->empty();
           view = consumer.Next(i == 0 ? 333 : kAnySize))
        seen[i].append(AsText(*view));
    });
  Produce(ring, text, std::nullopt);
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(seen[0], text);
  EXPECT_EQ(seen[1], text);
}

TEST(ChunkRing, AConsumerThatLeavesDoesNotHoldTheOthersUp) {
  const std::string text = Pattern(100'000);
  ChunkRing ring(2, 2, 1000);
  std::thread leaver([&] {
    ChunkRing::Consumer consumer(ring, 0);
    EXPECT_TRUE(consumer.Next(1));
  });
  std::string seen;
  std::thread reader([&] {
    ChunkRing::Consumer consumer(ring, 1);
    seen = test::Value(consumer.ReadText(kMiB));
  });
  Produce(ring, text, std::nullopt);
  leaver.join();
  reader.join();
  EXPECT_EQ(seen, text);
}

TEST(ChunkRing, TheProducerStopsWhenAllHaveLeft) {
  ChunkRing ring(1, 2, 10);
  {
    ChunkRing::Consumer consumer(ring, 0);
  }
  EXPECT_TRUE(ring.Acquire().empty());
}

TEST(ChunkRing, ErrorsReachTheConsumersAfterTheBytesBeforeThem) {
  ChunkRing ring(1, 4, 10);
  Produce(ring, "0123456789abc", Error(ErrorKind::kCorrupt, "broken"));
  ChunkRing::Consumer consumer(ring, 0);
  EXPECT_EQ(AsText(test::Value(consumer.Next())), "0123456789");
  EXPECT_EQ(AsText(test::Value(consumer.Next())), "abc");
  test::ExpectError(consumer.Next(), ErrorKind::kCorrupt, "broken");
}

}  // namespace
}  // namespace holdfast::io
