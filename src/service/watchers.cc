#include "service/watchers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "service/background.h"

namespace holdfast::service {
namespace {

// How often watchers of subscriptions look for what is due.
constexpr std::int64_t kLookMs = 5'000;

}  // namespace

void StartCatalogWork(Background& background, const Platform& platform, Registries& registries,
                      const WatcherOptions& options) {
  const auto start = [&](std::string name, std::int64_t period, std::function<Result<bool>()> step) {
    if (period > 0)
      background.Start({.name = std::move(name), .period_ms = std::min(period, kLookMs), .step = std::move(step)});
  };
  // What one process is enough for.
  const auto start_single = [&](std::string name, std::string channel, std::int64_t period,
                                std::function<Result<bool>()> step) {
    if (period > 0)
      background.Start({.name = std::move(name),
                        .channel = std::move(channel),
                        .period_ms = period,
                        .once_in_platform = true,
                        .step = std::move(step)});
  };
  const WatcherPeriods& periods = options.periods;
  for (std::size_t i = 0; i < options.registry_threads; ++i)
    start(Format("tag_update {}", i), periods.tag_update,
          [&platform, &registries, options] { return WatchTags(platform, registries, options); });
  start("repo_update", periods.repo_update,
        [&platform, &registries, options] { return WatchRepositories(platform, registries, options); });
  start("policy_eval", periods.policy_eval, [&platform, options] { return WatchVerdicts(platform, options); });
  start("vuln_update", periods.vuln_update, [&platform, options] { return WatchVulnerabilities(platform, options); });
  start_single("service_watcher", "", periods.services,
               [&platform, options] { return WatchServices(platform, options); });
  start_single("image_gc", "deletions", periods.image_gc, [&platform] { return CollectImages(platform); });
  start_single("import_gc", "", periods.import_gc, [&platform] { return CollectImports(platform); });
  start_single("account_cleanup", "", periods.account_cleanup, [&platform] { return CollectAccounts(platform); });
  start_single("events_gc", "", periods.event_retention,
               [&platform, options] { return CollectEvents(platform, options); });
  start_single("abandoned_objects", "", periods.abandoned_objects,
               [&platform] { return CollectAbandonedObjects(platform); });
  start_single("content_gc", "", periods.unused_content, [&platform] { return CollectContent(platform); });
  start_single("objects_gc", "", periods.unused_objects, [&platform] { return CollectObjects(platform); });
  start_single("archive_tasks", "", periods.archive_tasks, [&platform] { return RunArchiveTasks(platform); });
}

}  // namespace holdfast::service
