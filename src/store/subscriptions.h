// Subscriptions: what an account wants to be told about, and what its watcher saw last.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

struct Subscription {
  std::int64_t id = 0, account_id = 0;
  std::string subscription_id;  // hash of account, key and type
  std::string key;              // a full tag; of repo_update "registry/repository"
  std::string type;             // policy_eval, tag_update, vuln_update, analysis_update, repo_update
  std::optional<std::string> value;
  bool active = false;
  std::int64_t due_at = 0;
  std::optional<std::string> state;  // of the watcher
  std::int64_t created_at = 0, updated_at = 0;
};

// How many were not there already; the others stay as they are.
[[nodiscard]] Result<std::size_t> InsertSubscriptions(Session& session, std::span<const Subscription> subscriptions);
[[nodiscard]] Result<std::optional<Subscription>> FindSubscription(Session& session, std::int64_t account_id,
                                                                   std::string_view subscription_id);
[[nodiscard]] Result<std::optional<Subscription>> FindSubscriptionByRow(Session& session, std::int64_t id);
// Exact matches; empty: any.
[[nodiscard]] Result<std::vector<Subscription>> ListSubscriptions(Session& session, std::int64_t account_id,
                                                                  std::string_view key, std::string_view type);
struct SubscriptionKey {
  std::int64_t account_id = 0;
  std::string key;
  friend auto operator<=>(const SubscriptionKey&, const SubscriptionKey&) = default;
};
// Of all types, in no order. Requires: no two keys are the same.
[[nodiscard]] Result<std::vector<Subscription>> ListSubscriptionsOfKeys(Session& session,
                                                                        std::span<const SubscriptionKey> wanted);
// Changes active and value; activation makes it due at once.
[[nodiscard]] Result<void> UpdateSubscription(Session& session, std::int64_t id, bool active,
                                              const std::optional<std::string>& value, std::int64_t now);
[[nodiscard]] Result<void> SetSubscriptionState(Session& session, std::int64_t id,
                                                const std::optional<std::string>& state, std::int64_t due_at);
[[nodiscard]] Result<void> DeleteSubscription(Session& session, std::int64_t account_id,
                                              std::string_view subscription_id);
[[nodiscard]] Result<void> DeleteSubscriptionsOf(Session& session, std::int64_t account_id);
// Takes up to `count` active subscriptions of enabled accounts that are due, and makes them due again at `next`.
[[nodiscard]] Result<std::vector<Subscription>> TakeDueSubscriptions(Session& session, std::string_view type,
                                                                     std::int64_t now, std::int64_t next,
                                                                     std::int64_t count);
// Active subscriptions of that type that are due later than `later` become due now, when an analysed image that has, or
// had, their tag holds one of the package contexts; how many it were. Costs next to nothing when none is due later.
[[nodiscard]] Result<std::int64_t> HastenSubscriptions(Session& session, std::string_view type,
                                                       std::span<const std::int64_t> contexts, std::int64_t now,
                                                       std::int64_t later);

}  // namespace holdfast::store
