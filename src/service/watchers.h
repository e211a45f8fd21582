// Watchers: what the catalog role does by itself, in steps (background.h). Each step takes a bounded piece of work and
// says whether there may be more.
//
// Watchers of subscriptions run in any number of processes and threads: a subscription that is due is taken by one of
// them. It is due again one period later, up to a tenth of it earlier or later, by a hash of its id: what was
// activated together is spread out, and stays so.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "service/platform.h"
#include "service/registries.h"

namespace holdfast::service {

class Background;

// Milliseconds between two looks; 0: never.
struct WatcherPeriods {
  std::int64_t tag_update = 3'600'000;
  std::int64_t repo_update = 60'000;
  std::int64_t policy_eval = 3'600'000;
  std::int64_t vuln_update = 14'400'000;
  std::int64_t services = 15'000;
  std::int64_t image_gc = 60'000;
  std::int64_t import_gc = 60'000;
  std::int64_t account_cleanup = 30'000;
  std::int64_t event_retention = 43'200'000;
  std::int64_t archive_tasks = 43'200'000;
  std::int64_t abandoned_objects = 3'600'000;
  std::int64_t unused_content = 3'600'000;
  std::int64_t unused_objects = 86'400'000;
};

struct WatcherOptions {
  WatcherPeriods periods;
  std::size_t registry_threads = 4;        // for tags: one registry that hangs does not hold up all
  std::int64_t compressed_bytes_max = -1;  // of an image that a watcher adds; -1: no limit
  std::int64_t service_down_ms = 300'000;  // without a heartbeat
  std::int64_t service_orphaned_ms = 3'600'000;
  std::int64_t service_removed_ms = 86'400'000;
  std::int64_t event_life_ms = 180LL * 86'400'000;  // 0: for ever
};

// Starts all that has a period. Everything given outlives the background.
void StartCatalogWork(Background& background, const Platform& platform, Registries& registries,
                      const WatcherOptions& options);

// `period` later, a little more or less.
[[nodiscard]] std::int64_t NextDue(std::int64_t now, std::int64_t period, std::int64_t id);

// Asks registries what watched tags point at. Another digest: the image is added, and whoever watches is told; a tag's
// first image is added silently. A registry that fails is asked less and less often; an event tells when that begins.
[[nodiscard]] Result<bool> WatchTags(const Platform& platform, Registries& registries, const WatcherOptions& options);
// Asks registries for the tags of watched repositories. The first look remembers them; new ones are added as images,
// and watched when the subscription says autosubscribe.
[[nodiscard]] Result<bool> WatchRepositories(const Platform& platform, Registries& registries,
                                             const WatcherOptions& options);
// Evaluates the newest image of each tag, and the digests that the subscription lists. The first verdict is
// remembered; then each change between go, warn and stop is told.
[[nodiscard]] Result<bool> WatchVerdicts(const Platform& platform, const WatcherOptions& options);
// Compares the findings of the newest image of each tag, and of the digests that the subscription lists, with those
// that were there before; the first look at an image remembers them.
[[nodiscard]] Result<bool> WatchVulnerabilities(const Platform& platform, const WatcherOptions& options);
// The findings of these package contexts are others now: subscriptions to images that hold them are due at once. Those
// that are looked at just now, or within ten minutes anyway, are left alone. A hint: without it they are looked at a
// period later.
[[nodiscard]] Result<void> HastenVulnerabilityWatchers(const Platform& platform,
                                                       std::span<const std::int64_t> contexts);

// Services without a heartbeat become down, then orphaned, then are forgotten; with events of the administrator.
[[nodiscard]] Result<bool> WatchServices(const Platform& platform, const WatcherOptions& options);
[[nodiscard]] Result<bool> CollectImages(const Platform& platform);
// Import sessions expire; those that ended a day ago go, with what was uploaded.
[[nodiscard]] Result<bool> CollectImports(const Platform& platform);
// Accounts in deletion lose their things, then go.
[[nodiscard]] Result<bool> CollectAccounts(const Platform& platform);
[[nodiscard]] Result<bool> CollectEvents(const Platform& platform, const WatcherOptions& options);
// What Puts that were broken off an hour ago left in the object store goes.
[[nodiscard]] Result<bool> CollectAbandonedObjects(const Platform& platform);
// What no image needs any more goes, an hour after it came: analyses, package sets, jobs (integrity.h).
[[nodiscard]] Result<bool> CollectContent(const Platform& platform);
[[nodiscard]] Result<bool> CollectObjects(const Platform& platform);
// Runs the rules of the archive (archive_rules.h) for one account after the other.
[[nodiscard]] Result<bool> RunArchiveTasks(const Platform& platform);

}  // namespace holdfast::service
