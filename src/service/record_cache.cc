#include "service/record_cache.h"

namespace holdfast::service {

Result<std::string> RecordCache::LoadRecord(const RecordKey& key) {
  if (std::string kept = Find(key); !kept.empty()) return kept;
  HF_TRY(std::string record, store_.LoadRecord(key));
  Keep(key, record);
  return record;
}

Result<void> RecordCache::StoreRecord(const RecordKey& key, std::string_view record, std::uint64_t layer_bytes) {
  HF_CHECK_OK(store_.StoreRecord(key, record, layer_bytes));
  Keep(key, record);
  return {};
}

std::string RecordCache::Find(const RecordKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  if (Clock::now() - found->second->loaded > options_.age_max) {
    Drop(found->second);
    return {};
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->record;
}

void RecordCache::Keep(const RecordKey& key, std::string_view record) {
  if (record.size() > options_.bytes_max / 4) return;
  const std::scoped_lock lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) Drop(found->second);
  entries_.push_front({key, std::string(record), Clock::now()});
  by_key_.emplace(key, entries_.begin());
  bytes_ += record.size();
  while (bytes_ > options_.bytes_max) Drop(std::prev(entries_.end()));
}

void RecordCache::Drop(Entries::iterator entry) {
  bytes_ -= entry->record.size();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace holdfast::service
