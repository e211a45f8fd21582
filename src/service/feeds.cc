#include "service/feeds.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/snapshot.h"
#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "sbom/anchore_vulnerabilities.h"
#include "service/accounts.h"
#include "service/events.h"
#include "service/lease_keeper.h"
#include "service/published_snapshot.h"
#include "service/snapshot_update.h"
#include "store/object_references.h"

namespace holdfast::service {
namespace {

constexpr std::string_view kLeaseName = "feed_sync";
// With the one in force: others may still be fetching the one before.
constexpr std::int64_t kSnapshotsKept = 3;
constexpr std::size_t kSnapshotsListed = 1'000;

// Distributions by OSV's name, for the namespaces that a distribution's findings are reported under.
struct Distribution {
  std::string_view ecosystem, id;
};
constexpr auto kDistributions = std::to_array<Distribution>({
    {"AlmaLinux", "almalinux"},
    {"Alpine", "alpine"},
    {"Amazon Linux", "amzn"},
    {"Arch Linux", "arch"},
    {"Azure Linux", "azurelinux"},
    {"Chainguard", "chainguard"},
    {"Debian", "debian"},
    {"EPEL", "epel"},
    {"Echo", "echo"},
    {"Fedora", "fedora"},
    {"Gentoo", "gentoo"},
    {"Microsoft", "windows"},
    {"MinimOS", "minimos"},
    {"Photon OS", "photon"},
    {"Red Hat", "rhel"},
    {"Rocky Linux", "rocky"},
    {"Ubuntu", "ubuntu"},
    {"Wolfi", "wolfi"},
});

class LocalFeedSource final : public FeedSource {
 public:
  LocalFeedSource(std::filesystem::path from, std::filesystem::path work_folder, const Clock& clock)
      : from_(std::move(from)), work_folder_(std::move(work_folder)), clock_(clock) {}

  Result<std::filesystem::path> Fetch() override {
    std::error_code error;
    const auto status = std::filesystem::status(from_, error);
    if (!std::filesystem::exists(status))
      return Fail(ErrorKind::kNotFound, Format("{}: there are no advisories", from_.string()));
    if (!std::filesystem::is_directory(status)) return from_;
    std::filesystem::create_directories(work_folder_, error);
    if (error) return Fail(ErrorKind::kDenied, Format("{}: {}", work_folder_.string(), error.message()));
    const std::filesystem::path file = work_folder_ / "vulnerabilities.hfdb";
    HF_CHECK_OK(
        advisory::BuildSnapshot(advisory::BuiltinProviders(), from_, file,
                                {.built = FormatTime(clock_.NowMs()), .sources_folder = work_folder_ / "sources"}));
    return file;
  }

 private:
  std::filesystem::path from_, work_folder_;
  const Clock& clock_;
};

class MirrorFeedSource final : public FeedSource {
 public:
  MirrorFeedSource(MirrorFeedOptions options, std::filesystem::path work_folder, const Clock& clock, Logger& logger)
      : options_(std::move(options)), work_folder_(std::move(work_folder)), clock_(clock), logger_(logger) {}

  Result<std::filesystem::path> Fetch() override {
    UpdateOptions update{.snapshot = work_folder_ / "followed.hfdb",
                         .keys = {},
                         .allow_unsigned = options_.allow_unsigned,
                         .allow_older = false};
    update.now_ms = clock_.NowMs();
    HF_TRY(update.keys, crypto::TrustedKeys::Load(options_.key_files));
    HF_TRY(const UpdateReport report, UpdateFromMirror(options_.from, options_.reading, update, logger_));
    if (!report.unchanged)
      logger_.Info(Format("advisories built {} fetched from {}: {} of {} chunks, {} bytes", report.snapshot.built,
                          options_.from, report.chunks_fetched, report.chunks, report.bytes_moved));
    return update.snapshot;
  }

 private:
  MirrorFeedOptions options_;
  std::filesystem::path work_folder_;
  const Clock& clock_;
  Logger& logger_;
};

std::vector<FeedGroup> GroupsOf(const PublishedInfo& info) {
  std::map<std::string, std::int64_t> records;
  for (const PublishedGroup& group : info.groups)
    records[FeedGroupName(group.ecosystem, group.release)] += group.packages;
  std::vector<FeedGroup> groups;
  groups.reserve(records.size());
  for (const auto& [name, count] : records) groups.push_back({name, count});
  return groups;
}

Result<FeedRecord> ReadFeed(store::Session& session, store::Feed feed) {
  FeedRecord record{.feed = std::move(feed), .groups = {}};
  HF_TRY(const auto info, FindPublished(session));
  if (!info) return record;
  // Published by other means than a sync.
  if (!record.feed.synced_at) record.feed.synced_at = info->published_at;
  record.groups = GroupsOf(*info);
  return record;
}

// The names of events end in what happened: "system.feeds.sync.started".
Result<void> Tell(const Platform& platform, store::Session& session, std::string_view what, std::string_view failure) {
  HF_TRY(const auto admin, store::FindAccount(session, kAdminAccount));
  if (!admin) return {};
  io::JsonWriter details;
  details.BeginObject().OptionalField("error", failure).EndObject();
  const bool whole = !what.starts_with("feed_");
  return RaiseEvent(platform, session,
                    {.account_id = admin->id,
                     .type = Format("system.feeds.sync.{}", what),
                     .level = failure.empty() ? "info" : "error",
                     .source = "policy_engine",
                     .resource_type = whole ? "feeds" : "feed",
                     .resource_id = whole ? std::string() : std::string(kVulnerabilityFeed),
                     .message = Format("Feed sync: {} {}", kVulnerabilityFeed, what),
                     .details = details.Take()});
}

Result<void> TellStarted(const Platform& platform) {
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_CHECK_OK(Tell(platform, session, "started", ""));
    return Tell(platform, session, "feed_started", "");
  });
}

Result<FeedRecord> TellEnded(const Platform& platform, std::string_view failure) {
  return platform.database.Write([&](store::Session& session) -> Result<FeedRecord> {
    const std::int64_t now = platform.Now();
    const std::string_view end = failure.empty() ? "completed" : "failed";
    HF_CHECK_OK(Tell(platform, session, Format("feed_{}", end), failure));
    HF_CHECK_OK(Tell(platform, session, end, failure));
    if (failure.empty()) HF_CHECK_OK(store::SetFeedSynced(session, kVulnerabilityFeed, now, now));
    HF_TRY(auto feed, store::GetFeed(session, kVulnerabilityFeed, now));
    return ReadFeed(session, std::move(feed));
  });
}

// Rows of snapshots that were replaced long ago; then the objects that no row has: those of these, and what a process
// that was lost while it published left. Requires: nobody else publishes.
Result<void> RemoveOldSnapshots(const Platform& platform) {
  HF_CHECK_OK(platform.database.Write([](store::Session& session) -> Result<void> {
    HF_TRY(const auto old, store::ListOldSnapshots(session, kSnapshotsKept));
    for (const store::SnapshotEntry& entry : old) HF_CHECK_OK(store::DeleteSnapshot(session, entry.generation));
    return {};
  }));
  HF_TRY(const auto listed, platform.objects.List(kSnapshotPrefix, "", kSnapshotsListed));
  std::vector<std::string> keys;
  keys.reserve(listed.size());
  for (const blob::ObjectInfo& object : listed) keys.push_back(object.key);
  HF_TRY(const auto needed, platform.database.Read([&](store::Session& session) {
    return store::FindObjectKeys(session, store::ObjectColumn::kSnapshots, keys);
  }));
  for (const std::string& key : keys)
    if (std::ranges::find(needed, key) == needed.end()) HF_CHECK_OK(platform.objects.Delete(key));
  return {};
}

// Sources of which the snapshot has older data, since what they give now is not good.
Result<void> TellKept(const Platform& platform, const std::filesystem::path& file) {
  HF_TRY(const auto snapshot, advisory::Snapshot::Open(file));
  for (const advisory::SnapshotSource& source : snapshot->Info().sources) {
    if (source.failure.empty()) continue;
    platform.logger.Warning(
        Format("feed sync: {}: the data is that of {}: {}", source.name, source.read, source.failure));
    HF_CHECK_OK(platform.database.Write([&](store::Session& session) -> Result<void> {
      HF_TRY(const auto admin, store::FindAccount(session, kAdminAccount));
      if (!admin) return {};
      io::JsonWriter details;
      details.BeginObject().Field("error", source.failure).Field("read", source.read).EndObject();
      return RaiseEvent(platform, session,
                        {.account_id = admin->id,
                         .type = "system.feeds.sync.group_failed",
                         .level = "error",
                         .source = "policy_engine",
                         .resource_type = "feed_group",
                         .resource_id = source.name,
                         .message = Format("Feed sync: {}: older data stays in force", source.name),
                         .details = details.Take()});
    }));
  }
  return {};
}

Result<void> FetchAndPublish(const Platform& platform, FeedSource& source) {
  HF_TRY_IN("fetching advisories", const auto file, source.Fetch());
  HF_TRY_IN("publishing advisories", [[maybe_unused]] const auto entry, PublishSnapshot(platform, file));
  HF_CHECK_OK(TellKept(platform, file));
  if (const auto removed = RemoveOldSnapshots(platform); !removed)
    platform.logger.Warning(Format("old snapshots were not removed: {}", removed.error().Message()));
  return {};
}

}  // namespace

std::unique_ptr<FeedSource> MakeLocalFeedSource(std::filesystem::path from, std::filesystem::path work_folder,
                                                const Clock& clock) {
  return std::make_unique<LocalFeedSource>(std::move(from), std::move(work_folder), clock);
}

std::unique_ptr<FeedSource> MakeMirrorFeedSource(MirrorFeedOptions options, std::filesystem::path work_folder,
                                                 const Clock& clock, Logger& logger) {
  return std::make_unique<MirrorFeedSource>(std::move(options), std::move(work_folder), clock, logger);
}

std::string FeedGroupName(std::string_view ecosystem, std::string_view release) {
  const auto* found = std::ranges::find(kDistributions, ecosystem, &Distribution::ecosystem);
  if (found != kDistributions.end()) {
    if (found->id == "alpine" && release.starts_with('v')) release.remove_prefix(1);
    model::Distro distro;
    distro.id = found->id;
    distro.version_id = release;
    return sbom::FeedGroup({}, {}, distro);
  }
  if (!release.empty()) return Format("{}:{}", LowerCase(ecosystem), release);
  model::Package package;
  package.ecosystem = ecosystem;
  return sbom::FeedGroup({}, package, {});
}

Result<FeedRecord> GetVulnerabilityFeed(const Platform& platform) {
  const auto found = platform.database.Read([&](store::Session& session) -> Result<std::optional<FeedRecord>> {
    HF_TRY(auto feed, store::FindFeed(session, kVulnerabilityFeed));
    if (!feed) return std::nullopt;
    HF_TRY(auto record, ReadFeed(session, *std::move(feed)));
    return record;
  });
  if (!found) return std::unexpected(found.error());
  if (*found) return **found;
  return platform.database.Write([&](store::Session& session) -> Result<FeedRecord> {
    HF_TRY(auto feed, store::GetFeed(session, kVulnerabilityFeed, platform.Now()));
    return ReadFeed(session, std::move(feed));
  });
}

Result<FeedSync> SyncFeeds(const Platform& platform, FeedSource& source) {
  HF_TRY(const auto lease, LeaseKeeper::Acquire(platform, kLeaseName));
  HF_TRY(const FeedRecord before, GetVulnerabilityFeed(platform));
  if (!before.feed.enabled) return FeedSync{.skipped = true, .failure = {}, .duration_ms = 0, .groups = before.groups};
  HF_CHECK_OK(TellStarted(platform));
  const std::int64_t begin = platform.Now();
  const auto published = FetchAndPublish(platform, source);
  const std::string failure = published ? std::string() : published.error().Message();
  if (!published) platform.logger.Warning(Format("feed sync: {}", failure));
  HF_TRY(FeedRecord after, TellEnded(platform, failure));
  return FeedSync{
      .skipped = false, .failure = failure, .duration_ms = platform.Now() - begin, .groups = std::move(after.groups)};
}

Result<FeedRecord> SetVulnerabilityFeedEnabled(const Platform& platform, bool enabled) {
  return platform.database.Write([&](store::Session& session) -> Result<FeedRecord> {
    const std::int64_t now = platform.Now();
    HF_CHECK_OK(store::GetFeed(session, kVulnerabilityFeed, now));
    HF_CHECK_OK(store::SetFeedEnabled(session, kVulnerabilityFeed, enabled, now));
    HF_TRY(auto feed, store::GetFeed(session, kVulnerabilityFeed, now));
    return ReadFeed(session, std::move(feed));
  });
}

Result<FeedRecord> RemoveVulnerabilityFeed(const Platform& platform) {
  HF_TRY(const auto lease, LeaseKeeper::Acquire(platform, kLeaseName));
  std::vector<store::SnapshotEntry> gone;
  auto record = platform.database.Write([&](store::Session& session) -> Result<FeedRecord> {
    const std::int64_t now = platform.Now();
    HF_TRY(auto feed, store::GetFeed(session, kVulnerabilityFeed, now));
    if (feed.enabled) return Fail(ErrorKind::kConflict, "the feed must be disabled before it is deleted");
    HF_TRY(gone, store::ListOldSnapshots(session, 0));
    for (const store::SnapshotEntry& entry : gone) HF_CHECK_OK(store::DeleteSnapshot(session, entry.generation));
    HF_CHECK_OK(store::SetFeedSynced(session, kVulnerabilityFeed, std::nullopt, now));
    HF_CHECK_OK(session.Notify("snapshots"));
    HF_TRY(feed, store::GetFeed(session, kVulnerabilityFeed, now));
    return ReadFeed(session, std::move(feed));
  });
  HF_CHECK_OK(record);
  // An object that stays behind is only dead weight.
  for (const store::SnapshotEntry& entry : gone)
    if (const auto deleted = platform.objects.Delete(entry.object_key); !deleted)
      platform.logger.Warning(Format("{} was not deleted: {}", entry.object_key, deleted.error().Message()));
  return record;
}

}  // namespace holdfast::service
