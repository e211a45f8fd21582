// Watchers that clean up: services that are gone, images, import sessions and accounts in deletion, old events.

#include <span>
#include <utility>

#include "base/format.h"
#include "service/accounts.h"
#include "service/events.h"
#include "service/images.h"
#include "service/integrity.h"
#include "service/watchers.h"
#include "store/archives.h"
#include "store/imports.h"
#include "store/jobs.h"
#include "store/policies.h"
#include "store/registries.h"
#include "store/services.h"
#include "store/subscriptions.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kImagesAtOnce = 50;
constexpr std::int64_t kImportsAtOnce = 50;
constexpr std::int64_t kRowsAtOnce = 2'000;
constexpr std::int64_t kArchivedAtOnce = 100;
constexpr std::int64_t kImportLifeMs = 86'400'000;
constexpr std::int64_t kUploadLifeMs = 3'600'000;

Result<void> TellOfServices(const Platform& platform, store::Session& session, std::int64_t admin,
                            std::string_view type, std::string_view message,
                            const std::vector<store::Service>& services) {
  for (const store::Service& service : services)
    HF_CHECK_OK(RaiseEvent(platform, session,
                           {.account_id = admin,
                            .type = std::string(type),
                            .level = "error",
                            .source = "catalog",
                            .resource_type = "service",
                            .resource_id = Format("{}/{}", service.host_id, service.name),
                            .message = std::string(message)}));
  return {};
}

Result<std::vector<store::Service>> RemoveServices(store::Session& session, std::int64_t before) {
  HF_TRY(const auto services, store::ListServices(session, "", ""));
  std::vector<store::Service> removed;
  for (const store::Service& service : services) {
    if (service.heartbeat_at >= before) continue;
    HF_CHECK_OK(store::DeleteService(session, service.name, service.host_id));
    removed.push_back(service);
  }
  return removed;
}

// The objects first: a row that is still there finds them again, an object without a row nobody finds.
Result<void> RemoveImport(const Platform& platform, const store::Import& import) {
  HF_TRY(const auto contents, platform.database.Read([&](store::Session& session) {
    return store::ListImportContents(session, import.uuid, "");
  }));
  for (const store::ImportContent& content : contents) HF_CHECK_OK(platform.objects.Delete(content.object_key));
  return platform.database.Write([&](store::Session& session) { return store::DeleteImport(session, import.uuid); });
}

// One piece of what an account has; 0: that kind is done.
using Removal = Result<std::int64_t> (*)(const Platform&, std::int64_t account_id);

Result<std::int64_t> RemoveImages(const Platform& platform, std::int64_t account_id) {
  return platform.database.Write([&](store::Session& session) -> Result<std::int64_t> {
    HF_TRY(const auto rows, store::ListImageRowsOf(session, account_id, kImagesAtOnce));
    for (const std::int64_t row : rows) HF_CHECK_OK(store::DeleteImage(session, row));
    return static_cast<std::int64_t>(rows.size());
  });
}

Result<std::int64_t> RemoveArchived(const Platform& platform, std::int64_t account_id) {
  HF_TRY(const auto archived, platform.database.Read([&](store::Session& session) {
    return store::ListArchivedImages(session, account_id, 0, kArchivedAtOnce);
  }));
  for (const store::ArchivedImage& image : archived) {
    if (!image.object_key.empty()) HF_CHECK_OK(platform.objects.Delete(image.object_key));
    HF_CHECK_OK(platform.database.Write(
        [&](store::Session& session) { return store::DeleteArchivedImage(session, image.id); }));
  }
  return static_cast<std::int64_t>(archived.size());
}

Result<std::int64_t> RemoveImports(const Platform& platform, std::int64_t account_id) {
  HF_TRY(const auto imports,
         platform.database.Read([&](store::Session& session) { return store::ListImports(session, account_id); }));
  std::int64_t removed = 0;
  for (const store::Import& import : std::span(imports).first(std::min<std::size_t>(imports.size(), kImportsAtOnce))) {
    HF_CHECK_OK(RemoveImport(platform, import));
    ++removed;
  }
  return removed;
}

Result<std::int64_t> RemoveEvents(const Platform& platform, std::int64_t account_id) {
  return platform.database.Write(
      [&](store::Session& session) { return store::TrimEvents(session, account_id, INT64_MAX, kRowsAtOnce); });
}

// What is never many.
Result<void> RemoveRest(store::Session& session, std::int64_t account_id) {
  HF_CHECK_OK(store::DeleteJobsOf(session, account_id));
  HF_CHECK_OK(store::DeleteSubscriptionsOf(session, account_id));
  HF_CHECK_OK(store::DeletePoliciesOf(session, account_id));
  HF_CHECK_OK(store::DeleteRegistriesOf(session, account_id));
  HF_CHECK_OK(store::DeleteArchiveRulesOf(session, account_id));
  HF_CHECK_OK(store::DeleteUsersOf(session, account_id));
  return store::DeleteAccount(session, account_id);
}

// True: not all is gone yet.
Result<bool> RemoveSome(const Platform& platform, const store::Account& account) {
  constexpr Removal kRemovals[] = {&RemoveImages, &RemoveArchived, &RemoveImports, &RemoveEvents};
  for (const Removal& removal : kRemovals) {
    HF_TRY(const std::int64_t removed, removal(platform, account.id));
    if (removed > 0) return true;
  }
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) { return RemoveRest(session, account.id); }));
  platform.logger.Info(Format("account {} is deleted", account.name));
  return false;
}

}  // namespace

Result<bool> WatchServices(const Platform& platform, const WatcherOptions& options) {
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto admin, store::FindAccount(session, kAdminAccount));
    if (!admin) return {};
    const std::int64_t now = platform.Now();
    HF_TRY(const auto down, store::MoveSilentServices(session, "up", "down", now - options.service_down_ms));
    HF_CHECK_OK(TellOfServices(platform, session, admin->id, "system.service.state_transition.down",
                               "The instance does not answer", down));
    HF_TRY(const auto orphaned,
           store::MoveSilentServices(session, "down", "orphaned", now - options.service_orphaned_ms));
    HF_CHECK_OK(TellOfServices(platform, session, admin->id, "system.service.state_transition.orphaned",
                               "The instance has not been heard of for long", orphaned));
    HF_TRY(const auto removed, RemoveServices(session, now - options.service_removed_ms));
    return TellOfServices(platform, session, admin->id, "system.service.removed", "The instance was forgotten",
                          removed);
  }));
  return false;
}

Result<bool> CollectImages(const Platform& platform) {
  HF_TRY(const std::size_t removed, PurgeDeletedImages(platform, kImagesAtOnce));
  return static_cast<std::int64_t>(removed) == kImagesAtOnce;
}

Result<bool> CollectImports(const Platform& platform) {
  const std::int64_t now = platform.Now();
  HF_TRY(const auto ended, platform.database.Write([&](store::Session& session) -> Result<std::vector<store::Import>> {
    HF_CHECK_OK(store::ExpireImports(session, now));
    return store::ListEndedImports(session, now - kImportLifeMs, kImportsAtOnce);
  }));
  for (const store::Import& import : ended) HF_CHECK_OK(RemoveImport(platform, import));
  return static_cast<std::int64_t>(ended.size()) == kImportsAtOnce;
}

Result<bool> CollectAccounts(const Platform& platform) {
  HF_TRY(const auto accounts,
         platform.database.Read([](store::Session& session) { return store::ListAccounts(session, "deleting"); }));
  bool more = false;
  for (const store::Account& account : accounts) {
    const auto removed = RemoveSome(platform, account);
    if (removed)
      more = more || *removed;
    else
      platform.logger.Warning(Format("deleting account {}: {}", account.name, removed.error().Message()));
  }
  return more;
}

Result<bool> CollectAbandonedObjects(const Platform& platform) {
  HF_CHECK_OK(platform.objects.RemoveAbandoned(platform.Now() - kUploadLifeMs));
  return false;
}

Result<bool> CollectContent(const Platform& platform) {
  HF_TRY(const std::uint64_t removed, RemoveUnusedRows(platform, kOrphanGraceMs));
  if (removed > 0) platform.logger.Info(Format("{} rows that nobody needed are gone", removed));
  return false;
}

Result<bool> CollectObjects(const Platform& platform) {
  HF_TRY(const std::uint64_t removed, RemoveUnusedObjects(platform, kOrphanGraceMs));
  if (removed > 0) platform.logger.Info(Format("{} objects that nobody needed are gone", removed));
  return false;
}

Result<bool> CollectEvents(const Platform& platform, const WatcherOptions& options) {
  if (options.event_life_ms <= 0) return false;
  HF_TRY(const auto accounts,
         platform.database.Read([](store::Session& session) { return store::ListAccounts(session, ""); }));
  const std::int64_t before = platform.Now() - options.event_life_ms;
  bool more = false;
  for (const store::Account& account : accounts) {
    HF_TRY(const std::int64_t removed, platform.database.Write([&](store::Session& session) {
      return store::TrimEvents(session, account.id, before, kRowsAtOnce);
    }));
    more = more || removed == kRowsAtOnce;
  }
  return more;
}

}  // namespace holdfast::service
