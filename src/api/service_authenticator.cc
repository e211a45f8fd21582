#include "api/service_authenticator.h"

#include "crypto/token.h"
#include "service/accounts.h"

namespace holdfast::api {
namespace {

Identity ToIdentity(const service::Identity& identity) {
  return {.username = identity.user.username,
          .account = identity.account.name,
          .account_enabled = identity.account.state == "enabled",
          .administers = identity.IsAdmin()};
}

}  // namespace

Result<Identity> ServiceAuthenticator::Authenticate(const Credentials& credentials) {
  if (credentials.kind == CredentialKind::kBasic) {
    HF_TRY(const auto identity,
           services_.logins.Check(credentials.username, crypto::Secret(credentials.password), credentials.peer));
    return ToIdentity(identity);
  }
  if (!services_.settings.oauth) return Fail(ErrorKind::kDenied, "tokens are not in use here");
  HF_TRY(const auto claims,
         crypto::VerifyToken(credentials.token, services_.settings.token_key,
                             {.issuer = std::string(kTokenIssuer), .now = services_.platform.Now() / 1000}));
  HF_TRY(const auto identity, services_.logins.FindByUuid(claims.subject));
  return ToIdentity(identity);
}

}  // namespace holdfast::api
