#include "service/watched.h"

#include <utility>

#include "base/format.h"
#include "io/json.h"
#include "service/registries.h"
#include "service/watchers.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kBatch = 10;
constexpr std::size_t kListedDigestsMax = 1'000;

Result<std::optional<store::Account>> FindOwner(const Platform& platform, const store::Subscription& subscription) {
  return platform.database.Read(
      [&](store::Session& session) { return store::FindAccountById(session, subscription.account_id); });
}

}  // namespace

std::int64_t NextDue(std::int64_t now, std::int64_t period, std::int64_t id) {
  // The finaliser of splitmix64: neighbouring ids land far apart.
  auto hash = static_cast<std::uint64_t>(id) + 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  hash ^= hash >> 31;
  constexpr std::int64_t kSteps = 1'000;
  const std::int64_t step = static_cast<std::int64_t>(hash % (2 * kSteps + 1)) - kSteps;
  return now + period + period / 10 * step / kSteps;
}

Result<bool> CheckDue(const Platform& platform, std::string_view type, std::int64_t period, const Check& check) {
  HF_TRY(const auto due, platform.database.Write([&](store::Session& session) {
    const std::int64_t now = platform.Now();
    return store::TakeDueSubscriptions(session, type, now, now + kTakenMs, kBatch);
  }));
  for (const store::Subscription& subscription : due) {
    HF_TRY(const auto account, FindOwner(platform, subscription));
    if (!account) continue;
    const auto checked = check(*account, subscription);
    if (checked) continue;
    platform.logger.Warning(
        Format("{} of {} for account {}: {}", type, subscription.key, account->name, checked.error().Message()));
    HF_CHECK_OK(Settle(platform, subscription, subscription.state, period));
  }
  return static_cast<std::int64_t>(due.size()) == kBatch;
}

Result<void> Settle(const Platform& platform, store::Session& session, const store::Subscription& subscription,
                    const std::optional<std::string>& state, std::int64_t period) {
  return store::SetSubscriptionState(session, subscription.id, state, NextDue(platform.Now(), period, subscription.id));
}

Result<void> Settle(const Platform& platform, const store::Subscription& subscription,
                    const std::optional<std::string>& state, std::int64_t period) {
  return platform.database.Write(
      [&](store::Session& session) { return Settle(platform, session, subscription, state, period); });
}

Result<std::optional<store::Image>> FindTagged(const Platform& platform, const store::Account& account,
                                               std::string_view full_tag) {
  HF_TRY(const auto name, ParseImageName(full_tag));
  return platform.database.Read([&](store::Session& session) -> Result<std::optional<store::Image>> {
    HF_TRY(const auto row, store::FindNewestOfTag(session, account.id, name.registry, name.repository, name.tag));
    if (!row) return std::nullopt;
    return store::FindImageByRow(session, *row);
  });
}

Result<std::vector<WatchedImage>> FindWatchedImages(const Platform& platform, const store::Account& account,
                                                    const store::Subscription& subscription) {
  std::vector<WatchedImage> watched;
  const auto add = [&](std::string key, std::optional<store::Image> image) {
    if (image && image->analysis_status == store::AnalysisStatus::kAnalyzed &&
        image->image_status == store::ImageStatus::kActive)
      watched.push_back({std::move(key), *std::move(image)});
  };
  HF_TRY(auto newest, FindTagged(platform, account, subscription.key));
  add("tag", std::move(newest));
  const auto value = io::JsonDocument::Parse(subscription.value.value_or("{}"));
  if (!value) return watched;
  const io::JsonView digests = value->Root()["digests"];
  for (std::size_t i = 0; i < digests.Size() && i < kListedDigestsMax; ++i) {
    const auto digest = Digest::Parse(digests.At(i).StringOr(""));
    if (!digest) continue;
    HF_TRY(auto image, platform.database.Read(
                           [&](store::Session& session) { return store::FindImage(session, account.id, *digest); }));
    add(digest->Text(), std::move(image));
  }
  return watched;
}

}  // namespace holdfast::service
