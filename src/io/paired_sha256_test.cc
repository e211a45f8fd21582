#include "io/paired_sha256.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/test_support.h"

namespace holdfast::io {
namespace {

Sha256Value Reference(std::string_view text) {
  Sha256 hash;
  hash.Update(AsBytes(text));
  return hash.Finish();
}

std::string Random(std::size_t size, std::mt19937& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(BlockSha256, AgreesWithOpenSslForEachLengthAndAnySplit) {
  std::mt19937 random(3);
  BlockSha256 hash;
  for (std::size_t size = 0; size < 400; ++size) {
    const std::string text = Random(size, random);
    for (int round = 0; round < 4; ++round) {
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t part = std::min<std::size_t>(rest.size(), round == 0 ? rest.size() : 1 + random() % 150);
        hash.Update(AsBytes(rest.substr(0, part)));
        rest.remove_prefix(part);
      }
      ASSERT_EQ(hash.Finish(), Reference(text)) << size;
    }
  }
}

TEST(BlockSha256, TwoAtOnceAgreeWithOpenSslFromAnyPhase) {
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {
    BlockSha256 a, b;
    std::string in_a = Random(random() % 3 == 0 ? random() % 200 : 0, random),
                in_b = Random(random() % 3 == 0 ? random() % 200 : 0, random);
    a.Update(AsBytes(in_a));
    b.Update(AsBytes(in_b));
    for (int i = 0; i < 5; ++i) {
      const std::string both = Random(random() % 1000, random);
      BlockSha256::UpdateBoth(a, b, AsBytes(both));
      in_a += both;
      in_b += both;
    }
    ASSERT_EQ(a.Finish(), Reference(in_a));
    ASSERT_EQ(b.Finish(), Reference(in_b));
  }
}

TEST(PairingSource, HashesTheStreamWhateverIsHashedBeside) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const std::string text = Random(20'000, random);
    MemorySource source(text, 1 + random() % 3000);
    PairingSource pairing(source);
    std::string part;
    BlockSha256 other;
    while (true) {
      const Bytes view = test::Value(pairing.Next(1 + random() % 2000));
      if (view.empty()) break;
      if (random() % 2 == 0) continue;
      part.append(AsText(view));
      pairing.HashInto(other, view);
    }
    ASSERT_EQ(pairing.Finish(), Reference(text));
    ASSERT_EQ(other.Finish(), Reference(part));
  }
}

}  // namespace
}  // namespace holdfast::io
