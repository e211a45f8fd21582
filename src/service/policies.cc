#include "service/policies.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/elapsed.h"
#include "base/format.h"
#include "base/wire.h"
#include "io/decompress.h"
#include "io/json.h"
#include "io/sha256.h"
#include "policy/bundle.h"
#include "policy/default_bundle.h"
#include "policy/evaluate.h"
#include "policy/gates/builtin.h"
#include "policy/result_document.h"
#include "service/events.h"
#include "service/image_facts.h"
#include "service/platform_observer.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kResultBytesMax = 1 * kGiB;
constexpr std::int64_t kHistoryMax = 1'000;

std::string BundleId(std::string_view document) {
  const auto parsed = io::JsonDocument::Parse(document, {.bytes_max = policy::BundleLimits{}.bytes_max});
  return parsed ? std::string(parsed->Root()["id"].StringOr("")) : std::string();
}

Error NoPolicy(std::string_view id) {
  return Error(ErrorKind::kNotFound, id.empty() ? std::string("the account has no active policy bundle")
                                                : Format("policy bundle '{}' is not known to this account", id));
}

Result<store::Policy> Need(store::Session& session, const store::Account& account, std::string_view id) {
  HF_TRY(auto found,
         id.empty() ? store::FindActivePolicy(session, account.id) : store::FindPolicy(session, account.id, id));
  if (!found) return std::unexpected(NoPolicy(id));
  return *std::move(found);
}

Result<void> RaisePolicyEvent(const Platform& platform, store::Session& session, const store::Account& account,
                              std::string_view type, std::string_view policy_id) {
  return RaiseEvent(platform, session,
                    {.account_id = account.id,
                     .type = std::string(type),
                     .source = "catalog",
                     .resource_type = "policy_bundle",
                     .resource_id = std::string(policy_id),
                     .message = type.ends_with("content_change") ? "The active policy bundle has new content"
                                                                 : "Another policy bundle is active"});
}

// Of all that a verdict says but its time: an unchanged verdict has an unchanged hash.
Sha256Value VerdictKey(const store::Policy& policy, const policy::Evaluation& evaluation) {
  WireWriter writer;
  writer.Raw(policy.digest.bytes).Unsigned(static_cast<std::uint64_t>(evaluation.verdict.action));
  writer.Unsigned(static_cast<std::uint64_t>(evaluation.verdict.reason)).Unsigned(evaluation.rows.size());
  for (const policy::Row& row : evaluation.rows)
    writer.Text(row.rule->id).Text(row.trigger_id).Text(row.message).Bool(row.allowed.has_value());
  return io::Sha256Of(writer.Take());
}

Result<void> StoreVerdict(const Platform& platform, store::Evaluation evaluation) {
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto last,
           store::ListEvaluations(session, evaluation.image_row, evaluation.tag, evaluation.policy_id, 1));
    if (!last.empty() && last.front().key == evaluation.key) return {};
    HF_CHECK_OK(store::InsertEvaluation(session, evaluation));
    return {};
  });
}

Result<StoredVerdict> Evaluate(const Platform& platform, const store::Account& account, const store::Image& image,
                               const EvaluationRequest& request) {
  HF_TRY(const auto policy, GetPolicy(platform, account, request.policy_id));
  HF_TRY(const auto bundle, policy::ParseBundle(policy.document, policy::BuiltinTriggers()));
  HF_TRY(const auto facts, GatherFacts(platform, account, image, request.tag));
  const policy::Evaluation evaluation = policy::Evaluate(*bundle, facts);
  StoredVerdict verdict{.policy_id = policy.policy_id,
                        .final_action = std::string(policy::ActionName(evaluation.verdict.action)),
                        .result = policy::WriteResultDocument(*bundle, facts, evaluation),
                        .document = policy.document,
                        .created_at = platform.Now()};
  if (request.store)
    HF_CHECK_OK(StoreVerdict(platform, {.account_id = account.id,
                                        .image_row = image.row,
                                        .tag = request.tag,
                                        .policy_id = policy.policy_id,
                                        .final_action = verdict.final_action,
                                        .key = VerdictKey(policy, evaluation),
                                        .document = io::CompressZstd(AsBytes(verdict.result)),
                                        .created_at = verdict.created_at}));
  return verdict;
}

}  // namespace

Result<void> InstallInitialPolicies(const Platform& platform, store::Session& session, std::int64_t account_id) {
  const std::int64_t now = platform.Now();
  std::vector<std::string_view> texts(platform.initial_policies.begin(), platform.initial_policies.end());
  if (texts.empty()) texts.push_back(policy::DefaultBundleText());
  for (const std::string_view text : texts)
    HF_CHECK_OK(store::PutPolicy(session,
                                 {.account_id = account_id,
                                  .policy_id = BundleId(text),
                                  .document = std::string(text),
                                  .digest = io::Sha256Of(text)},
                                 now));
  return store::ActivatePolicy(session, account_id, BundleId(texts.front()), now);
}

std::optional<PolicyRefusal> CheckPolicy(std::string_view document) {
  const auto bundle = policy::ParseBundle(document, policy::BuiltinTriggers());
  io::JsonWriter writer;
  if (!bundle) {
    writer.BeginArray()
        .BeginObject()
        .Field("severity", "error")
        .Field("problem_type", "SchemaError")
        .Field("details", bundle.error().Message())
        .EndObject()
        .EndArray();
    return PolicyRefusal{writer.Take()};
  }
  if ((*bundle)->Valid()) return std::nullopt;
  policy::WriteProblems(writer, (*bundle)->problems);
  return PolicyRefusal{writer.Take()};
}

Result<store::Policy> PutPolicy(const Platform& platform, const store::Account& account, std::string_view document) {
  const std::string id = BundleId(document);
  return platform.database.Write([&](store::Session& session) -> Result<store::Policy> {
    HF_TRY(const auto before, store::FindPolicy(session, account.id, id));
    HF_TRY(auto stored, store::PutPolicy(session,
                                         {.account_id = account.id,
                                          .policy_id = id,
                                          .document = std::string(document),
                                          .digest = io::Sha256Of(document)},
                                         platform.Now()));
    if (before && before->active && before->digest != stored.digest)
      HF_CHECK_OK(RaisePolicyEvent(platform, session, account, "user.policy.active.content_change", id));
    return stored;
  });
}

Result<store::Policy> GetPolicy(const Platform& platform, const store::Account& account, std::string_view policy_id) {
  return platform.database.Read([&](store::Session& session) { return Need(session, account, policy_id); });
}

Result<std::vector<store::Policy>> ListPolicies(const Platform& platform, const store::Account& account) {
  return platform.database.Read([&](store::Session& session) { return store::ListPolicies(session, account.id); });
}

Result<store::Policy> SetPolicyActive(const Platform& platform, const store::Account& account,
                                      std::string_view policy_id, bool active) {
  return platform.database.Write([&](store::Session& session) -> Result<store::Policy> {
    HF_TRY(const auto policy, Need(session, account, policy_id));
    if (policy.active == active) return policy;
    if (!active)
      return Fail(ErrorKind::kInvalidInput,
                  "an account always has an active policy bundle: activate another one instead");
    HF_CHECK_OK(store::ActivatePolicy(session, account.id, policy_id, platform.Now()));
    HF_CHECK_OK(RaisePolicyEvent(platform, session, account, "user.policy.active.updated", policy_id));
    return Need(session, account, policy_id);
  });
}

Result<void> RemovePolicy(const Platform& platform, const store::Account& account, std::string_view policy_id) {
  return platform.database.Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto policy, Need(session, account, policy_id));
    if (policy.active) return Fail(ErrorKind::kConflict, "the active policy bundle cannot be deleted");
    return store::DeletePolicy(session, account.id, policy_id);
  });
}

Result<StoredVerdict> EvaluateImage(const Platform& platform, const store::Account& account, const store::Image& image,
                                    const EvaluationRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  auto verdict = Evaluate(platform, account, image, request);
  if (platform.observer != nullptr)
    platform.observer->Evaluated(verdict ? std::string_view(verdict->final_action) : "error", MillisecondsSince(start));
  return verdict;
}

Result<std::vector<StoredVerdict>> ListVerdicts(const Platform& platform, const store::Account& account,
                                                const store::Image& image, const EvaluationRequest& request) {
  HF_TRY(const auto policy, GetPolicy(platform, account, request.policy_id));
  HF_TRY(const auto stored, platform.database.Read([&](store::Session& session) {
    return store::ListEvaluations(session, image.row, request.tag, policy.policy_id, kHistoryMax);
  }));
  std::vector<StoredVerdict> verdicts;
  for (const store::Evaluation& evaluation : stored) {
    HF_TRY(auto result, io::DecompressZstd(AsBytes(evaluation.document), kResultBytesMax));
    verdicts.push_back({.policy_id = evaluation.policy_id,
                        .final_action = evaluation.final_action,
                        .result = std::move(result),
                        .document = policy.document,
                        .created_at = evaluation.created_at});
  }
  return verdicts;
}

}  // namespace holdfast::service
