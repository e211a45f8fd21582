#include "service/record_cache.h"

#include <gtest/gtest.h>

#include <thread>

#include "io/sha256.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

class CountedStore final : public RecordStore {
 public:
  Result<std::string> LoadRecord(const RecordKey& key) override {
    ++loads;
    const auto found = records.find(key);
    if (found == records.end()) return Fail(ErrorKind::kNotFound, "no such record");
    return found->second;
  }
  Result<void> StoreRecord(const RecordKey& key, std::string_view record, std::uint64_t) override {
    if (broken) return Fail(ErrorKind::kUnavailable, "away");
    records[key] = record;
    return {};
  }
  std::map<RecordKey, std::string> records;
  int loads = 0;
  bool broken = false;
};

RecordKey Key(std::string_view layer, std::string search_id = "") {
  return {Digest(io::Sha256Of(layer)), std::move(search_id)};
}

TEST(RecordCacheTest, ARecordIsLoadedOnce) {
  CountedStore store;
  RecordCache cache(store);
  store.records[Key("a")] = "record of a";
  store.records[Key("a", "5ea4c4")] = "with searches";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Value(cache.LoadRecord(Key("a"))), "record of a");
  EXPECT_EQ(store.loads, 1);
  EXPECT_EQ(Value(cache.LoadRecord(Key("a", "5ea4c4"))), "with searches");
  EXPECT_EQ(store.loads, 2);
}

TEST(RecordCacheTest, WhatIsStoredIsThere) {
  CountedStore store;
  RecordCache cache(store);
  Value(cache.StoreRecord(Key("a"), "first", 1));
  Value(cache.StoreRecord(Key("a"), "second", 1));
  EXPECT_EQ(store.records[Key("a")], "second");
  EXPECT_EQ(Value(cache.LoadRecord(Key("a"))), "second");
  EXPECT_EQ(store.loads, 0);
}

TEST(RecordCacheTest, WhatIsNotStoredForGoodIsNotThere) {
  CountedStore store;
  RecordCache cache(store);
  store.broken = true;
  ExpectError(cache.StoreRecord(Key("a"), "lost", 1), ErrorKind::kUnavailable);
  ExpectError(cache.LoadRecord(Key("a")), ErrorKind::kNotFound);
  ExpectError(cache.LoadRecord(Key("a")), ErrorKind::kNotFound);
  EXPECT_EQ(store.loads, 2);
}

TEST(RecordCacheTest, TheLeastUsedGoesFirstAndLongOnesAreNotKept) {
  CountedStore store;
  RecordCache cache(store, {.bytes_max = 40});
  for (const char* layer : {"a", "b", "c", "d"}) Value(cache.StoreRecord(Key(layer), std::string(10, layer[0]), 1));
  Value(cache.LoadRecord(Key("a")));
  Value(cache.StoreRecord(Key("e"), std::string(10, 'e'), 1));
  EXPECT_EQ(store.loads, 0);
  EXPECT_EQ(Value(cache.LoadRecord(Key("a"))), std::string(10, 'a'));
  EXPECT_EQ(store.loads, 0);
  EXPECT_EQ(Value(cache.LoadRecord(Key("b"))), std::string(10, 'b'));
  EXPECT_EQ(store.loads, 1);
  Value(cache.StoreRecord(Key("long"), std::string(11, 'l'), 1));
  EXPECT_EQ(Value(cache.LoadRecord(Key("long"))), std::string(11, 'l'));
  EXPECT_EQ(store.loads, 2);
}

TEST(RecordCacheTest, WhatIsOldIsAskedForAgain) {
  CountedStore store;
  RecordCache cache(store, {.age_max = std::chrono::milliseconds(0)});
  Value(cache.StoreRecord(Key("a"), "record", 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  store.records.clear();
  ExpectError(cache.LoadRecord(Key("a")), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace holdfast::service
