#include "store/subscriptions.h"

#include "store/codec.h"

namespace holdfast::store {
namespace {

Subscription ToSubscription(const Row& row) {
  return {.id = row[0].Integer(),
          .account_id = row[1].Integer(),
          .subscription_id = row[2].Text(),
          .key = row[3].Text(),
          .type = row[4].Text(),
          .value = row[5].OptionalText(),
          .active = row[6].Bool(),
          .due_at = row[7].Integer(),
          .state = row[8].OptionalText(),
          .created_at = row[9].Integer(),
          .updated_at = row[10].Integer()};
}

Result<std::vector<Subscription>> Load(Session& session, const Statement& statement, const Parameters& parameters) {
  HF_TRY(const auto rows, session.Run(statement, parameters));
  std::vector<Subscription> subscriptions;
  for (const Row& row : rows) subscriptions.push_back(ToSubscription(row));
  return subscriptions;
}

Result<std::optional<Subscription>> LoadOne(Session& session, const Statement& statement,
                                            const Parameters& parameters) {
  HF_TRY(auto found, Load(session, statement, parameters));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

Result<std::size_t> InsertSubscriptions(Session& session, std::span<const Subscription> subscriptions) {
  static constexpr SetStatement kInsert{
      "subscription.insert",
      "INSERT INTO subscriptions (account_id, subscription_id, key, type, value, active, due_at, state, created_at, "
      "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
      "INSERT INTO subscriptions (account_id, subscription_id, key, type, value, active, due_at, state, created_at, "
      "updated_at) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], "
      "$7::bigint[], $8::text[], $9::bigint[], $10::bigint[]) ON CONFLICT DO NOTHING"};
  std::vector<Parameters> sets;
  sets.reserve(subscriptions.size());
  for (const Subscription& one : subscriptions)
    sets.push_back({one.account_id, one.subscription_id, one.key, one.type, FromOptional(one.value),
                    FromBool(one.active), one.due_at, FromOptional(one.state), one.created_at, one.updated_at});
  HF_TRY(const auto inserted, session.RunSet(kInsert, sets));
  return static_cast<std::size_t>(inserted.changed);
}

Result<std::optional<Subscription>> FindSubscription(Session& session, std::int64_t account_id,
                                                     std::string_view subscription_id) {
  static constexpr Statement kFind{
      "subscription.find",
      "SELECT id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at "
      "FROM subscriptions WHERE account_id = $1 AND subscription_id = $2"};
  return LoadOne(session, kFind, {account_id, std::string(subscription_id)});
}

Result<std::optional<Subscription>> FindSubscriptionByRow(Session& session, std::int64_t id) {
  static constexpr Statement kFind{
      "subscription.find_by_row",
      "SELECT id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at "
      "FROM subscriptions WHERE id = $1"};
  return LoadOne(session, kFind, {id});
}

Result<std::vector<Subscription>> ListSubscriptions(Session& session, std::int64_t account_id, std::string_view key,
                                                    std::string_view type) {
  static constexpr Statement kList{
      "subscription.list",
      "SELECT id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at "
      "FROM subscriptions WHERE account_id = $1 AND ($2 = '' OR type = $2) ORDER BY key, type"};
  static constexpr Statement kListOfKey{
      "subscription.list_of_key",
      "SELECT id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at "
      "FROM subscriptions WHERE account_id = $1 AND key = $2 AND ($3 = '' OR type = $3) ORDER BY type"};
  if (key.empty()) return Load(session, kList, {account_id, std::string(type)});
  return Load(session, kListOfKey, {account_id, std::string(key), std::string(type)});
}

Result<std::vector<Subscription>> ListSubscriptionsOfKeys(Session& session, std::span<const SubscriptionKey> wanted) {
  static constexpr SetStatement kList{
      "subscription.list_of_keys",
      "SELECT id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at "
      "FROM subscriptions WHERE account_id = $1 AND key = $2",
      "SELECT s.id, s.account_id, s.subscription_id, s.key, s.type, s.value, s.active, s.due_at, s.state, "
      "s.created_at, s.updated_at FROM subscriptions AS s JOIN unnest($1::bigint[], $2::text[]) "
      "AS wanted (account, key) ON s.account_id = wanted.account AND s.key = wanted.key"};
  std::vector<Parameters> rows;
  rows.reserve(wanted.size());
  for (const auto& [account_id, key] : wanted) rows.push_back({account_id, key});
  HF_TRY(const auto found, session.RunSet(kList, rows));
  std::vector<Subscription> subscriptions;
  for (const Row& row : found) subscriptions.push_back(ToSubscription(row));
  return subscriptions;
}

Result<void> UpdateSubscription(Session& session, std::int64_t id, bool active, const std::optional<std::string>& value,
                                std::int64_t now) {
  static constexpr Statement kUpdate{
      "subscription.update",
      "UPDATE subscriptions SET due_at = CASE WHEN $2 = 1 AND active = 0 THEN $4 ELSE due_at END, active = $2, "
      "value = $3, updated_at = $4 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kUpdate, {id, FromBool(active), FromOptional(value), now}));
  return {};
}

Result<void> SetSubscriptionState(Session& session, std::int64_t id, const std::optional<std::string>& state,
                                  std::int64_t due_at) {
  static constexpr Statement kSet{"subscription.set_state",
                                  "UPDATE subscriptions SET state = $2, due_at = $3 WHERE id = $1"};
  HF_CHECK_OK(session.Run(kSet, {id, FromOptional(state), due_at}));
  return {};
}

Result<void> DeleteSubscription(Session& session, std::int64_t account_id, std::string_view subscription_id) {
  static constexpr Statement kDelete{"subscription.delete",
                                     "DELETE FROM subscriptions WHERE account_id = $1 AND subscription_id = $2"};
  HF_CHECK_OK(session.Run(kDelete, {account_id, std::string(subscription_id)}));
  return {};
}

Result<void> DeleteSubscriptionsOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"subscription.delete_of_account",
                                     "DELETE FROM subscriptions WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

Result<std::vector<Subscription>> TakeDueSubscriptions(Session& session, std::string_view type, std::int64_t now,
                                                       std::int64_t next, std::int64_t count) {
  static constexpr Statement kTake{
      "subscription.take_due",
      "WITH picked (picked_id) AS MATERIALIZED (SELECT s.id FROM subscriptions AS s WHERE s.type = $1 "
      "AND s.active = 1 AND s.due_at <= $2 AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = s.account_id "
      "AND a.state = 'enabled') ORDER BY s.due_at LIMIT $4 @SKIP_LOCKED) "
      "UPDATE subscriptions SET due_at = $3 FROM picked WHERE id = picked_id "
      "RETURNING id, account_id, subscription_id, key, type, value, active, due_at, state, created_at, updated_at"};
  return Load(session, kTake, {std::string(type), now, next, count});
}

Result<std::int64_t> HastenSubscriptions(Session& session, std::string_view type,
                                         std::span<const std::int64_t> contexts, std::int64_t now, std::int64_t later) {
  static constexpr Statement kAny{"subscription.find_later",
                                  "SELECT 1 FROM subscriptions WHERE type = $1 AND active = 1 AND due_at > $2 LIMIT 1"};
  static constexpr Statement kHasten{
      "subscription.hasten",
      "WITH told (told_id) AS MATERIALIZED (SELECT DISTINCT s.id FROM (@INTS($2)) AS changed "
      "JOIN set_contexts AS m ON m.context_id = changed.value JOIN analysis_sets AS p ON p.set_id = m.set_id "
      "JOIN images AS i ON i.analysis_id = p.analysis_id AND i.analysis_status = 2 "
      "JOIN image_tags AS t ON t.image_row = i.id JOIN subscriptions AS s ON s.account_id = t.account_id "
      "AND s.key = t.registry || '/' || t.repository || ':' || t.tag AND s.type = $1 AND s.active = 1 "
      "AND s.due_at > $4) UPDATE subscriptions SET due_at = $3 FROM told WHERE id = told_id AND due_at > $4"};
  HF_TRY(const auto any, session.Run(kAny, {std::string(type), later}));
  if (any.Empty() || contexts.empty()) return 0;
  HF_TRY(const auto rows,
         session.Run(kHasten,
                     {std::string(type), std::vector<std::int64_t>(contexts.begin(), contexts.end()), now, later}));
  return static_cast<std::int64_t>(rows.changed);
}

}  // namespace holdfast::store
