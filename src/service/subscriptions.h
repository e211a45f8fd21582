// Subscriptions as accounts see them; the watchers that serve them are in watchers.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/subscriptions.h"

namespace holdfast::service {

// policy_eval, tag_update, vuln_update, analysis_update; and repo_update.
[[nodiscard]] bool IsSubscriptionType(std::string_view type);

// The id that a subscription has whenever and wherever it is made.
[[nodiscard]] std::string SubscriptionId(std::string_view account, std::string_view key, std::string_view type);

// An active one without a value, due now. Nothing is stored.
[[nodiscard]] store::Subscription NewSubscription(const store::Account& account, std::string_view key,
                                                  std::string_view type, std::int64_t now);

struct TagToWatch {
  store::Account account;
  std::string full_tag;
  bool watch = false;
};
// Makes those of the four subscriptions of each tag that are missing: analysis_update active, tag_update active when
// `watch`, the others not. Within the caller's transaction.
[[nodiscard]] Result<void> EnsureTagSubscriptions(store::Session& session, std::span<const TagToWatch> tags,
                                                  std::int64_t now);
[[nodiscard]] Result<void> EnsureTagSubscriptions(store::Session& session, const store::Account& account,
                                                  std::string_view full_tag, bool watch, std::int64_t now);

// kInvalidInput for an unknown type, kConflict when it exists. Made inactive unless `active`.
[[nodiscard]] Result<store::Subscription> AddSubscription(const Platform& platform, const store::Account& account,
                                                          std::string_view key, std::string_view type,
                                                          const std::optional<std::string>& value, bool active);
[[nodiscard]] Result<std::vector<store::Subscription>> ListSubscriptions(const Platform& platform,
                                                                         const store::Account& account,
                                                                         std::string_view key, std::string_view type);
[[nodiscard]] Result<std::optional<store::Subscription>> FindSubscription(const Platform& platform,
                                                                          const store::Account& account,
                                                                          std::string_view id);
struct SubscriptionChange {
  std::optional<bool> active;        // nothing: as it is
  std::optional<std::string> value;  // nothing: as it is, unless
  bool clear_value = false;          // it should have none
};
// kNotFound.
[[nodiscard]] Result<store::Subscription> ChangeSubscription(const Platform& platform, const store::Account& account,
                                                             std::string_view id, const SubscriptionChange& change);
[[nodiscard]] Result<void> RemoveSubscription(const Platform& platform, const store::Account& account,
                                              std::string_view id);

}  // namespace holdfast::service
