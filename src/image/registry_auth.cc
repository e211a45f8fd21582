#include "image/registry_auth.h"

#include <algorithm>
#include <optional>

#include "base/base64.h"
#include "base/format.h"
#include "http/redirect.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

constexpr std::uint64_t kTokenBytesMax = 1024 * 1024;
constexpr std::string_view kClientId = "holdfast";

std::string BasicHeader(const Credential& credential) {
  return "Basic " + EncodeBase64(credential.username + ":" + credential.password);
}

// May this realm be asked for a token, on behalf of this registry?
Result<void> CheckRealm(const http::Url& realm, const http::Url& registry, const http::AddressPolicy& addresses) {
  if (const auto checked = http::CheckHost(realm.host, addresses); !checked)
    return std::unexpected(checked.error().In(Format("the token service that {} names", registry.host)));
  if (realm.scheme != "https" && registry.scheme == "https")
    return Fail(ErrorKind::kDenied,
                Format("{} wants a token over plain http from {}: refused", registry.host, realm.host));
  return {};
}

}  // namespace

Result<void> RegistryAuth::AnswerBasic(const http::Url& registry) {
  if (credential_.username.empty() && credential_.password.empty())
    return Fail(ErrorKind::kDenied, Format("{} needs a user name and password", registry.host));
  std::string header = BasicHeader(credential_);
  if (header == header_) return Fail(ErrorKind::kDenied, Format("{} refuses the credentials", registry.host));
  header_ = std::move(header);
  return {};
}

Result<std::string> RegistryAuth::FetchToken(const http::Challenge& challenge, const http::Url& realm,
                                             bool with_credential, const TokenRoute& route) {
  const std::string service(challenge.Parameter("service"));
  std::string scope(challenge.Parameter("scope"));
  if (scope.empty() && !path_.empty()) scope = Format("repository:{}:pull", path_);
  std::string query = scope.empty() ? "" : "scope=" + http::EncodeQueryValue(scope);
  if (!service.empty()) query = "service=" + http::EncodeQueryValue(service) + (query.empty() ? "" : "&") + query;
  http::Request request{.url = realm.Text(), .accept_gzip = true, .tls = route.tls, .addresses = route.addresses};
  if (with_credential && !credential_.identity_token.empty()) {
    request.method = "POST";
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.body = Format("grant_type=refresh_token&client_id={}&{}&refresh_token={}", kClientId, query,
                          http::EncodeQueryValue(credential_.identity_token));
  } else {
    request.url += (realm.path.find('?') == std::string::npos ? "?" : "&") + query;
    if (with_credential && !credential_.Empty()) request.headers.Add("Authorization", BasicHeader(credential_));
  }
  HF_TRY(auto response, http::SendFollowing(client_, std::move(request)));
  if (response.status == 401 || response.status == 403)
    return Fail(ErrorKind::kDenied, Format("the token service {} refuses {}", realm.host,
                                           credential_.Empty() ? "without credentials" : "the credentials"));
  if (response.status != 200) {
    const bool later = response.status == 429 || response.status >= 500;
    if (later) retry_after_ = response.headers.Find("Retry-After").value_or("");
    return Fail(later ? ErrorKind::kUnavailable : ErrorKind::kDenied,
                Format("the token service {} answers {}", realm.host, response.status));
  }
  HF_TRY(const std::string text, response.body->ReadText(kTokenBytesMax));
  HF_TRY(const io::JsonDocument document, io::JsonDocument::Parse(text));
  std::string token(document.Root()["token"].StringOr(""));
  if (token.empty()) token = document.Root()["access_token"].StringOr("");
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (token.empty() || !std::ranges::all_of(token, printable))
    return Fail(ErrorKind::kCorrupt, Format("the token service {} gives no usable token", realm.host));
  return token;
}

Result<void> RegistryAuth::AnswerBearer(const http::Challenge& challenge, const http::Url& registry,
                                        const TokenRoute& route) {
  HF_TRY_IN(Format("{} names a token service", registry.host), const http::Url realm,
            http::Url::Parse(challenge.Parameter("realm")));
  HF_CHECK_OK(CheckRealm(realm, registry, route.addresses));
  const bool same_host = realm.host == registry.host;
  const bool with_credential = realm.scheme == "https" || same_host;
  TokenRoute token_route = route;
  if (!same_host) {
    token_route.tls.verify = true;
    token_route.tls.client_certificate_file.clear();
    token_route.tls.client_key_file.clear();
  }
  HF_TRY_IN("asking for a token", const std::string token, FetchToken(challenge, realm, with_credential, token_route));
  header_ = "Bearer " + token;
  return {};
}

Result<void> RegistryAuth::Answer(const http::Response& response, const http::Url& registry,
                                  const http::TlsOptions& tls) {
  retry_after_.clear();
  std::optional<http::Challenge> basic, bearer;
  for (const std::string_view value : response.headers.FindAll("WWW-Authenticate")) {
    for (http::Challenge& challenge : http::ParseChallenges(value)) {
      if (challenge.scheme == "basic" && !basic) basic = challenge;
      if (challenge.scheme == "bearer" && !bearer) bearer = challenge;
    }
  }
  if (bearer) return AnswerBearer(*bearer, registry, {tls, http::AddressPolicy().AtMost(response.peer)});
  if (basic) return AnswerBasic(registry);
  return Fail(ErrorKind::kDenied, Format("{} denies access, and does not say what it wants instead", registry.host));
}

}  // namespace holdfast::image
