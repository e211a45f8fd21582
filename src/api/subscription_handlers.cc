#include "api/subscription_handlers.h"

#include <vector>

#include "api/call_account.h"
#include "api/error_response.h"
#include "service/repositories.h"
#include "service/subscriptions.h"

namespace holdfast::api {
namespace {

http::ServerResponse SubscriptionsResponse(const std::vector<store::Subscription>& subscriptions,
                                           std::string_view account) {
  io::JsonWriter writer;
  writer.BeginArray();
  for (const store::Subscription& subscription : subscriptions) {
    writer.BeginObject()
        .Field("subscription_id", subscription.subscription_id)
        .Field("subscription_key", subscription.key)
        .Field("subscription_type", subscription.type)
        .FieldOrNull("subscription_value", subscription.value)
        .Field("userId", account)
        .Key("active")
        .Bool(subscription.active)
        .EndObject();
  }
  writer.EndArray();
  return JsonResponse(writer.Take());
}

std::optional<std::string> OptionalText(io::JsonView view) {
  const auto text = view.String();
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

// Is there a member of that name, null or not?
bool HasMember(io::JsonView object, std::string_view name) {
  for (std::size_t i = 0; i < object.Size(); ++i)
    if (object.KeyAt(i) == name) return true;
  return false;
}

}  // namespace

Result<http::ServerResponse> ListSubscriptions(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto subscriptions,
         service::ListSubscriptions(context.Use().platform, account, call.params.Text("subscription_key"),
                                    call.params.Text("subscription_type")));
  return SubscriptionsResponse(subscriptions, account.name);
}

Result<http::ServerResponse> AddSubscription(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const auto subscription = service::AddSubscription(
      context.Use().platform, account, call.body["subscription_key"].StringOr(""),
      call.body["subscription_type"].StringOr(""), OptionalText(call.body["subscription_value"]), false);
  // Clients know 500 for what exists.
  if (!subscription && subscription.error().Kind() == ErrorKind::kConflict)
    return ErrorResponse({.status = 500, .message = subscription.error().Message()});
  if (!subscription) return std::unexpected(subscription.error());
  return SubscriptionsResponse({*subscription}, account.name);
}

Result<http::ServerResponse> GetSubscription(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto found,
         service::FindSubscription(context.Use().platform, account, call.params.Text("subscriptionId")));
  std::vector<store::Subscription> subscriptions;
  if (found) subscriptions.push_back(*found);
  return SubscriptionsResponse(subscriptions, account.name);
}

Result<http::ServerResponse> UpdateSubscription(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  const io::JsonView value = call.body["subscription_value"];
  HF_TRY(const auto subscription,
         service::ChangeSubscription(context.Use().platform, account, call.params.Text("subscriptionId"),
                                     {.active = call.body["active"].Bool(),
                                      .value = OptionalText(value),
                                      .clear_value = value.IsNull() && HasMember(call.body, "subscription_value")}));
  return SubscriptionsResponse({subscription}, account.name);
}

Result<http::ServerResponse> DeleteSubscription(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_CHECK_OK(service::RemoveSubscription(context.Use().platform, account, call.params.Text("subscriptionId")));
  return EmptyResponse();
}

Result<http::ServerResponse> AddRepository(Context& context, const Call& call) {
  Services& services = context.Use();
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto name, service::ParseImageName(call.params.Text("repository")));
  HF_TRY(const auto login, service::FindLogin(services.platform, account.id, name.registry, name.repository));
  auto tags = services.registries.ListTags(name.reference, login, service::kRepositoryTagsMax);
  if (!tags) return RegistryErrorResponse(tags.error());
  service::RepositoryWatch watch{
      .autosubscribe = call.params.Bool("autosubscribe"), .looked = true, .tags = *std::move(tags)};
  if (const std::string_view tag = call.params.Text("lookuptag"); !tag.empty()) watch.lookup_tag = tag;
  HF_TRY(const auto subscription,
         service::WatchRepository(services.platform, account, name, watch, call.params.Bool("dryrun")));
  return SubscriptionsResponse({subscription}, account.name);
}

}  // namespace holdfast::api
