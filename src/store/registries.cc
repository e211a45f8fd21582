#include "store/registries.h"

#include <algorithm>
#include <cmath>

#include "store/codec.h"

namespace holdfast::store {
namespace {

Registry ToRegistry(const Row& row) {
  return {.account_id = row[0].Integer(),
          .registry = row[1].Text(),
          .name = row[2].Text(),
          .type = row[3].Text(),
          .username = row[4].Text(),
          .secret = row[5].Bytes(),
          .verify = row[6].Bool(),
          .created_at = row[7].Integer(),
          .updated_at = row[8].Integer()};
}

}  // namespace

Result<void> InsertRegistry(Session& session, const Registry& registry) {
  static constexpr Statement kInsert{
      "registry.insert",
      "INSERT INTO registries (account_id, registry, name, type, username, secret, verify, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
  HF_CHECK_OK(session.Run(
      kInsert, {registry.account_id, registry.registry, registry.name, registry.type, registry.username,
                Blob{registry.secret}, FromBool(registry.verify), registry.created_at, registry.updated_at}));
  return {};
}

Result<bool> UpdateRegistry(Session& session, const Registry& registry) {
  static constexpr Statement kUpdate{
      "registry.update",
      "UPDATE registries SET name = $3, type = $4, username = $5, secret = $6, verify = $7, updated_at = $8 "
      "WHERE account_id = $1 AND registry = $2"};
  HF_TRY(const auto rows,
         session.Run(kUpdate, {registry.account_id, registry.registry, registry.name, registry.type, registry.username,
                               Blob{registry.secret}, FromBool(registry.verify), registry.updated_at}));
  return rows.changed == 1;
}

Result<std::optional<Registry>> FindRegistry(Session& session, std::int64_t account_id, std::string_view registry) {
  static constexpr Statement kFind{
      "registry.find",
      "SELECT account_id, registry, name, type, username, secret, verify, created_at, updated_at FROM registries "
      "WHERE account_id = $1 AND registry = $2"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, std::string(registry)}));
  if (rows.Empty()) return std::nullopt;
  return ToRegistry(rows.rows.front());
}

Result<std::vector<Registry>> ListRegistriesOf(Session& session, std::span<const std::int64_t> accounts) {
  static constexpr Statement kList{
      "registry.list",
      "SELECT account_id, registry, name, type, username, secret, verify, created_at, updated_at FROM registries "
      "WHERE account_id IN (@INTS($1)) ORDER BY account_id, registry"};
  HF_TRY(const auto rows, session.Run(kList, {std::vector<std::int64_t>(accounts.begin(), accounts.end())}));
  std::vector<Registry> registries;
  for (const Row& row : rows) registries.push_back(ToRegistry(row));
  return registries;
}

Result<void> DeleteRegistry(Session& session, std::int64_t account_id, std::string_view registry) {
  static constexpr Statement kDelete{"registry.delete",
                                     "DELETE FROM registries WHERE account_id = $1 AND registry = $2"};
  HF_CHECK_OK(session.Run(kDelete, {account_id, std::string(registry)}));
  return {};
}

Result<void> DeleteRegistriesOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"registry.delete_of_account", "DELETE FROM registries WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

Result<std::int64_t> TakeHostToken(Session& session, std::string_view host, const HostBudget& budget,
                                   std::int64_t now) {
  // $2 capacity, $3 tokens a millisecond.
  static constexpr Statement kTake{
      "host_budget.take",
      "INSERT INTO host_budgets AS b (host, tokens, refilled_at, paused_until) "
      "VALUES ($1, CAST($2 AS DOUBLE PRECISION) - 1, $4, 0) ON CONFLICT (host) DO UPDATE SET "
      "tokens = @LEAST($2, b.tokens + @GREATEST(0, $4 - b.refilled_at) * CAST($3 AS DOUBLE PRECISION)) - 1, "
      "refilled_at = @GREATEST(b.refilled_at, $4) WHERE b.paused_until <= $4 AND "
      "@LEAST($2, b.tokens + @GREATEST(0, $4 - b.refilled_at) * CAST($3 AS DOUBLE PRECISION)) >= 1"};
  static constexpr Statement kFind{"host_budget.find",
                                   "SELECT tokens, refilled_at, paused_until FROM host_budgets WHERE host = $1"};
  // A budget of nothing would wait for ever.
  const double capacity = std::max(1.0, budget.capacity);
  const double refill_per_ms = std::max(1e-3, budget.refill_per_second) / 1000;
  HF_TRY(const auto taken, session.Run(kTake, {std::string(host), capacity, refill_per_ms, now}));
  if (taken.changed == 1) return 0;
  HF_TRY(const auto rows, session.Run(kFind, {std::string(host)}));
  if (rows.Empty()) return Fail(ErrorKind::kUnavailable, "a host's budget vanished");
  const Row& row = rows.rows.front();
  if (row[2].Integer() > now) return row[2].Integer() - now;
  const auto elapsed_ms = static_cast<double>(std::max<std::int64_t>(0, now - row[1].Integer()));
  const double tokens = std::min(capacity, row[0].Real() + elapsed_ms * refill_per_ms);
  // A token may have come back between the two statements: then it is worth asking at once.
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil((1 - tokens) / refill_per_ms - 1e-6)));
}

Result<std::int64_t> ChargeHost(Session& session, std::string_view host, const HostBudget& budget,
                                std::int64_t requests, std::int64_t now) {
  // $2 capacity, $3 tokens a millisecond, $5 requests, $6 the deepest debt.
  static constexpr Statement kCharge{
      "host_budget.charge",
      "INSERT INTO host_budgets AS b (host, tokens, refilled_at, paused_until) "
      "VALUES ($1, @GREATEST($6, CAST($2 AS DOUBLE PRECISION) - CAST($5 AS DOUBLE PRECISION)), $4, 0) "
      "ON CONFLICT (host) DO UPDATE SET tokens = @GREATEST($6, @LEAST($2, b.tokens + @GREATEST(0, $4 - b.refilled_at) "
      "* CAST($3 AS DOUBLE PRECISION)) "
      "- CAST($5 AS DOUBLE PRECISION)), refilled_at = @GREATEST(b.refilled_at, $4) RETURNING paused_until"};
  const double capacity = std::max(1.0, budget.capacity);
  const double refill_per_ms = std::max(1e-3, budget.refill_per_second) / 1000;
  HF_TRY(const auto rows, session.Run(kCharge, {std::string(host), capacity, refill_per_ms, now,
                                                static_cast<double>(requests), -capacity}));
  const std::int64_t paused_until = rows.rows.front()[0].Integer();
  return paused_until > now ? paused_until : 0;
}

Result<std::int64_t> FindHostPause(Session& session, std::string_view host) {
  static constexpr Statement kFind{"host_budget.find_pause", "SELECT paused_until FROM host_budgets WHERE host = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {std::string(host)}));
  return rows.Empty() ? 0 : rows.rows.front()[0].Integer();
}

Result<void> PauseHost(Session& session, std::string_view host, std::int64_t until) {
  static constexpr Statement kPause{
      "host_budget.pause",
      "INSERT INTO host_budgets (host, tokens, refilled_at, paused_until) VALUES ($1, 0, $2, $2) ON CONFLICT (host) "
      "DO UPDATE SET tokens = 0, refilled_at = $2, paused_until = $2 WHERE host_budgets.paused_until < $2"};
  HF_CHECK_OK(session.Run(kPause, {std::string(host), until}));
  return {};
}

}  // namespace holdfast::store
