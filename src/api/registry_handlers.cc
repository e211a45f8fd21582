#include "api/registry_handlers.h"

#include <algorithm>

#include "api/call_account.h"
#include "api/error_response.h"
#include "base/clock.h"
#include "base/format.h"
#include "crypto/secret.h"
#include "service/registries.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

http::ServerResponse RegistriesResponse(const std::vector<store::Registry>& registries, std::string_view account) {
  JsonWriter writer;
  writer.BeginArray();
  for (const store::Registry& registry : registries) {
    writer.BeginObject()
        .Field("registry", registry.registry)
        .Field("registry_name", registry.name)
        .Field("registry_type", registry.type)
        .Field("registry_user", registry.username)
        .Key("registry_verify")
        .Bool(registry.verify)
        .Field("userId", account)
        .Field("created_at", FormatTime(registry.created_at))
        .Field("last_updated", FormatTime(registry.updated_at))
        .EndObject();
  }
  writer.EndArray();
  return JsonResponse(writer.Take());
}

store::Registry ReadRegistry(io::JsonView body, std::int64_t account_id) {
  return {.account_id = account_id,
          .registry = std::string(body["registry"].StringOr("")),
          .name = std::string(body["registry_name"].StringOr("")),
          .type = std::string(body["registry_type"].StringOr("docker_v2")),
          .username = std::string(body["registry_user"].StringOr("")),
          .secret = std::string(body["registry_pass"].StringOr("")),
          .verify = body["registry_verify"].Bool().value_or(true)};
}

// What clients are told where the service layer refuses a record: 409 for names that are no names of registries, 406
// for credentials that a cloud would have to make.
http::ServerResponse Refused(const Error& error, int status) {
  return ErrorResponse({.status = status, .message = error.Message()});
}

// Logs in at the registry as the record says. A name with a path ("host/team*") stands for its host.
Result<void> LogIn(Services& services, const store::Registry& registry) {
  const std::string_view name = registry.registry;
  const std::string_view host = name.substr(0, std::min(name.find('/'), name.size()));
  if (host.contains('*'))
    return Fail(ErrorKind::kUnsupported,
                Format("'{}' names no one host to log in at: send validate=false to store it unchecked", name));
  service::RegistryLogin login{.verify = registry.verify};
  login.credential.username = registry.username;
  login.credential.password = registry.secret;
  auto answer = services.registries.Ping(host, login);
  crypto::WipeText(login.credential.password);
  return answer;
}

}  // namespace

Result<http::ServerResponse> ListRegistries(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto registries, service::ListRegistries(context.Use().platform, account.id));
  return RegistriesResponse(registries, account.name);
}

Result<http::ServerResponse> AddRegistry(Context& context, const Call& call) {
  Services& services = context.Use();
  HF_TRY(const auto account, AccountOf(context, call));
  store::Registry registry = ReadRegistry(call.body, account.id);
  if (auto fits = service::CheckRegistry(registry); !fits) {
    if (fits.error().Kind() == ErrorKind::kUnsupported) return Refused(fits.error(), 406);
    const bool is_no_name = registry.registry.contains("://") || registry.registry.ends_with('/');
    return Refused(fits.error(), is_no_name ? 409 : 400);
  }
  if (const auto present = service::GetRegistry(services.platform, account.id, registry.registry))
    return ErrorResponse({.status = 500, .message = Format("registry '{}' already exists", registry.registry)});
  else if (present.error().Kind() != ErrorKind::kNotFound)
    return std::unexpected(present.error());
  if (call.params.Bool("validate", true))
    if (const auto answer = LogIn(services, registry); !answer) return Refused(answer.error(), 406);
  const auto stored = service::AddRegistry(services.platform, std::move(registry));
  // Somebody else was faster; clients know 500 for what exists.
  if (!stored && stored.error().Kind() == ErrorKind::kConflict) return Refused(stored.error(), 500);
  if (!stored) return std::unexpected(stored.error());
  return RegistriesResponse({*stored}, account.name);
}

Result<http::ServerResponse> GetRegistry(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto registry, service::GetRegistry(context.Use().platform, account.id, call.params.Text("registry")));
  return RegistriesResponse({registry}, account.name);
}

Result<http::ServerResponse> UpdateRegistry(Context& context, const Call& call) {
  Services& services = context.Use();
  HF_TRY(const auto account, AccountOf(context, call));
  const std::string_view name = call.params.Text("registry");
  HF_CHECK_OK(service::GetRegistry(services.platform, account.id, name));
  store::Registry registry = ReadRegistry(call.body, account.id);
  if (!registry.registry.empty() && registry.registry != name)
    return Fail(ErrorKind::kInvalidInput,
                Format("the path names registry '{}', the body '{}'", name, registry.registry));
  registry.registry = name;
  if (auto fits = service::CheckRegistry(registry); !fits) {
    if (fits.error().Kind() == ErrorKind::kUnsupported) return Refused(fits.error(), 406);
    return std::unexpected(fits.error());
  }
  if (call.params.Bool("validate", true))
    if (const auto answer = LogIn(services, registry); !answer) return Refused(answer.error(), 406);
  HF_TRY(const auto stored, service::ReplaceRegistry(services.platform, std::move(registry)));
  return RegistriesResponse({stored}, account.name);
}

Result<http::ServerResponse> DeleteRegistry(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_CHECK_OK(service::RemoveRegistry(context.Use().platform, account.id, call.params.Text("registry")));
  return EmptyResponse();
}

}  // namespace holdfast::api
