// What every object store does alike: each driver, and the decorator over two of them.
#include "blob/object_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/clock.h"
#include "base/limits.h"
#include "blob/database/database_store.h"
#include "blob/envelope_store.h"
#include "blob/filesystem/filesystem_store.h"
#include "blob/memory_store.h"
#include "io/sha256.h"
#include "support/allocated_bytes.h"
#include "support/test_database.h"
#include "support/test_support.h"

namespace holdfast::blob {
namespace {

using test::ExpectError;
using test::Value;

enum class Kind : std::uint8_t { kMemory, kFilesystem, kSqlite, kPostgres, kEnvelopeMemory, kEnvelopeFilesystem };

std::string KindName(Kind kind) {
  switch (kind) {
    case Kind::kMemory: return "Memory";
    case Kind::kFilesystem: return "Filesystem";
    case Kind::kSqlite: return "Sqlite";
    case Kind::kPostgres: return "Postgres";
    case Kind::kEnvelopeMemory: return "EnvelopeMemory";
    case Kind::kEnvelopeFilesystem: return "EnvelopeFilesystem";
  }
  return "";
}

// A value that is made while it is read: a million bytes without a pattern, over and over. The same seed gives the same
// value, however it is cut.
class MadeSource : public io::ByteSource {
 public:
  MadeSource(std::uint64_t size_bytes, std::uint64_t seed) : left_(size_bytes) {
    period_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, 1'000'003)));
    for (char& c : period_) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      c = static_cast<char>(static_cast<unsigned char>(seed >> 56));
    }
  }
  Result<Bytes> Next(std::size_t max) override {
    if (left_ == 0) return Bytes{};
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>({max, period_.size() - at_, kPieceBytes, left_}));
    const Bytes view = AsBytes(period_).subspan(at_, size);
    at_ = (at_ + size) % period_.size();
    left_ -= size;
    return view;
  }

 private:
  static constexpr std::uint64_t kPieceBytes = 100'003;
  std::string period_;
  std::size_t at_ = 0;
  std::uint64_t left_;
};

std::string Made(std::uint64_t size_bytes, std::uint64_t seed) {
  MadeSource source(size_bytes, seed);
  return Value(source.ReadText(size_bytes));
}

std::string DigestOf(io::ByteSource& source, const std::function<void()>& between = [] {}) {
  io::Sha256 hash;
  while (true) {
    const Bytes view = Value(source.Next());
    if (view.empty()) return hash.Finish().Hex();
    hash.Update(view);
    between();
  }
}

// Fails after `size_bytes`.
class BreakingSource final : public io::ByteSource {
 public:
  explicit BreakingSource(std::uint64_t size_bytes) : front_(size_bytes, 1) {}
  Result<Bytes> Next(std::size_t max) override {
    HF_TRY(const Bytes view, front_.Next(max));
    if (view.empty()) return Fail(ErrorKind::kUnavailable, "the source broke");
    return view;
  }

 private:
  MadeSource front_;
};

class ObjectStoreTest : public testing::TestWithParam<Kind> {
 protected:
  ObjectStoreTest() {
    if (GetParam() == Kind::kSqlite || GetParam() == Kind::kPostgres) {
      test_.emplace(GetParam() == Kind::kSqlite ? test::Driver::kSqlite : test::Driver::kPostgres);
      database_ = test_->OpenUpgraded();
    }
    store_ = Open();
  }
  // Another door to the same objects, as of another replica. In memory there is but one.
  [[nodiscard]] std::unique_ptr<ObjectStore> Open() {
    switch (GetParam()) {
      case Kind::kMemory: return MakeMemoryStore(clock_);
      case Kind::kFilesystem: return Value(OpenFilesystemStore(folder_.Path() / "store"));
      case Kind::kSqlite:
      case Kind::kPostgres: return MakeDatabaseStore(*database_, clock_);
      case Kind::kEnvelopeMemory: return MakeEnvelopeStore(MakeMemoryStore(clock_));
      case Kind::kEnvelopeFilesystem: return MakeEnvelopeStore(Value(OpenFilesystemStore(folder_.Path() / "store")));
    }
    return nullptr;
  }
  [[nodiscard]] bool HoldsInMemory() const {
    return GetParam() == Kind::kMemory || GetParam() == Kind::kEnvelopeMemory;
  }
  [[nodiscard]] bool HasEnvelope() const {
    return GetParam() == Kind::kEnvelopeMemory || GetParam() == Kind::kEnvelopeFilesystem;
  }
  [[nodiscard]] std::vector<std::string> Keys(std::string_view prefix = "", std::string_view after = "",
                                              std::size_t count_max = 1000) {
    std::vector<std::string> keys;
    for (const ObjectInfo& info : Value(store_->List(prefix, after, count_max))) keys.push_back(info.key);
    return keys;
  }

  SystemClock clock_;
  test::TemporaryFolder folder_;
  std::optional<test::TestDatabase> test_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ObjectStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Drivers, ObjectStoreTest,
                         testing::Values(Kind::kMemory, Kind::kFilesystem, Kind::kSqlite, Kind::kPostgres,
                                         Kind::kEnvelopeMemory, Kind::kEnvelopeFilesystem),
                         [](const auto& test) { return KindName(test.param); });

using Keys = std::vector<std::string>;

TEST_P(ObjectStoreTest, GivesBackWhatItWasGiven) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  for (const std::string& value :
       {std::string(), std::string("x"), every_byte, std::string(100'000, 'a'), Made(kMiB - 1, 1), Made(kMiB, 2),
        Made(kMiB + 1, 3), Made(2 * kMiB, 4), Made(3 * kMiB + 17, 5)}) {
    Value(store_->PutBytes("a/key", value));
    EXPECT_EQ(Value(store_->GetBytes("a/key", value.size())), value) << value.size();
    EXPECT_TRUE(Value(store_->Exists("a/key")));
  }
}

TEST_P(ObjectStoreTest, AnEmptyValueIsAValue) {
  Value(store_->PutBytes("empty", ""));
  EXPECT_TRUE(Value(store_->Exists("empty")));
  EXPECT_EQ(Value(store_->GetBytes("empty", 0)), "");
  const auto source = Value(store_->Get("empty"));
  EXPECT_TRUE(Value(source->Next()).empty());
  EXPECT_TRUE(Value(source->Next()).empty());
  EXPECT_EQ(Keys(), (blob::Keys{"empty"}));
}

TEST_P(ObjectStoreTest, WhatIsNotThere) {
  ExpectError(store_->Get("absent"), ErrorKind::kNotFound, "absent");
  ExpectError(store_->GetBytes("absent", 1), ErrorKind::kNotFound);
  EXPECT_FALSE(Value(store_->Exists("absent")));
  Value(store_->Delete("absent"));
  EXPECT_EQ(Keys(), (blob::Keys{}));
  Value(store_->PutBytes("a/b", "x"));
  ExpectError(store_->Get("a"), ErrorKind::kNotFound);
  ExpectError(store_->Get("a/b/c"), ErrorKind::kNotFound);
  EXPECT_FALSE(Value(store_->Exists("a")));
  EXPECT_FALSE(Value(store_->Exists("a/b/c")));
  Value(store_->Delete("a"));
  Value(store_->Delete("a/b/c"));
  EXPECT_TRUE(Value(store_->Exists("a/b")));
}

TEST_P(ObjectStoreTest, ReplacesWhatWasThere) {
  const std::vector<std::string> values = {
      "first", Made(3 * kMiB, 1), Made(2 * kMiB + 5, 2), "", Made(kMiB, 3), Made(5 * kMiB, 4), "last"};
  for (const std::string& value : values) {
    Value(store_->PutBytes("key", value));
    EXPECT_EQ(Value(store_->GetBytes("key", 10 * kMiB)), value);
  }
  EXPECT_EQ(Keys(), (blob::Keys{"key"}));
}

TEST_P(ObjectStoreTest, DeletesAndForgets) {
  for (const std::string& value : {std::string("small"), Made(3 * kMiB, 1)}) {
    Value(store_->PutBytes("key", value));
    Value(store_->Delete("key"));
    ExpectError(store_->Get("key"), ErrorKind::kNotFound);
    EXPECT_FALSE(Value(store_->Exists("key")));
    EXPECT_EQ(Keys(), (blob::Keys{}));
    Value(store_->Delete("key"));
  }
  if (database_) {
    constexpr store::Statement kChunks{"test.chunks", "SELECT count(*) FROM object_chunks"};
    const auto rows = Value(database_->Read([&](store::Session& session) { return session.Run(kChunks); }));
    EXPECT_EQ(rows.rows[0][0].Integer(), 0);
  }
}

TEST_P(ObjectStoreTest, KeysThatAreNone) {
  for (const std::string& key :
       {std::string(),       std::string("/"),     std::string("/a"),   std::string("a/"),       std::string("a//b"),
        std::string("."),    std::string(".."),    std::string("../x"), std::string("a/../b"),   std::string("a/./b"),
        std::string("a/.."), std::string("a b"),   std::string("a\\b"), std::string("a~"),       std::string("a,"),
        std::string("a+"),   std::string("a:b"),   std::string("a%2e"), std::string("\xc3\xa4"), std::string("a\0b", 3),
        std::string("a\n"),  std::string(513, 'a')}) {
    ExpectError(store_->PutBytes(key, "x"), ErrorKind::kInvalidInput, "object key");
    ExpectError(store_->Get(key), ErrorKind::kInvalidInput, "object key");
    ExpectError(store_->Exists(key), ErrorKind::kInvalidInput, "object key");
    ExpectError(store_->Delete(key), ErrorKind::kInvalidInput, "object key");
  }
  ExpectError(store_->List("a b", "", 1), ErrorKind::kInvalidInput);
  ExpectError(store_->List("", "~", 1), ErrorKind::kInvalidInput);
  EXPECT_EQ(Keys(), (blob::Keys{}));
}

TEST_P(ObjectStoreTest, KeysThatLookOdd) {
  std::string deep = "d";
  while (deep.size() + 2 <= kKeyBytesMax) deep += "/d";
  const blob::Keys keys = {"...",
                           ".a",
                           "=",
                           "A",
                           "a",
                           "a-",
                           "a.",
                           "a/b",
                           "a/b/c",
                           "a0",
                           std::string(200, 'b'),
                           std::string(201, 'b'),
                           std::string(512, 'b'),
                           deep};
  for (const std::string& key : keys) Value(store_->PutBytes(key, "value of " + key));
  for (const std::string& key : keys) EXPECT_EQ(Value(store_->GetBytes(key, 1000)), "value of " + key);
  blob::Keys sorted = keys;
  std::ranges::sort(sorted);
  EXPECT_EQ(Keys(), sorted);
  for (const std::string& key : keys) Value(store_->Delete(key));
  EXPECT_EQ(Keys(), (blob::Keys{}));
}

TEST_P(ObjectStoreTest, ListsInOrderPageByPage) {
  blob::Keys keys;
  for (const std::string_view front : {"layers/", "layers-", "layers.x/", "layers/sub/", "manifests/", ""})
    for (int i = 0; i < 40; ++i) keys.push_back(std::string(front) + std::to_string(i * 37 % 40));
  keys.push_back("layers/" + std::string(250, 'x'));
  keys.push_back("layers/" + std::string(250, 'x') + "/y");
  keys.push_back("layers/" + std::string(200, 'x') + "/y");
  for (const std::string& key : keys) Value(store_->PutBytes(key, key));
  std::ranges::sort(keys);
  EXPECT_EQ(Keys(), keys);
  for (const std::string_view prefix :
       {"", "layers", "layers/", "layers/s", "layers/3", "manifests/39", "nothing", "3", "layers/xx", "layers/sub"}) {
    blob::Keys wanted;
    for (const std::string& key : keys)
      if (key.starts_with(prefix)) wanted.push_back(key);
    for (const std::size_t page : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
      blob::Keys got;
      while (true) {
        const blob::Keys part = Keys(prefix, got.empty() ? "" : got.back(), page);
        ASSERT_LE(part.size(), page);
        if (part.empty()) break;
        got.insert(got.end(), part.begin(), part.end());
      }
      EXPECT_EQ(got, wanted) << prefix << " " << page;
    }
  }
  EXPECT_EQ(Keys("", "", 0), (blob::Keys{}));
  EXPECT_EQ(Keys("", "layers/z", 1), (blob::Keys{"manifests/0"}));
  EXPECT_EQ(Keys("layers/", "a", 1), (blob::Keys{"layers/0"}));
  EXPECT_EQ(Keys("layers/", "z", 1), (blob::Keys{}));
}

TEST_P(ObjectStoreTest, TellsSizesAndTimes) {
  const std::int64_t before = clock_.NowMs();
  Value(store_->PutBytes("large", Made(3 * kMiB + 1, 1)));
  Value(store_->PutBytes("small", "12345"));
  const auto infos = Value(store_->List("", "", 10));
  ASSERT_EQ(infos.size(), 2U);
  const std::uint64_t around = HasEnvelope() ? 48 : 0;
  EXPECT_EQ(infos[0].size_bytes, 3 * kMiB + 1 + around);
  EXPECT_EQ(infos[1].size_bytes, 5 + around);
  for (const ObjectInfo& info : infos) {
    EXPECT_GE(info.modified_ms, before - 5'000);  // the file system's clock ticks more coarsely
    EXPECT_LE(info.modified_ms, clock_.NowMs() + 5'000);
  }
}

TEST_P(ObjectStoreTest, GetBytesHasALimit) {
  Value(store_->PutBytes("key", "12345"));
  EXPECT_EQ(Value(store_->GetBytes("key", 5)), "12345");
  ExpectError(store_->GetBytes("key", 4), ErrorKind::kLimit);
}

TEST_P(ObjectStoreTest, SourcesMayBeCutInAnyWay) {
  const std::string value = Made(2 * kMiB + 3, 9);
  for (const std::size_t chunk : {std::size_t{997}, std::size_t{kMiB}, io::kAnySize}) {
    io::MemorySource source(value, chunk);
    Value(store_->Put("key", source));
    const auto stored = Value(store_->Get("key"));
    std::string read;
    while (true) {
      const Bytes view = Value(stored->Next(chunk == io::kAnySize ? 1000 : chunk));
      if (view.empty()) break;
      ASSERT_LE(view.size(), chunk == io::kAnySize ? 1000 : chunk);
      read += AsText(view);
    }
    EXPECT_EQ(read, value);
  }
}

TEST_P(ObjectStoreTest, ABrokenSourceLeavesNothing) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{10}, kMiB, kMiB + 1, 5 * kMiB}) {
    BreakingSource source(size);
    ExpectError(store_->Put("key", source), ErrorKind::kUnavailable, "broke");
    EXPECT_FALSE(Value(store_->Exists("key")));
    EXPECT_EQ(Keys(), (blob::Keys{}));
  }
  for (const std::string& value : {std::string("small"), Made(3 * kMiB, 3)}) {
    Value(store_->PutBytes("key", value));
    for (const std::uint64_t size : {std::uint64_t{10}, 4 * kMiB}) {
      BreakingSource source(size);
      ExpectError(store_->Put("key", source), ErrorKind::kUnavailable, "broke");
      EXPECT_EQ(Value(store_->GetBytes("key", 10 * kMiB)), value) << "the old value must stay";
    }
  }
  if (database_) {
    Value(store_->Delete("key"));
    constexpr store::Statement kRest{"test.rest",
                                     "SELECT (SELECT count(*) FROM object_chunks) + (SELECT count(*) FROM objects)"};
    const auto rows = Value(database_->Read([&](store::Session& session) { return session.Run(kRest); }));
    EXPECT_EQ(rows.rows[0][0].Integer(), 0);
  }
  if (std::filesystem::exists(folder_.Path() / "store")) {
    EXPECT_TRUE(std::filesystem::is_empty(folder_.Path() / "store" / "temporary"));
  }
}

TEST_P(ObjectStoreTest, WhatABrokenOffPutLeftGoesWhenItIsOld) {
  Value(store_->PutBytes("small", "kept"));
  Value(store_->PutBytes("large", Made(2 * kMiB, 1)));
  const std::int64_t hour = 3'600'000;
  const std::int64_t now = clock_.NowMs();
  if (database_) {
    constexpr store::Statement kObject{"test.left_object", "INSERT INTO objects VALUES ('~1', 0, $1, 1, NULL)"};
    constexpr store::Statement kChunk{"test.left_chunk", "INSERT INTO object_chunks VALUES (1, 0, $1)"};
    Value(database_->Write([&](store::Session& session) -> Result<void> {
      HF_CHECK_OK(session.Run(kObject, {now - hour}));
      HF_CHECK_OK(session.Run(kChunk, {store::Blob{"half"}}));
      return {};
    }));
  }
  const auto left = folder_.Path() / "store" / "temporary" / "left";
  if (!HoldsInMemory() && !database_) {
    test::WriteFile(left, "half");
    std::filesystem::last_write_time(left, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }
  EXPECT_EQ(Value(store_->RemoveAbandoned(now - 2 * hour)), 0U);
  EXPECT_EQ(Value(store_->RemoveAbandoned(now - hour / 2)), HoldsInMemory() ? 0U : 1U);
  EXPECT_EQ(Value(store_->RemoveAbandoned(now - hour / 2)), 0U);
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_EQ(Keys(), (blob::Keys{"large", "small"}));
  EXPECT_EQ(Value(store_->GetBytes("large", 10 * kMiB)), Made(2 * kMiB, 1));
}

// Tells the highest point of allocated memory while it is read.
class WatchedSource final : public io::ByteSource {
 public:
  WatchedSource(std::uint64_t size_bytes, std::uint64_t seed) : inner_(size_bytes, seed) {}
  Result<Bytes> Next(std::size_t max) override {
    highest_ = std::max(highest_, test::AllocatedBytes());
    return inner_.Next(max);
  }
  [[nodiscard]] std::size_t Highest() const { return highest_; }

 private:
  MadeSource inner_;
  std::size_t highest_ = 0;
};

TEST_P(ObjectStoreTest, StreamsAHundredMegabytesInLittleMemory) {
  constexpr std::uint64_t kSize = 100'000'000;
  constexpr std::size_t kAllowed = 24 * kMiB;
  MadeSource again(kSize, 42);
  const std::string wanted = DigestOf(again);
  const std::size_t before = test::AllocatedBytes();
  WatchedSource source(kSize, 42);
  Value(store_->Put("large", source));
  const auto stored = Value(store_->Get("large"));
  std::size_t highest = 0;
  EXPECT_EQ(DigestOf(*stored, [&] { highest = std::max(highest, test::AllocatedBytes()); }), wanted);
  if (HoldsInMemory()) return;
  EXPECT_LT(source.Highest(), before + kAllowed) << "storing";
  EXPECT_LT(highest, before + kAllowed) << "reading";
}

TEST_P(ObjectStoreTest, WritersOfOneKeyLeaveOneWholeValue) {
  constexpr int kWriters = 6, kRounds = 8;
  std::vector<std::string> values;
  for (int i = 0; i < kWriters; ++i)
    values.push_back(i % 2 == 0 ? std::string(1000, static_cast<char>('a' + i))
                                : Made(2 * kMiB + 1, static_cast<std::uint64_t>(i)));
  std::atomic<int> failures = 0;
  {
    std::latch start(kWriters);
    std::vector<std::jthread> threads;
    for (const std::string& value : values)
      threads.emplace_back([&, this] {
        start.arrive_and_wait();
        for (int round = 0; round < kRounds; ++round)
          if (!store_->PutBytes("key", value)) ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  const std::string last = Value(store_->GetBytes("key", 10 * kMiB));
  EXPECT_NE(std::ranges::find(values, last), values.end());
  EXPECT_EQ(Keys(), (blob::Keys{"key"}));
  Value(store_->Delete("key"));
  if (!database_) return;
  constexpr store::Statement kChunks{"test.chunks", "SELECT count(*) FROM object_chunks"};
  const auto rows = Value(database_->Read([&](store::Session& session) { return session.Run(kChunks); }));
  EXPECT_EQ(rows.rows[0][0].Integer(), 0) << "chunks of a replaced value are left";
}

// A reader gets all of one value, or an error; never a mixture or a short one.
TEST_P(ObjectStoreTest, ReadersBesideWritersAndDeletes) {
  const std::vector<std::string> values = {Made(3 * kMiB, 1), Made(3 * kMiB, 2), Made(100, 3)};
  std::atomic<bool> stop = false;
  std::atomic<int> whole = 0, wrong = 0;
  Value(store_->PutBytes("key", values[0]));
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i)
      readers.emplace_back([&, this] {
        while (!stop) {
          const auto value = store_->GetBytes("key", 10 * kMiB);
          if (value)
            std::ranges::find(values, *value) == values.end() ? ++wrong : ++whole;
          else if (value.error().Kind() != ErrorKind::kNotFound && value.error().Kind() != ErrorKind::kUnavailable)
            ++wrong;
        }
      });
    for (int round = 0; round < 10; ++round) {
      for (const std::string& value : values) Value(store_->PutBytes("key", value));
      Value(store_->Delete("key"));
    }
    Value(store_->PutBytes("key", values[2]));
    const int before = whole;
    while (whole == before && wrong == 0) std::this_thread::yield();
    stop = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(whole, 0);
}

TEST_P(ObjectStoreTest, ASourceOutlivesItsObject) {
  const std::string large = Made(4 * kMiB, 1);
  for (const bool replace : {false, true}) {
    for (const std::string& value : {std::string("small"), large}) {
      Value(store_->PutBytes("key", value));
      const auto source = Value(store_->Get("key"));
      std::string read(AsText(Value(source->Next(3))));
      if (replace)
        Value(store_->PutBytes("key", Made(4 * kMiB, 2)));
      else
        Value(store_->Delete("key"));
      const auto rest = source->ReadText(10 * kMiB);
      if (rest)
        EXPECT_EQ(read + *rest, value);
      else
        ExpectError(rest, ErrorKind::kUnavailable, "key");
    }
  }
}

TEST_P(ObjectStoreTest, AnotherReplicaSeesTheSame) {
  if (HoldsInMemory()) return;
  Value(store_->PutBytes("a/small", "x"));
  Value(store_->PutBytes("a/large", Made(2 * kMiB + 1, 1)));
  const auto other = Open();
  EXPECT_EQ(Value(other->GetBytes("a/small", 10)), "x");
  EXPECT_EQ(Value(other->GetBytes("a/large", 10 * kMiB)), Made(2 * kMiB + 1, 1));
  Value(other->Delete("a/small"));
  EXPECT_EQ(Keys(), (blob::Keys{"a/large"}));
}

}  // namespace
}  // namespace holdfast::blob
