// The feed of vulnerabilities as clients know it: one feed whose groups are the namespaces of the snapshot in force,
// and the way in which a new snapshot comes into force.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "service/platform.h"
#include "service/snapshot_mirror.h"
#include "store/services.h"

namespace holdfast::service {

inline constexpr std::string_view kVulnerabilityFeed = "vulnerabilities";

// Where snapshots come from. Called by one thread in the platform at a time.
class FeedSource {
 public:
  virtual ~FeedSource() = default;
  // A snapshot of all there is now, made or fetched. The file stays as it is until the next call.
  [[nodiscard]] virtual Result<std::filesystem::path> Fetch() = 0;
};

// From `from`: a folder of advisory data, of which a snapshot is built in `work_folder`, where the last good data of
// each of its sources is kept, too (advisory/build.h); or a snapshot, as it is. The clock outlives the source.
[[nodiscard]] std::unique_ptr<FeedSource> MakeLocalFeedSource(std::filesystem::path from,
                                                              std::filesystem::path work_folder, const Clock& clock);

struct MirrorFeedOptions {
  std::string from;                              // a URL or a folder, see snapshot_mirror.h
  std::vector<std::filesystem::path> key_files;  // read anew with each fetch
  bool allow_unsigned = false;
  MirrorOptions reading;
};
// Follows what another site publishes; the copy is kept in `work_folder`, and never goes back in time. Clock and logger
// outlive the source.
[[nodiscard]] std::unique_ptr<FeedSource> MakeMirrorFeedSource(MirrorFeedOptions options,
                                                               std::filesystem::path work_folder, const Clock& clock,
                                                               Logger& logger);

struct FeedGroup {
  std::string name;  // "debian:12", "github:npm"
  std::int64_t records = 0;
};
struct FeedRecord {
  store::Feed feed;               // synced_at: when a snapshot came into force, or was seen to be still the newest
  std::vector<FeedGroup> groups;  // by name
};
// Makes the feed's record when it is not there.
[[nodiscard]] Result<FeedRecord> GetVulnerabilityFeed(const Platform& platform);

// "debian:12": the namespace of what OSV calls Debian and 12.
[[nodiscard]] std::string FeedGroupName(std::string_view ecosystem, std::string_view release);

struct FeedSync {
  bool skipped = false;           // the feed is turned off
  std::string failure;            // why no snapshot came into force; empty: it is up to date
  std::int64_t duration_ms = 0;   // of the whole
  std::vector<FeedGroup> groups;  // afterwards
};
// Fetches and publishes a snapshot, and tells so by events of the administrator's account; of sources whose older data
// is in it, too. A source that fails is an answer, not an error, and leaves the snapshot in force. kConflict while
// another sync runs, here or in another process.
[[nodiscard]] Result<FeedSync> SyncFeeds(const Platform& platform, FeedSource& source);

[[nodiscard]] Result<FeedRecord> SetVulnerabilityFeedEnabled(const Platform& platform, bool enabled);
// Removes all published snapshots: nothing is matched until the next sync; findings stay as they are. kConflict while
// the feed is turned on or a sync runs.
[[nodiscard]] Result<FeedRecord> RemoveVulnerabilityFeed(const Platform& platform);

}  // namespace holdfast::service
