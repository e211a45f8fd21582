#include "service/subscriptions.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/wire.h"
#include "io/sha256.h"

namespace holdfast::service {
namespace {

constexpr std::array<std::string_view, 4> kTagTypes = {"policy_eval", "tag_update", "vuln_update", "analysis_update"};

}  // namespace

bool IsSubscriptionType(std::string_view type) {
  return type == "repo_update" || std::ranges::find(kTagTypes, type) != kTagTypes.end();
}

std::string SubscriptionId(std::string_view account, std::string_view key, std::string_view type) {
  return io::Sha256Of(WireWriter().Text(account).Text(key).Text(type).Take()).Hex().substr(0, 32);
}

store::Subscription NewSubscription(const store::Account& account, std::string_view key, std::string_view type,
                                    std::int64_t now) {
  return {.account_id = account.id,
          .subscription_id = SubscriptionId(account.name, key, type),
          .key = std::string(key),
          .type = std::string(type),
          .active = true,
          .due_at = now,
          .created_at = now,
          .updated_at = now};
}

Result<void> EnsureTagSubscriptions(store::Session& session, std::span<const TagToWatch> tags, std::int64_t now) {
  std::vector<store::Subscription> wanted;
  for (const auto& [account, full_tag, watch] : tags)
    for (const std::string_view type : kTagTypes) {
      wanted.push_back(NewSubscription(account, full_tag, type, now));
      wanted.back().active = type == "analysis_update" || (type == "tag_update" && watch);
    }
  // So that no two transactions with the same tags wait for each other in turn.
  std::ranges::sort(wanted, {}, &store::Subscription::subscription_id);
  HF_CHECK_OK(store::InsertSubscriptions(session, wanted));
  return {};
}

Result<void> EnsureTagSubscriptions(store::Session& session, const store::Account& account, std::string_view full_tag,
                                    bool watch, std::int64_t now) {
  const TagToWatch tag{account, std::string(full_tag), watch};
  return EnsureTagSubscriptions(session, {&tag, 1}, now);
}

Result<store::Subscription> AddSubscription(const Platform& platform, const store::Account& account,
                                            std::string_view key, std::string_view type,
                                            const std::optional<std::string>& value, bool active) {
  if (!IsSubscriptionType(type))
    return Fail(ErrorKind::kInvalidInput, Format("subscription type '{}' is not known", type));
  if (key.empty()) return Fail(ErrorKind::kInvalidInput, "subscription_key is missing");
  const std::int64_t now = platform.Now();
  store::Subscription wanted = NewSubscription(account, key, type, now);
  wanted.value = value;
  wanted.active = active;
  return platform.database.Write([&](store::Session& session) -> Result<store::Subscription> {
    HF_TRY(const std::size_t inserted, store::InsertSubscriptions(session, {&wanted, 1}));
    if (inserted == 0)
      return Fail(ErrorKind::kConflict, Format("there is a subscription of type {} for {} already", type, key));
    HF_TRY(auto stored, store::FindSubscription(session, account.id, wanted.subscription_id));
    if (!stored) return Fail(ErrorKind::kUnavailable, "a subscription vanished while it was made");
    return *std::move(stored);
  });
}

Result<std::vector<store::Subscription>> ListSubscriptions(const Platform& platform, const store::Account& account,
                                                           std::string_view key, std::string_view type) {
  if (!type.empty() && !IsSubscriptionType(type))
    return Fail(ErrorKind::kInvalidInput, Format("subscription type '{}' is not known", type));
  return platform.database.Read(
      [&](store::Session& session) { return store::ListSubscriptions(session, account.id, key, type); });
}

Result<std::optional<store::Subscription>> FindSubscription(const Platform& platform, const store::Account& account,
                                                            std::string_view id) {
  return platform.database.Read(
      [&](store::Session& session) { return store::FindSubscription(session, account.id, id); });
}

Result<store::Subscription> ChangeSubscription(const Platform& platform, const store::Account& account,
                                               std::string_view id, const SubscriptionChange& change) {
  return platform.database.Write([&](store::Session& session) -> Result<store::Subscription> {
    HF_TRY(auto found, store::FindSubscription(session, account.id, id));
    if (!found) return Fail(ErrorKind::kNotFound, Format("no subscription has the id {}", id));
    std::optional<std::string> value = change.value ? change.value : found->value;
    if (change.clear_value) value.reset();
    HF_CHECK_OK(
        store::UpdateSubscription(session, found->id, change.active.value_or(found->active), value, platform.Now()));
    HF_TRY(found, store::FindSubscription(session, account.id, id));
    if (!found) return Fail(ErrorKind::kNotFound, Format("no subscription has the id {}", id));
    return *std::move(found);
  });
}

Result<void> RemoveSubscription(const Platform& platform, const store::Account& account, std::string_view id) {
  return platform.database.Write(
      [&](store::Session& session) { return store::DeleteSubscription(session, account.id, id); });
}

}  // namespace holdfast::service
