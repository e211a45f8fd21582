#include "api/account_handlers.h"

#include "api/error_response.h"
#include "base/clock.h"
#include "service/accounts.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

constexpr std::string_view kMask = "**********";

void WriteAccount(JsonWriter& writer, const store::Account& account) {
  writer.BeginObject().Field("name", account.name).Field("type", account.type).Field("state", account.state);
  writer.FieldOrNull("email", account.email);
  writer.Field("created_at", FormatTime(account.created_at))
      .Field("last_updated", FormatTime(account.updated_at))
      .EndObject();
}

void WriteUser(JsonWriter& writer, const store::User& user) {
  writer.BeginObject().Field("username", user.username).Field("type", user.type);
  writer.FieldOrNull("source", user.source);
  writer.Field("created_at", FormatTime(user.created_at))
      .Field("last_updated", FormatTime(user.updated_at))
      .EndObject();
}

http::ServerResponse AccountResponse(const store::Account& account) {
  JsonWriter writer;
  WriteAccount(writer, account);
  return JsonResponse(writer.Take());
}

http::ServerResponse UserResponse(const store::User& user) {
  JsonWriter writer;
  WriteUser(writer, user);
  return JsonResponse(writer.Take());
}

http::ServerResponse CredentialsResponse(const store::User& user) {
  JsonWriter writer;
  writer.BeginArray();
  if (user.password_hash)
    writer.BeginObject()
        .Field("type", "password")
        .Field("value", kMask)
        .Field("created_at", FormatTime(user.password_at.value_or(user.created_at)))
        .EndObject();
  writer.EndArray();
  return JsonResponse(writer.Take());
}

http::ServerResponse StateResponse(std::string_view state) {
  JsonWriter writer;
  writer.BeginObject().Field("state", state).EndObject();
  return JsonResponse(writer.Take());
}

// Clients know 400, not 409, for names that are taken.
http::ServerResponse Taken(const Error& error) { return ErrorResponse({.status = 400, .message = error.Message()}); }

// What is remembered of the users of an account ends with what the account was.
void ForgetUsers(Services& services, const std::vector<store::User>& users) {
  for (const store::User& user : users) services.logins.Forget(user.username);
}

Result<http::ServerResponse> SetPassword(Services& services, std::string_view account, std::string_view username,
                                         io::JsonView credential) {
  const auto user = service::ChangePassword(services.platform, account, username,
                                            crypto::Secret(credential["value"].StringOr("")), services.logins.Cost());
  if (!user) return std::unexpected(user.error());
  services.logins.Forget(username);
  return UserResponse(*user);
}

}  // namespace

Result<http::ServerResponse> ListAccounts(Context& context, const Call& call) {
  HF_TRY(const auto accounts, service::ListAccounts(context.Use().platform, call.params.Text("state")));
  JsonWriter writer;
  writer.BeginArray();
  for (const store::Account& account : accounts) WriteAccount(writer, account);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> CreateAccount(Context& context, const Call& call) {
  std::optional<std::string> email;
  if (const auto given = call.body["email"].String()) email = *given;
  const auto account = service::CreateAccount(context.Use().platform, call.body["name"].StringOr(""), email);
  if (account) return AccountResponse(*account);
  if (account.error().Kind() == ErrorKind::kConflict) return Taken(account.error());
  return std::unexpected(account.error());
}

Result<http::ServerResponse> GetAccount(Context& context, const Call& call) {
  HF_TRY(const auto account, service::GetAccount(context.Use().platform, call.params.Text("accountname")));
  return AccountResponse(account);
}

Result<http::ServerResponse> DeleteAccount(Context& context, const Call& call) {
  Services& services = context.Use();
  const std::string_view name = call.params.Text("accountname");
  HF_TRY(const auto users, service::ListUsers(services.platform, name));
  HF_TRY(const auto account, service::StartAccountDeletion(services.platform, name));
  ForgetUsers(services, users);
  return StateResponse(account.state);
}

Result<http::ServerResponse> UpdateAccountState(Context& context, const Call& call) {
  Services& services = context.Use();
  const std::string_view name = call.params.Text("accountname");
  HF_TRY(const auto account, service::ChangeAccountState(services.platform, name, call.body["state"].StringOr("")));
  HF_TRY(const auto users, service::ListUsers(services.platform, name));
  ForgetUsers(services, users);
  return StateResponse(account.state);
}

Result<http::ServerResponse> ListUsers(Context& context, const Call& call) {
  HF_TRY(const auto users, service::ListUsers(context.Use().platform, call.params.Text("accountname")));
  JsonWriter writer;
  writer.BeginArray();
  for (const store::User& user : users) WriteUser(writer, user);
  writer.EndArray();
  return JsonResponse(writer.Take());
}

Result<http::ServerResponse> CreateUser(Context& context, const Call& call) {
  Services& services = context.Use();
  const auto user =
      service::CreateUser(services.platform, call.params.Text("accountname"), call.body["username"].StringOr(""),
                          crypto::Secret(call.body["password"].StringOr("")), services.logins.Cost());
  if (user) return UserResponse(*user);
  if (user.error().Kind() == ErrorKind::kConflict) return Taken(user.error());
  return std::unexpected(user.error());
}

Result<http::ServerResponse> GetAccountUser(Context& context, const Call& call) {
  HF_TRY(const auto user,
         service::GetUser(context.Use().platform, call.params.Text("accountname"), call.params.Text("username")));
  return UserResponse(user);
}

Result<http::ServerResponse> DeleteUser(Context& context, const Call& call) {
  Services& services = context.Use();
  const std::string_view username = call.params.Text("username");
  HF_CHECK_OK(
      service::RemoveUser(services.platform, call.params.Text("accountname"), username, call.identity.username));
  services.logins.Forget(username);
  return EmptyResponse(204);
}

Result<http::ServerResponse> ListUserCredentials(Context& context, const Call& call) {
  HF_TRY(const auto user,
         service::GetUser(context.Use().platform, call.params.Text("accountname"), call.params.Text("username")));
  return CredentialsResponse(user);
}

Result<http::ServerResponse> CreateUserCredential(Context& context, const Call& call) {
  return SetPassword(context.Use(), call.params.Text("accountname"), call.params.Text("username"), call.body);
}

Result<http::ServerResponse> DeleteUserCredential(Context& context, const Call& call) {
  Services& services = context.Use();
  const std::string_view username = call.params.Text("username");
  HF_CHECK_OK(
      service::RemovePassword(services.platform, call.params.Text("accountname"), username, call.identity.username));
  services.logins.Forget(username);
  return EmptyResponse(204);
}

Result<http::ServerResponse> GetOwnAccount(Context& context, const Call& call) {
  HF_TRY(const auto account, service::GetAccount(context.Use().platform, call.identity.account));
  return AccountResponse(account);
}

Result<http::ServerResponse> GetOwnUser(Context& context, const Call& call) {
  HF_TRY(const auto user, service::GetUser(context.Use().platform, call.identity.account, call.identity.username));
  return UserResponse(user);
}

Result<http::ServerResponse> ListOwnCredentials(Context& context, const Call& call) {
  HF_TRY(const auto user, service::GetUser(context.Use().platform, call.identity.account, call.identity.username));
  return CredentialsResponse(user);
}

Result<http::ServerResponse> CreateOwnCredential(Context& context, const Call& call) {
  return SetPassword(context.Use(), call.identity.account, call.identity.username, call.body);
}

}  // namespace holdfast::api
