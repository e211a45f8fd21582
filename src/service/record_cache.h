// RecordCache: layer records that were in use a moment ago, kept in memory in front of where they are kept for good.
// Images on the same base come in a row, and their records are megabytes that would travel again for each.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "service/record_store.h"

namespace holdfast::service {

struct RecordCacheOptions {
  std::uint64_t bytes_max = 32ULL * 1024 * 1024;  // of all records; one that is longer than a quarter is not kept
  // Less than what garbage collection grants an unused record: so what is kept here is there, too.
  std::chrono::milliseconds age_max = std::chrono::minutes(10);
};

// Safe to share; the store outlives it.
class RecordCache final : public RecordStore {
 public:
  explicit RecordCache(RecordStore& store, RecordCacheOptions options = {}) : store_(store), options_(options) {}

  [[nodiscard]] Result<std::string> LoadRecord(const RecordKey& key) override;
  [[nodiscard]] Result<void> StoreRecord(const RecordKey& key, std::string_view record,
                                         std::uint64_t layer_bytes) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    RecordKey key;
    std::string record;
    Clock::time_point loaded;
  };
  // Front: used last.
  using Entries = std::list<Entry>;

  [[nodiscard]] std::string Find(const RecordKey& key);  // empty: not there
  void Keep(const RecordKey& key, std::string_view record);
  void Drop(Entries::iterator entry);

  RecordStore& store_;
  const RecordCacheOptions options_;
  std::mutex mutex_;
  Entries entries_;
  std::map<RecordKey, Entries::iterator> by_key_;
  std::uint64_t bytes_ = 0;
};

}  // namespace holdfast::service
