#include "api/policy_handlers.h"

#include "api/call_account.h"
#include "api/error_response.h"
#include "base/clock.h"
#include "base/format.h"
#include "policy/gates/builtin.h"
#include "policy/policy_spec.h"
#include "service/policies.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

void WritePolicy(JsonWriter& writer, const store::Policy& policy, std::string_view account, bool detail) {
  writer.BeginObject()
      .Field("policyId", policy.policy_id)
      .Key("active")
      .Bool(policy.active)
      .Field("userId", account)
      .Field("policy_source", policy.source)
      .Field("created_at", FormatTime(policy.created_at))
      .Field("last_updated", FormatTime(policy.updated_at))
      .Key("policybundle");
  if (detail)
    writer.Raw(policy.document);
  else
    writer.BeginObject().EndObject();
  writer.EndObject();
}

http::ServerResponse PoliciesResponse(const std::vector<store::Policy>& policies, std::string_view account,
                                      bool detail) {
  JsonWriter writer;
  writer.BeginArray();
  for (const store::Policy& policy : policies) WritePolicy(writer, policy, account, detail);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

http::ServerResponse InvalidPolicy(const service::PolicyRefusal& refusal) {
  return ErrorResponse(
      {.status = 400, .message = "the policy bundle is not valid", .more_detail = [&](JsonWriter& writer) {
         writer.Key("validation_details").Raw(refusal.details);
       }});
}

// What clients of this API know as 500, though it is their own doing.
http::ServerResponse Refused(std::string message) {
  return ErrorResponse({.status = 500, .message = std::move(message)});
}

// What a record asks to become: the parameter says it, else the record.
std::optional<bool> WantedActive(const Call& call) {
  if (call.params.Has("active")) return call.params.Bool("active");
  return call.body["active"].Bool();
}

}  // namespace

Result<http::ServerResponse> ListPolicies(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto policies, service::ListPolicies(context.Use().platform, account));
  return PoliciesResponse(policies, account.name, call.params.Bool("detail"));
}

Result<http::ServerResponse> AddPolicy(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  if (const auto refusal = service::CheckPolicy(call.request.body)) return InvalidPolicy(*refusal);
  HF_TRY(const auto policy, service::PutPolicy(context.Use().platform, account, call.request.body));
  JsonWriter writer;
  WritePolicy(writer, policy, account.name, true);
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> GetPolicy(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto policy, service::GetPolicy(context.Use().platform, account, call.params.Text("policyId")));
  return PoliciesResponse({policy}, account.name, call.params.Bool("detail", true));
}

Result<http::ServerResponse> UpdatePolicy(Context& context, const Call& call) {
  const service::Platform& platform = context.Use().platform;
  HF_TRY(const auto account, AccountOf(context, call));
  const std::string_view id = call.params.Text("policyId");
  if (const std::string_view named = call.body["policyId"].StringOr(id); named != id)
    return Refused(Format("the path names policy '{}', the body '{}'", id, named));
  HF_TRY(store::Policy policy, service::GetPolicy(platform, account, id));
  const std::optional<bool> active = WantedActive(call);
  if (policy.active && !active.value_or(true))
    return Refused("an account always has an active policy bundle: activate another one instead");
  if (const io::JsonView bundle = call.body["policybundle"]; !bundle.IsNull()) {
    if (bundle["id"].StringOr("") != id)
      return Fail(ErrorKind::kInvalidInput,
                  Format("the path names policy '{}', the bundle '{}'", id, bundle["id"].StringOr("")));
    JsonWriter writer;
    const std::string document = writer.Copy(bundle).Take();
    if (const auto refusal = service::CheckPolicy(document)) return InvalidPolicy(*refusal);
    HF_TRY(policy, service::PutPolicy(platform, account, document));
  }
  if (active.value_or(false)) {
    HF_TRY(policy, service::SetPolicyActive(platform, account, id, true));
  }
  return PoliciesResponse({policy}, account.name, true);
}

Result<http::ServerResponse> DeletePolicy(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const auto removed = service::RemovePolicy(context.Use().platform, account, call.params.Text("policyId"));
  if (!removed && removed.error().Kind() == ErrorKind::kConflict) return Refused(removed.error().Message());
  HF_CHECK_OK(removed);
  return JsonResponse(R"("deleted")");
}

Result<http::ServerResponse> GetPolicySpec(Context&, const Call&) {
  return JsonResponse(policy::WritePolicySpec(policy::BuiltinTriggers()));
}

}  // namespace holdfast::api
