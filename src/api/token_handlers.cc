#include "api/token_handlers.h"

#include "api/error_response.h"
#include "api/service_authenticator.h"
#include "base/format.h"
#include "crypto/random.h"
#include "crypto/token.h"
#include "service/accounts.h"

namespace holdfast::api {
namespace {

// Refusals as RFC 6749, section 5.2, has them, with the members that all errors of this API have.
struct Refusal {
  int status = 400;
  std::string_view error;  // "invalid_grant"
  std::string_view message;
};

http::ServerResponse Refuse(const Refusal& refusal) {
  io::JsonWriter writer;
  writer.BeginObject().Field("error", refusal.error).Field("error_description", refusal.message);
  writer.Field("message", refusal.message).Key("httpcode").Integer(refusal.status);
  writer.Key("detail").BeginObject().Key("error_codes").BeginArray().EndArray().EndObject().EndObject();
  http::ServerResponse response = JsonResponse(writer.Take(), refusal.status);
  if (refusal.status == 401) response.headers.Add("WWW-Authenticate", R"(basic realm="Authentication required")");
  return response;
}

http::ServerResponse TokenResponse(std::string_view token, std::int64_t life_s) {
  io::JsonWriter writer;
  writer.BeginObject().Field("access_token", token).Field("token_type", "Bearer");
  writer.Key("expires_in").Integer(life_s).Field("token", token).EndObject();
  http::ServerResponse response = JsonResponse(writer.Take());
  response.headers.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<http::ServerResponse> CreateToken(Context& context, const Call& call) {
  Services& services = context.Use();
  const Settings& settings = services.settings;
  if (!settings.oauth) return ErrorResponse({.status = 403, .message = "tokens are not in use here"});
  if (call.params.Text("grant_type") != "password")
    return Refuse({.error = "unsupported_grant_type", .message = "the grant type offered is password"});
  std::string_view username = call.params.Text("username"), password = call.params.Text("password");
  const bool by_header = call.request.body.empty() && call.credentials &&  //
                         call.credentials->kind == CredentialKind::kBasic;
  if (by_header) {
    username = call.credentials->username;
    password = call.credentials->password;
  }
  if (username.empty() || password.empty())
    return Refuse({.error = "invalid_request", .message = "username and password are required"});
  const auto identity = services.logins.Check(username, crypto::Secret(password), call.request.peer);
  if (!identity && identity.error().Kind() == ErrorKind::kDenied)
    return Refuse({.status = by_header ? 401 : 400, .error = "invalid_grant", .message = identity.error().Message()});
  if (!identity) return std::unexpected(identity.error());
  if (identity->account.state != "enabled")
    return Fail(ErrorKind::kDenied, Format("account {} is {}", identity->account.name, identity->account.state));
  const std::int64_t now_s = services.platform.Now() / 1000;
  HF_TRY(const std::string token, crypto::SignToken({.issuer = std::string(kTokenIssuer),
                                                     .subject = identity->user.uuid,
                                                     .id = crypto::Uuid4(),
                                                     .issued_at = now_s,
                                                     .expires_at = now_s + settings.token_life_s},
                                                    settings.token_key));
  return TokenResponse(token, settings.token_life_s);
}

}  // namespace holdfast::api
