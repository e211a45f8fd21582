// What the conformance suite does not see: the envelope's format, and damage.

#include <gtest/gtest.h>

#include "blob/envelope_store.h"
#include "blob/memory_store.h"
#include "io/sha256.h"
#include "support/test_support.h"

namespace holdfast::blob {
namespace {

using test::ExpectError;
using test::Value;

// Keeps the store that is decorated within reach.
class Shared final : public ObjectStore {
 public:
  explicit Shared(ObjectStore& inner) : inner_(inner) {}
  Result<void> Put(std::string_view key, io::ByteSource& value) override { return inner_.Put(key, value); }
  Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) override { return inner_.Get(key); }
  Result<void> Delete(std::string_view key) override { return inner_.Delete(key); }
  Result<bool> Exists(std::string_view key) override { return inner_.Exists(key); }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after, std::size_t max) override {
    return inner_.List(prefix, after, max);
  }
  Result<std::uint64_t> RemoveAbandoned(std::int64_t before_ms) override { return inner_.RemoveAbandoned(before_ms); }

 private:
  ObjectStore& inner_;
};

class EnvelopeTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<ObjectStore> Wrap(const EnvelopeOptions& options = {}) {
    return MakeEnvelopeStore(std::make_unique<Shared>(*plain_), options);
  }
  [[nodiscard]] std::string Stored(std::string_view key) { return Value(plain_->GetBytes(key, kGiB)); }

  SystemClock clock_;
  std::unique_ptr<ObjectStore> plain_ = MakeMemoryStore(clock_);
};

TEST_F(EnvelopeTest, IsMadeAsItsHeaderSays) {
  Value(Wrap()->PutBytes("key", "value"));
  io::Sha256 hash;
  hash.Update(AsBytes("value"));
  std::string wanted = std::string("HFOB\x01\0\0\0", 8) + "value";
  wanted += AsText(hash.Finish().bytes);
  wanted += std::string("\x05\0\0\0\0\0\0\0", 8);
  EXPECT_EQ(Stored("key"), wanted);
}

TEST_F(EnvelopeTest, CompressesWhatIsWorthIt) {
  const auto store = Wrap({.compress = true, .compress_bytes_min = 1000});
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 10'000; ++i) noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  const std::string text(10'000'000, 'a');
  Value(store->PutBytes("text", text));
  Value(store->PutBytes("edge", std::string(1000, 'a')));
  Value(store->PutBytes("below", std::string(999, 'a')));
  Value(store->PutBytes("noise", noise));
  EXPECT_LT(Stored("text").size(), 10'000U);
  EXPECT_LT(Stored("edge").size(), 200U);
  EXPECT_EQ(Stored("below").size(), 999U + 48);
  EXPECT_EQ(Stored("noise").size(), noise.size() + 48);
  // More than a thousand times its size is no bomb: it is our own.
  EXPECT_TRUE(Value(store->GetBytes("text", text.size())) == text);
  EXPECT_EQ(Value(store->GetBytes("noise", noise.size())), noise);
  EXPECT_EQ(Value(store->GetBytes("below", 999)), std::string(999, 'a'));
  Value(Wrap({.compress = false})->PutBytes("text", text));
  EXPECT_EQ(Stored("text").size(), text.size() + 48);
  // What was compressed once can be read by a store that does not compress.
  Value(store->PutBytes("text", text));
  EXPECT_TRUE(Value(Wrap({.compress = false})->GetBytes("text", text.size())) == text);
}

TEST_F(EnvelopeTest, CompressesFromTheFirstByteWhenTold) {
  const auto store = Wrap({.compress = true, .compress_bytes_min = 0});
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{500}, std::size_t{1'000'000}}) {
    Value(store->PutBytes("key", std::string(size, 'a')));
    EXPECT_LT(Stored("key").size(), 200U);
    EXPECT_TRUE(Value(store->GetBytes("key", size)) == std::string(size, 'a'));
  }
}

TEST_F(EnvelopeTest, EveryChangedBitAndEveryCutIsNoticed) {
  for (const std::uint64_t compress_from : {std::uint64_t{16}, std::uint64_t{100'000}}) {
    const auto store = Wrap({.compress = true, .compress_bytes_min = compress_from});
    const std::string value = "a value, a value, a value, a value, a value, a value, a value that can be compressed";
    Value(store->PutBytes("key", value));
    const std::string stored = Stored("key");
    for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
      std::string damaged = stored;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      Value(plain_->PutBytes("key", damaged));
      // A bit of the frame's header may mean nothing: then the value is whole.
      const auto read = store->GetBytes("key", 10'000);
      if (read)
        EXPECT_EQ(*read, value) << bit;
      else
        ExpectError(read, ErrorKind::kCorrupt, "object key");
    }
    for (std::size_t size = 0; size < stored.size(); ++size) {
      Value(plain_->PutBytes("key", stored.substr(0, size)));
      ExpectError(store->GetBytes("key", 10'000), ErrorKind::kCorrupt, "object key");
    }
    Value(plain_->PutBytes("key", stored + "x"));
    ExpectError(store->GetBytes("key", 10'000), ErrorKind::kCorrupt, "object key");
  }
}

TEST_F(EnvelopeTest, AfterDamageASourceStaysDead) {
  const auto store = Wrap();
  Value(store->PutBytes("key", "value"));
  std::string damaged = Stored("key");
  damaged[9] = 'A';
  Value(plain_->PutBytes("key", damaged));
  const auto source = Value(store->Get("key"));
  ExpectError(source->ReadText(100), ErrorKind::kCorrupt);
  ExpectError(source->Next(), ErrorKind::kCorrupt);
}

TEST_F(EnvelopeTest, WhatWasStoredWithoutOneIsRefused) {
  for (const std::string_view value :
       {"", "x", "a plain value of some length, longer than header and trailer together"}) {
    Value(plain_->PutBytes("key", value));
    ExpectError(Wrap()->Get("key"), ErrorKind::kCorrupt, "not in an envelope");
  }
}

TEST(CheckKey, SaysWhichRuleIsBroken) {
  for (const std::string_view key : {"a", "layer_records/1/3f/3f9a", "A-b.c=d_e/..f/g..", "..."})
    EXPECT_TRUE(CheckKey(key).has_value()) << key;
  ExpectError(CheckKey(""), ErrorKind::kInvalidInput, "empty");
  ExpectError(CheckKey("a//b"), ErrorKind::kInvalidInput, "empty segment");
  ExpectError(CheckKey("a/../b"), ErrorKind::kInvalidInput, "'..'");
  ExpectError(CheckKey("a b"), ErrorKind::kInvalidInput, "character");
  ExpectError(CheckKey(std::string(513, 'a')), ErrorKind::kInvalidInput, "at most 512");
  EXPECT_TRUE(CheckKeyPrefix("").has_value());
  EXPECT_TRUE(CheckKeyPrefix("a/").has_value());
  ExpectError(CheckKeyPrefix("a~"), ErrorKind::kInvalidInput, "character");
}

}  // namespace
}  // namespace holdfast::blob
