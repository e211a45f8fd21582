// The advisory snapshot in force: published once, as an object with a row in the database, fetched by every process
// that matches, mapped from a local file there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/package.h"
#include "service/platform.h"
#include "store/services.h"

namespace holdfast::advisory {
class Snapshot;
struct SnapshotInfo;
}  // namespace holdfast::advisory

namespace holdfast::service {

// Where the objects of snapshots are.
inline constexpr std::string_view kSnapshotPrefix = "snapshots/";

// Verifies the file and makes it the snapshot in force. Nothing happens when its content is in force already.
[[nodiscard]] Result<store::SnapshotEntry> PublishSnapshot(const Platform& platform, const std::filesystem::path& file);

// What the entry says of the snapshot.
struct PublishedGroup {
  std::string ecosystem, release;  // "Debian", "12"
  std::int64_t packages = 0;
};
struct PublishedInfo {
  std::int64_t generation = 0;
  std::int64_t published_at = 0;
  std::int64_t built_at = 0;  // of the data
  std::int64_t advisories = 0;
  std::vector<PublishedGroup> groups;

  // Whether there is data about that distribution.
  [[nodiscard]] bool Covers(const model::Distro& distro) const;
};
// Nothing was published yet: nothing.
[[nodiscard]] Result<std::optional<PublishedInfo>> FindPublished(store::Session& session);

// The local copy. Safe to share: several threads may match while a newer snapshot comes in; the old one is gone when
// the last of them is done.
class LocalSnapshot {
 public:
  // Files go into `folder`; those that a process with this host id left there when it was killed go with the first
  // Refresh.
  LocalSnapshot(const Platform& platform, std::filesystem::path folder);
  ~LocalSnapshot();

  struct Held {
    std::int64_t generation = 0;
    std::filesystem::path file;
  };
  // What is in force, as far as this process knows; null when nothing was published.
  [[nodiscard]] std::shared_ptr<const Held> Current() const;
  // Fetches what is in force, when that is not what is held; lets go of what is held when nothing is in force. A
  // damaged download leaves things as they were.
  [[nodiscard]] Result<std::shared_ptr<const Held>> Refresh();
  // One that was in force before, fetched when that is not what is held; null when it is not kept any more.
  [[nodiscard]] Result<std::shared_ptr<const Held>> Find(std::int64_t generation);

 private:
  void RemoveLeft();
  [[nodiscard]] Result<std::shared_ptr<const Held>> Fetch(const store::SnapshotEntry& entry);

  const Platform& platform_;
  std::filesystem::path folder_;
  bool tidied_ = false;
  mutable std::mutex mutex_;
  std::mutex refresh_mutex_;
  std::shared_ptr<const Held> held_;
};

}  // namespace holdfast::service
