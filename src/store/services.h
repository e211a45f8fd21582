// The processes of the platform, the advisory snapshots that were published, and the feeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace holdfast::store {

struct Service {
  std::string name;  // apiext, catalog, simplequeue, policy_engine, analyzer, feeds
  std::string host_id;
  std::string base_url, version;
  bool up = true;
  std::string state = "up";   // up, down, orphaned
  std::string detail = "{}";  // JSON object
  std::int64_t heartbeat_at = 0;
};

// Inserts or replaces it.
[[nodiscard]] Result<void> PutService(Session& session, const Service& service);
// By name and host; empty: any.
[[nodiscard]] Result<std::vector<Service>> ListServices(Session& session, std::string_view name,
                                                        std::string_view host_id);
// Those in `state` whose heartbeat is older than `before` go to `next`; what was changed.
[[nodiscard]] Result<std::vector<Service>> MoveSilentServices(Session& session, std::string_view state,
                                                              std::string_view next, std::int64_t before);
[[nodiscard]] Result<bool> DeleteService(Session& session, std::string_view name, std::string_view host_id);

struct SnapshotEntry {
  std::int64_t generation = 0;  // ascending: the greatest is in force
  Sha256Value digest;           // of the file
  std::string object_key;
  std::string info;  // JSON
  std::int64_t created_at = 0;
};
[[nodiscard]] Result<SnapshotEntry> InsertSnapshot(Session& session, SnapshotEntry entry);
[[nodiscard]] Result<std::optional<SnapshotEntry>> FindNewestSnapshot(Session& session);
[[nodiscard]] Result<std::optional<SnapshotEntry>> FindSnapshot(Session& session, std::int64_t generation);
// Older than the newest `keep`, without the one that contexts are decided with (matching_epoch.h), unless `keep` is 0.
[[nodiscard]] Result<std::vector<SnapshotEntry>> ListOldSnapshots(Session& session, std::int64_t keep);
[[nodiscard]] Result<void> DeleteSnapshot(Session& session, std::int64_t generation);

struct Feed {
  std::string name;
  bool enabled = true;
  std::int64_t created_at = 0, updated_at = 0;
  std::optional<std::int64_t> synced_at;
};
[[nodiscard]] Result<std::optional<Feed>> FindFeed(Session& session, std::string_view name);
// Inserted when it is not there.
[[nodiscard]] Result<Feed> GetFeed(Session& session, std::string_view name, std::int64_t now);
[[nodiscard]] Result<void> SetFeedEnabled(Session& session, std::string_view name, bool enabled, std::int64_t now);
[[nodiscard]] Result<void> SetFeedSynced(Session& session, std::string_view name,
                                         const std::optional<std::int64_t>& synced_at, std::int64_t now);

}  // namespace holdfast::store
