#include "store/policies.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/codec.h"

namespace holdfast::store {
namespace {

Sha256Value ToHash(const Cell& cell) { return ToDigest(cell).value_or(Digest()).Value(); }

Policy ToPolicy(const Row& row) {
  return {.account_id = row[0].Integer(),
          .policy_id = row[1].Text(),
          .active = row[2].Bool(),
          .source = row[3].Text(),
          .document = row[4].Text(),
          .digest = ToHash(row[5]),
          .created_at = row[6].Integer(),
          .updated_at = row[7].Integer()};
}

Result<std::optional<Policy>> FindOne(Session& session, const Statement& statement, const Parameters& parameters) {
  HF_TRY(const auto rows, session.Run(statement, parameters));
  if (rows.Empty()) return std::nullopt;
  return ToPolicy(rows.rows.front());
}

std::vector<Evaluation> ToEvaluations(const Rows& rows) {
  std::vector<Evaluation> evaluations;
  for (const Row& row : rows)
    evaluations.push_back({.id = row[0].Integer(),
                           .account_id = row[1].Integer(),
                           .image_row = row[2].Integer(),
                           .tag = row[3].Text(),
                           .policy_id = row[4].Text(),
                           .final_action = row[5].Text(),
                           .key = ToHash(row[6]),
                           .document = row[7].Bytes(),
                           .created_at = row[8].Integer()});
  return evaluations;
}

}  // namespace

Result<Policy> PutPolicy(Session& session, const Policy& policy, std::int64_t now) {
  static constexpr Statement kPut{
      "policy.put",
      "INSERT INTO policies (account_id, policy_id, active, source, document, digest, created_at, updated_at) "
      "VALUES ($1, $2, 0, $3, $4, $5, $6, $6) ON CONFLICT (account_id, policy_id) DO UPDATE SET source = $3, "
      "document = $4, digest = $5, updated_at = $6 "
      "RETURNING account_id, policy_id, active, source, document, digest, created_at, updated_at"};
  HF_TRY(const auto rows, session.Run(kPut, {policy.account_id, policy.policy_id, policy.source, policy.document,
                                             FromDigest(Digest(policy.digest)), now}));
  return ToPolicy(rows.rows.front());
}

Result<std::optional<Policy>> FindPolicy(Session& session, std::int64_t account_id, std::string_view policy_id) {
  static constexpr Statement kFind{
      "policy.find",
      "SELECT account_id, policy_id, active, source, document, digest, created_at, updated_at FROM policies "
      "WHERE account_id = $1 AND policy_id = $2"};
  return FindOne(session, kFind, {account_id, std::string(policy_id)});
}

Result<std::optional<Policy>> FindActivePolicy(Session& session, std::int64_t account_id) {
  static constexpr Statement kFind{
      "policy.find_active",
      "SELECT account_id, policy_id, active, source, document, digest, created_at, updated_at FROM policies "
      "WHERE account_id = $1 AND active = 1"};
  return FindOne(session, kFind, {account_id});
}

Result<std::vector<Policy>> ListPolicies(Session& session, std::int64_t account_id) {
  static constexpr Statement kList{
      "policy.list",
      "SELECT account_id, policy_id, active, source, document, digest, created_at, updated_at FROM policies "
      "WHERE account_id = $1 ORDER BY created_at, policy_id"};
  HF_TRY(const auto rows, session.Run(kList, {account_id}));
  std::vector<Policy> policies;
  for (const Row& row : rows) policies.push_back(ToPolicy(row));
  return policies;
}

Result<void> ActivatePolicy(Session& session, std::int64_t account_id, std::string_view policy_id, std::int64_t now) {
  // Who activates another one at the same time waits.
  static constexpr Statement kLock{
      "policy.lock_all", "SELECT policy_id FROM policies WHERE account_id = $1 ORDER BY policy_id @FOR_UPDATE"};
  static constexpr Statement kDeactivate{
      "policy.deactivate_others",
      "UPDATE policies SET active = 0, updated_at = $3 WHERE account_id = $1 AND active = 1 AND policy_id <> $2"};
  static constexpr Statement kActivate{
      "policy.activate",
      "UPDATE policies SET active = 1, updated_at = $3 WHERE account_id = $1 AND policy_id = $2 AND active = 0"};
  HF_TRY(const auto all, session.Run(kLock, {account_id}));
  if (std::ranges::none_of(all, [&](const Row& row) { return row[0].Text() == policy_id; }))
    return Fail(ErrorKind::kNotFound, "there is no policy of that id");
  HF_CHECK_OK(session.Run(kDeactivate, {account_id, std::string(policy_id), now}));
  HF_CHECK_OK(session.Run(kActivate, {account_id, std::string(policy_id), now}));
  return {};
}

Result<void> DeletePolicy(Session& session, std::int64_t account_id, std::string_view policy_id) {
  static constexpr std::array kDeletes = {
      Statement{"policy.delete_evaluations", "DELETE FROM evaluations WHERE account_id = $1 AND policy_id = $2"},
      Statement{"policy.delete", "DELETE FROM policies WHERE account_id = $1 AND policy_id = $2"}};
  for (const Statement& statement : kDeletes) HF_CHECK_OK(session.Run(statement, {account_id, std::string(policy_id)}));
  return {};
}

Result<Evaluation> InsertEvaluation(Session& session, Evaluation evaluation) {
  static constexpr Statement kInsert{
      "evaluation.insert",
      "INSERT INTO evaluations (account_id, image_row, tag, policy_id, final_action, key, document, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"};
  HF_TRY(const auto rows,
         session.Run(kInsert, {evaluation.account_id, evaluation.image_row, evaluation.tag, evaluation.policy_id,
                               evaluation.final_action, FromDigest(Digest(evaluation.key)), Blob{evaluation.document},
                               evaluation.created_at}));
  evaluation.id = rows.rows.front()[0].Integer();
  return evaluation;
}

Result<std::vector<Evaluation>> ListEvaluations(Session& session, std::int64_t image_row, std::string_view tag,
                                                std::string_view policy_id, std::int64_t count) {
  static constexpr Statement kList{
      "evaluation.list",
      "SELECT id, account_id, image_row, tag, policy_id, final_action, key, document, created_at FROM evaluations "
      "WHERE image_row = $1 AND tag = $2 AND policy_id = $3 ORDER BY created_at DESC, id DESC LIMIT $4"};
  HF_TRY(const auto rows, session.Run(kList, {image_row, std::string(tag), std::string(policy_id), count}));
  return ToEvaluations(rows);
}

Result<std::vector<Evaluation>> ListEvaluationsOf(Session& session, std::int64_t image_row, std::int64_t count) {
  static constexpr Statement kList{
      "evaluation.list_of_image",
      "SELECT id, account_id, image_row, tag, policy_id, final_action, key, document, created_at FROM evaluations "
      "WHERE image_row = $1 ORDER BY created_at DESC, id DESC LIMIT $2"};
  HF_TRY(const auto rows, session.Run(kList, {image_row, count}));
  return ToEvaluations(rows);
}

Result<void> DeletePoliciesOf(Session& session, std::int64_t account_id) {
  static constexpr std::array kDeletes = {
      Statement{"policy.delete_evaluations_of_account", "DELETE FROM evaluations WHERE account_id = $1"},
      Statement{"policy.delete_of_account", "DELETE FROM policies WHERE account_id = $1"}};
  for (const Statement& statement : kDeletes) HF_CHECK_OK(session.Run(statement, {account_id}));
  return {};
}

}  // namespace holdfast::store
